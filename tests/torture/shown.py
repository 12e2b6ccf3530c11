"""Truth of what the channels show in the torture: cards in Slack, notices, and events at the receiver."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from relay.approval.wording import deciding
from relay.model.case import Case
from tests.support.chaos.channels import Heard, Slack
from tests.support.chaos.github import GitHub
from tests.support.chaos.neighbours import Neighbours
from tests.support.chaos.promises import Violations, gates_of, name_of
from tests.support.chaos.telling import posted_wrongly, shown_wrongly, told_wrongly
from tests.torture import rules
from tests.torture.attempts import Attempts

_IN_SLACK = (rules.TOLD, rules.GATE)


def is_shown(environment: str) -> bool:
    """Tell whether requests of an environment have cards in Slack, and events that are told."""
    return rules.kind_of(environment) in _IN_SLACK


def cards_of(case: Case, slack: Slack, github: GitHub) -> Violations:
    """Check every card of a case that has settled."""
    last = deciding(case.debts)
    ids, name = {case.request.id, *gates_of({case.request.id: case})}, name_of(last) if last else ""
    taken = any(each.taken and each.id in ids and each.event_type == name for each in github.arrivals)
    cards = [debt.card for debt in case.debts if debt.card and debt.status == "delivered"]
    for card in cards:
        yield from shown_wrongly(case, slack.fake.message(card.place, card.message), taken=taken)
    for channel in {"team", "testers"} - {debt.card.channel for debt in case.debts if debt.card}:
        yield "untrue card", f"{case.request.id} has no card in {channel}"


def channels(cases: Mapping[str, Case], outside: Neighbours, attempts: Attempts, *, jumped: bool) -> Violations:
    """Check all that the channels heard of some cases."""
    heard: dict[str, list[Heard]] = defaultdict(list)
    for each in outside.receiver.heard:
        heard[each.what.rpartition("_")[0]].append(each)
    for case_id, case in cases.items():
        if is_shown(case.request.environment):
            yield from cards_of(case, outside.slack, outside.github)
            may_repeat = _always if jumped else attempts.may_repeat
            yield from told_wrongly(case, heard.pop(case_id, []), may_repeat=may_repeat)
    for case_id in heard:
        yield "event told twice", f"{case_id} is not in the store"
    if not jumped:
        yield from posted_wrongly(outside.slack.heard, frozenset(_known(cases.values())), attempts.may_repeat)


def _known(cases: Iterable[Case]) -> Iterable[str]:
    for case in cases:
        for debt in case.debts:
            message = debt.card or debt.notice
            if message and message.message:
                yield f"{message.place} {message.message}"


def _always(_heard: Heard) -> bool:
    return True
