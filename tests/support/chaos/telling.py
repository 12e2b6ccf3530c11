"""The promises about channels: a card shows its request as it is, and each event is told once and in its order."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from types import MappingProxyType
from typing import Final

from relay.approval import wording
from relay.dev.simulator.slack_workspace import Message
from relay.model.case import Case
from tests.support.chaos.channels import Heard
from tests.support.chaos.promises import Violations

_HEADLINES: Final = MappingProxyType(
    {
        "pending": "Waiting for approval",
        "approved": "Approved",
        "rejected": "Rejected",
        "superseded": "Superseded",
        "cancelled": "Cancelled",
        "expired": "Expired",
    }
)
_TAKEN: Final = "GitHub has taken"
_DECIDE: Final = frozenset({"approve", "reject"})


def shown_wrongly(case: Case, message: Message | None, *, taken: bool) -> Violations:
    """Yield each untruth on a card of a case. GitHub may have `taken` the last word."""
    what = f"a card of {case.request.id}, which is {case.status}"
    if message is None:
        yield "untrue card", f"{what}, is not there"
        return
    buttons = {
        each["action_id"] for block in message.blocks for each in block.get("elements", []) if "action_id" in each
    }
    if not message.text.startswith(_HEADLINES[case.status]):
        yield "untrue card", f"{what}, says: {message.text}"
    if case.status != "pending" and buttons & _DECIDE:
        yield "untrue card", f"{what}, can be pressed"
    if case.status in ("approved", "rejected") and (_TAKEN in str(message.blocks)) != taken:
        yield "untrue card", f"{what}, tells of GitHub what is not so"


def told_wrongly(case: Case, heard: Sequence[Heard], *, may_repeat: Callable[[Heard], bool]) -> Violations:
    """Check the events of a case at a receiver that hears of all."""
    case_id = case.request.id
    yield from (("event told twice", f"{case_id}: {text}") for text in made_twice(case))
    last: dict[int, Heard] = {}
    for each in heard:
        number = int(each.what.rpartition("_")[2])
        earlier, last[number] = last.get(number), each
        if not (0 < number <= len(case.events) and each.name in case.events[number - 1]):
            yield "event told twice", f"{case_id}: {each} is not among {case.events}"
        elif earlier and not may_repeat(earlier):
            yield "posted again without cause", f"{case_id}: {earlier} and {each}"
    if sorted(last) != [*last]:
        yield "told out of order", f"{case_id}: {[*last]}"
    for number, key in enumerate(case.events, 1):
        if number not in last:
            yield "event never told", f"{case_id}: {key}, number {number}"


def made_twice(case: Case) -> list[str]:
    """Return each difference between the events of a case and those that its state implies."""
    made = Counter(key.rpartition(".")[2].partition(":")[0] for key in case.events)
    ends = ("approved", "rejected", "cancelled", "superseded", "expired")
    dispatch = wording.deciding(case.debts) if case.status in ("approved", "rejected") else None
    released = [
        debt for debt in case.debts if debt.kind == "dispatch" and not debt.decision and debt.status == "delivered"
    ]
    expected = {"requested": 1, **{name: int(name == case.status) for name in ends}}
    expected["delivered"] = len(released) if dispatch else 0
    wrong = [f"{made[name]} times {name}" for name, count in expected.items() if made[name] != count]
    wrong += [f"{made['reviewed']} times reviewed"] if made["reviewed"] < len(case.reviews) else []
    wrong += [f"{key} is made twice" for key, count in Counter(case.events).items() if count > 1]
    return wrong + [f"{key} is not made" for key in case.run_events if key not in case.events]


def posted_wrongly(heard: Iterable[Heard], known: frozenset[str], may_repeat: Callable[[Heard], bool]) -> Violations:
    """Yield each message in a chat that no request knows, although its sender must have known it."""
    for each in heard:
        if each.what not in known and not may_repeat(each):
            yield "posted again without cause", f"{each}"
