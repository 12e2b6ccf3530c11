"""Stories of people's acts, step by step. Each is told many times, with the relay killed at another point each time."""

from collections.abc import Callable
from typing import Final

from tests.support.chaos.github import GONE
from tests.torture import rules
from tests.torture.ground import LEASE
from tests.torture.stage import Stage
from tests.torture.told_stories import (
    gate_opened,
    gate_that_nobody_opens,
    gates_in_turn,
    redeemed,
    shown_in_slack,
    told_of_a_rejection,
)

Story = Callable[[Stage, str], None]
_FAR: Final = 1_000_000  # more points than any story has


def one_stage(here: Stage, group: str) -> None:
    card = here.ask(f"one-{group}")
    here.press(rules.OUTSIDER, "approve", card)
    here.press("ada", "approve", card)
    here.press("grace", "approve", card)
    here.round()


def carried_by_its_card(here: Stage, group: str) -> None:
    card = here.people.carry(here.slot(), f"one-{group}")
    here.press("ada", "approve", card)
    here.press("ada", "reject", card)
    here.round()


def rejected(here: Stage, group: str) -> None:
    card = here.ask(f"one-{group}")
    here.press("grace", "reject", card)
    here.press("ada", "approve", card)
    here.round()


def two_stages(here: Stage, group: str) -> None:
    card = here.ask(f"two-{group}")
    first = card.ticket
    here.press("lin", "approve", card)
    here.press("lin", "approve", card, first)
    here.press("ada", "approve", card)
    here.press("grace", "approve", card)
    here.round()


def rejected_at_the_second_stage(here: Stage, group: str) -> None:
    card = here.people.carry(here.slot(), f"two-{group}")
    here.press("ada", "approve", card)
    here.press("octocat", "reject", card)
    here.round()


def superseded(here: Stage, group: str) -> None:
    older = here.ask(f"new-{group}")
    newer = here.ask(f"new-{group}")
    here.press("ada", "approve", older)
    here.press("ada", "approve", newer)
    here.round()


def superseded_offline(here: Stage, group: str) -> None:
    older = here.people.carry(here.slot(), f"both-{group}")
    here.press("lin", "approve", older)
    here.shift(2)
    newer = here.people.carry(here.slot(), f"both-{group}")
    here.press("lin", "approve", newer)
    for person in ("grace", "octocat"):
        here.press(person, "approve", older)
        here.press(person, "approve", newer)
    here.round()


def cancelled(here: Stage, group: str) -> None:
    card = here.ask(f"both-{group}")
    here.press("lin", "approve", card)
    here.cancel(card)
    here.press("ada", "approve", card)
    here.round()


def paid_late(here: Stage, group: str) -> None:
    here.github.always("fails")
    first, second = (here.ask(f"one-{group}") for _ in range(2))
    here.press("ada", "approve", first)
    here.github.always("takes and cuts")
    here.press("grace", "approve", second)
    here.github.always("takes")
    here.shift(LEASE)
    here.round()


def overtaken(here: Stage, group: str) -> None:
    here.github.always("limits")
    older = here.ask(f"new-{group}")
    here.press("ada", "approve", older)
    here.github.always("takes")
    newer = here.ask(f"new-{group}")
    here.shift(2 * LEASE)
    here.press("grace", "approve", newer)
    here.press("ada", "approve", older)
    here.round()


def overtaken_while_its_payer_is_gone(here: Stage, group: str) -> None:
    older = here.ask(f"new-{group}")
    here.press("ada", "approve", older)
    newer = here.ask(f"new-{group}")
    here.shift(LEASE)
    here.press("grace", "approve", newer)
    here.press("ada", "approve", older)
    here.round()


def refused_by_github(here: Stage, group: str) -> None:
    card = here.ask(f"one-{group}", GONE)
    here.press("ada", "approve", card)
    here.press("ada", "approve", card)
    here.round()


def expired(here: Stage, group: str) -> None:
    card = here.ask(f"two-{group}")
    here.press("lin", "approve", card)
    here.shift(25 * 3_600)
    here.press("ada", "approve", card)
    here.round()


def run_again(here: Stage, group: str) -> None:
    card = here.ask(f"again-{group}")
    first, second = (int(here.word()) + 1 for _ in range(2))
    here.press("ada", "approve", card)
    here.round()
    here.tell(card, "in_progress", first)
    here.tell(card, "completed", first, "failure")
    here.tell(card, "requested", first)
    here.shift(LEASE)
    here.press("grace", "again", card)
    here.press("ada", "again", card)
    here.round()
    here.tell(card, "completed", second, "success")
    here.tell(card, "in_progress", second)
    here.round()


STORIES: Final[tuple[Story, ...]] = (
    run_again,
    redeemed,
    shown_in_slack,
    told_of_a_rejection,
    gate_opened,
    gates_in_turn,
    gate_that_nobody_opens,
    one_stage,
    carried_by_its_card,
    rejected,
    two_stages,
    rejected_at_the_second_stage,
    superseded,
    superseded_offline,
    cancelled,
    paid_late,
    overtaken,
    overtaken_while_its_payer_is_gone,
    refused_by_github,
    expired,
)


def points_of(here: Stage, story: Story) -> int:
    """Tell a story undisturbed, and count the points where its relay could be killed."""
    strike = here.slots[0].levers.strike
    strike.value = _FAR
    story(here, here.word())
    passed = _FAR - strike.value
    strike.value = 0
    here.settle()
    return int(passed)


def strike(here: Stage, story: Story, at: int) -> bool:
    """Tell a story with its first relay killed at the `at`th point, let all settle, and return if it was killed."""
    before, word = here.journal.kills, here.word()
    here.struck_at[word] = f"struck at place {at}"
    here.slots[0].levers.strike.value = at
    story(here, word)
    here.slots[0].levers.strike.value = 0
    here.revive()
    here.shift(LEASE)
    here.settle()
    return here.journal.kills > before
