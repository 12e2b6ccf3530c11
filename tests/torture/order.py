"""Whether everything went in order: the dispatches of a group, newer requests after older ones, and not too fast."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Final

from relay.approval.groups import group_of, mark_of
from relay.github.rate_limit import MINUTE_LIMIT
from relay.model import Case
from relay.outbox.turns import AT_ONCE
from tests.torture import rules
from tests.torture.stage import Stage

if TYPE_CHECKING:
    from tests.torture.people import Answered

FAR: Final = float("inf")
_COUNTED: Final = ("counted", "released", "approved-retrying", "approved-refused")
Found = Iterator[tuple[str, str]]  # a rule, and how it was violated


def disorder(stage: Stage, cases: Mapping[str, Case]) -> Found:
    """Yield every violation. Where clocks jumped the order of times proves nothing."""
    if not stage.jumped:
        yield from chain(_dispatches(stage, cases), _succession(stage, cases))
    if stage.limited:
        yield from _speed(stage)


def _dispatches(stage: Stage, cases: Mapping[str, Case]) -> Found:
    """Hold what was taken against the order in which it came to be owed, group by group.

    Of two that came at once the later may overtake the earlier, if it was the first to be durable; and where the newest
    does not count, whatever was sent in the seconds in which the earlier one was being told of for the first time.
    """
    owed_at = _owed_at(stage)
    sent: dict[str, list[tuple[tuple[float, str], float, float]]] = defaultdict(list)
    for arrival in stage.github.arrivals:
        case = cases.get(arrival.id)
        debt = next((each for each in case.debts if each.event_type == arrival.event_type), None) if case else None
        if case is not None and debt is not None and arrival.taken:
            before = sent[group_of(case.request, debt.event_type)]
            place, durable = (debt.since, arrival.id), owed_at.get((arrival.id, arrival.event_type), FAR)
            patience = 0.0 if rules.kind_of(case.request.environment) in rules.SUPERSEDING else AT_ONCE
            if any(place < other and durable < then and at - debt.since > patience for other, then, at in before):
                yield "out of order", f"{arrival} after a newer one"
            before.append((place, durable, arrival.clock))


def _owed_at(stage: Stage) -> dict[tuple[str, str], float]:
    """Return when each debt was known to be durable, on the machine's clock."""
    owed_at: dict[tuple[str, str], float] = {}
    for said in stage.journal.said:
        if said.what == "committed":
            for event_type, *_ in said.more[3]:
                owed_at.setdefault((said.more[0], event_type), said.at)
    return owed_at


def _succession(stage: Stage, cases: Mapping[str, Case]) -> Found:
    """An older request is not approved by who pressed after a newer one was known."""
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in cases.values():
        if rules.kind_of(case.request.environment) in rules.SUPERSEDING:
            groups[group_of(case.request, "")].append(case)
    registered = {card.id: card.known_at for card in stage.people.cards if card.registered}
    presses: dict[str, list[Answered]] = defaultdict(list)
    for answer in stage.people.answers:
        if answer.code in _COUNTED:
            presses[answer.id].append(answer)
    for group in groups.values():
        known = FAR
        for case in sorted(group, key=lambda case: mark_of(case.request), reverse=True):
            for late in (each for each in presses[case.request.id] if each.began > known):
                yield "older one approved", f"{late} although a newer one was known"
            known = min(known, registered.get(case.request.id, FAR))


def _speed(stage: Stage) -> Found:
    clocks = sorted(arrival.clock for arrival in stage.github.arrivals)
    for first, last in zip(clocks, clocks[MINUTE_LIMIT:], strict=False):
        if last - first < 60:
            yield "over GitHub's limit", f"{MINUTE_LIMIT + 1} calls in {last - first:.1f} s"
