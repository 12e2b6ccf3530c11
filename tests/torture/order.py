"""Order in the torture: the dispatches of a group, newer requests after older ones, and the speed of all calls."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Final

from relay.approval.groups import Rank, group_of, rank_of
from relay.github.rate_limit import MINUTE_LIMIT
from relay.model.case import Case
from tests.support.chaos.github import Arrival
from tests.support.chaos.order import Sent, is_outlived, overtakes, too_fast
from tests.support.chaos.promises import Violations, name_of
from tests.torture import rules
from tests.torture.attempts import TAKING
from tests.torture.stage import Stage

FAR: Final = float("inf")
_COUNTED: Final = ("counted", "released", "approved-retrying", "approved-refused")


def disorder(stage: Stage, cases: Mapping[str, Case], arrivals: Iterable[Arrival]) -> Violations:
    """Yield every violation. Where clocks jumped, the order of times proves nothing."""
    if not stage.jumped:
        yield from chain(_dispatches(stage, cases, arrivals), _succession(stage, cases))
    if stage.limited:
        yield from too_fast(stage.github.calls, MINUTE_LIMIT)


def _dispatches(stage: Stage, cases: Mapping[str, Case], arrivals: Iterable[Arrival]) -> Violations:
    """Check the dispatches that were taken against the order in which they were owed, group by group."""
    owed_at = _owed_at(stage)
    before: dict[str, list[Sent]] = defaultdict(list)
    for arrival in arrivals:
        case = cases.get(arrival.id)
        debt = next((each for each in case.debts if name_of(each) == arrival.event_type), None) if case else None
        if case is not None and debt is not None and arrival.taken:
            group = before[group_of(case.request, debt.event_type)]
            # A sender looks for earlier dispatches after its own is durable: of two at once, either may be first.
            durable = owed_at.get((arrival.id, arrival.event_type), FAR)
            sent = Sent((debt.since, arrival.id), arrival.clock, durable, durable)
            newest_counts = rules.kind_of(case.request.environment) in rules.SUPERSEDING
            if any(overtakes(newer, sent, newest_counts=newest_counts) for newer in group):
                yield "out of order", f"{arrival} after a newer one"
            # If the suite let time pass before it arrived, its sender may have looked before that, and side by side.
            if newest_counts or not any(0 <= arrival.at - at <= TAKING for at in stage.journal.passed):
                group.append(sent)


def _owed_at(stage: Stage) -> dict[tuple[str, str], float]:
    """Return when each debt was known to be durable, on the machine's clock."""
    owed_at: dict[tuple[str, str], float] = {}
    for note in stage.journal.notes:
        if note.event == "committed":
            for event_type, *_ in note.details[3]:
                owed_at.setdefault((note.details[0], event_type), note.at)
    return owed_at


def _succession(stage: Stage, cases: Mapping[str, Case]) -> Violations:
    """Check each press that counted against the newer requests known when it began."""
    known: dict[str, list[tuple[Rank, float]]] = defaultdict(list)
    groups: dict[str, str] = {}
    registered = {card.id: card.known_at for card in stage.diary.cards if card.registered}
    for case in cases.values():
        if rules.kind_of(case.request.environment) in rules.SUPERSEDING:
            group = groups[case.request.id] = group_of(case.request, "")
            known[group].append((rank_of(case.request), registered.get(case.request.id, FAR)))
    for answer in stage.diary.answers:
        if answer.code in _COUNTED and answer.id in groups:
            mark = rank_of(cases[answer.id].request)
            if is_outlived(mark, answer.began, known[groups[answer.id]]):
                yield "older one approved", f"{answer} although a newer one was known"
