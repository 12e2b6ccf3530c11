"""Stories of runs that redeem an approval or wait for one, of cards in Slack, and of events that are told."""

from itertools import cycle
from typing import Final

from tests.support.chaos.github import Mood
from tests.torture.ground import LEASE
from tests.torture.stage import Stage

_MOODS: Final[tuple[Mood, ...]] = ("takes and cuts", "takes", "fails", "takes")


def redeemed(here: Stage, group: str) -> None:
    card = here.ask(f"again-{group}")
    run = int(here.word()) + 1
    here.press("ada", "approve", card)
    here.redeem(card)
    here.tell(card, "completed", run, "failure")
    here.shift(LEASE)
    here.press("grace", "again", card)
    here.round()
    here.redeem(card)


def shown_in_slack(here: Stage, group: str) -> None:
    card = here.ask(f"told-{group}")
    here.press_in_slack("lin", "approve", card)
    here.round()
    here.press_in_slack("grace", "approve", card)
    here.press("ada", "approve", card)
    here.round()


def told_of_a_rejection(here: Stage, group: str) -> None:
    here.neighbours.slack.plan = cycle(_MOODS).__next__
    here.neighbours.receiver.plan = cycle(_MOODS[2:] + _MOODS[:2]).__next__
    card = here.ask(f"told-{group}")
    here.press("lin", "approve", card)
    here.press_in_slack("octocat", "reject", card)
    here.shift(LEASE)
    here.round()
    here.neighbours.fair()
    here.round()


def gate_opened(here: Stage, group: str) -> None:
    card = here.wait(f"gate-{group}")
    here.press("lin", "approve", card)
    here.github.always("takes and cuts")
    here.press("grace", "approve", card)
    here.github.always("takes")
    here.shift(LEASE)
    here.round()


def gates_in_turn(here: Stage, group: str) -> None:
    first, second = (here.wait(f"gate-{group}") for _ in range(2))
    here.press("ada", "reject", second)
    here.github.always("fails")
    here.press_in_slack("lin", "approve", first)
    here.press("grace", "approve", first)
    here.github.always("takes")
    here.shift(LEASE)
    here.round()


def gate_that_nobody_opens(here: Stage, group: str) -> None:
    card = here.wait(f"gate-{group}")
    here.press("lin", "approve", card)
    here.shift(25 * 3_600)
    here.press("ada", "approve", card)
    here.round()
