"""The promises about redemption, verdicts and channels are found broken where they are, and nowhere else."""

from collections import Counter
from dataclasses import replace
from typing import Any, Final

import pytest

from relay.approval.gates import GATE
from relay.dev.simulator.slack_workspace import Message
from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.runs import Gate
from tests.support import road
from tests.support.chaos.channels import Heard
from tests.support.chaos.github import Arrival, gate_of
from tests.support.chaos.promises import Record, gates_of
from tests.support.chaos.redeems import Redeemed, redeemed_wrongly
from tests.support.chaos.telling import posted_wrongly, shown_wrongly, told_wrongly
from tests.torture import rules

CASE: Final = Case(road.offline(issued_at=1_790_000_000), "key", status="expired", events=("requested", "expired"))
ONCE: Final = Heard(1.0, 1, f"{CASE.request.id}_1", answered=True, name="requested")
END: Final = Heard(2.0, 1, f"{CASE.request.id}_2", answered=True, name="expired")


def redeemed(run: str, status: int, winner: str = "", at: float = 0.0) -> Redeemed:
    return Redeemed("r", "deploy-api", run, status, winner, at, at + 1)


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ([redeemed("1", 200, "1"), redeemed("2", 409, "1"), redeemed("1", 200, "1")], []),
        ([redeemed("1", 0), redeemed("2", 409, "1"), redeemed("1", 200, "1", at=5)], []),
        ([redeemed("1", 200, "1"), redeemed("2", 200, "2")], ["redeemed twice"]),
        ([redeemed("1", 200, "1"), redeemed("1", 409, "2", at=5)], ["redeemed and refused", "redeemed and refused"]),
        ([redeemed("1", 409, "2")], ["redeemed and refused", "redeemed and refused"]),
        ([redeemed("1", 401)], ["unexpected"]),
        ([redeemed("1", 410)], []),
    ],
)
def test_of_all_runs_one_redeems_and_wins_each_time(answers: list[Redeemed], found: list[str]) -> None:
    assert found == [rule for rule, _ in redeemed_wrongly(answers, {}, jumped=False)]


def test_an_earlier_release_may_be_refused_once_a_later_one_was_sent() -> None:
    late = [redeemed("1", 200, "1"), redeemed("1", 409, at=5)]
    assert [] == list(redeemed_wrongly(late, {"r": 2}, jumped=False))
    assert [] == list(redeemed_wrongly([redeemed("1", 401)], {}, jumped=True))


def told(*heard: Heard, case: Case = CASE) -> Counter[str]:
    return Counter(rule for rule, _ in told_wrongly(case, heard, may_repeat=lambda each: not each.answered))


def test_each_event_is_told_once_and_in_order() -> None:
    assert not told(ONCE, END)
    assert not told(replace(ONCE, answered=False), ONCE, END)
    assert {"posted again without cause": 1} == told(ONCE, ONCE, END)
    assert {"told out of order": 1} == told(END, ONCE)
    assert {"event never told": 1} == told(ONCE)
    assert {"event told twice": 1} == told(ONCE, END, replace(END, what=f"{CASE.request.id}_3"))


@pytest.mark.parametrize("events", [("requested",), ("requested", "expired", "expired"), ("requested", "approved")])
def test_the_events_are_those_that_the_case_implies(events: tuple[str, ...]) -> None:
    heard = [replace(ONCE, what=f"{CASE.request.id}_{number}", name=name) for number, name in enumerate(events, 1)]
    assert told(*heard, case=replace(CASE, events=events))["event told twice"]


def test_a_message_that_no_request_knows_was_posted_for_a_reason() -> None:
    assert [] == list(posted_wrongly([ONCE], frozenset({ONCE.what}), lambda _: False))
    assert [] == list(posted_wrongly([ONCE], frozenset(), lambda _: True))
    assert 1 == len(list(posted_wrongly([ONCE], frozenset(), lambda _: False)))


BUTTON: Final[dict[str, Any]] = {"type": "actions", "elements": [{"action_id": "approve"}]}
WORDS: Final[dict[str, Any]] = {"type": "section", "text": "GitHub has taken it."}


@pytest.mark.parametrize(
    ("text", "block", "status", "wrong"),
    [
        ("Expired: x", {"type": "header"}, "expired", 0),
        ("Approved: x", {"type": "header"}, "expired", 1),
        ("Expired: x", BUTTON, "expired", 1),
        ("Waiting for approval: x", BUTTON, "pending", 0),
        ("Approved: x", WORDS, "approved", 1),
    ],
)
def test_a_card_shows_its_request_as_it_is(text: str, block: dict[str, Any], status: Any, wrong: int) -> None:
    message = Message("C1", "1", text, [block])
    assert wrong == len(list(shown_wrongly(replace(CASE, status=status), message, taken=False)))


def test_a_card_is_there() -> None:
    assert ["untrue card"] == [rule for rule, _ in shown_wrongly(CASE, None, taken=False)]


@pytest.mark.parametrize(
    ("decisions", "found"),
    [
        (["rejected"], []),
        (["approved"], ["told the other verdict"]),
        ([], ["gate without its verdict"]),
    ],
)
def test_a_run_that_waited_has_the_verdict_of_its_request(decisions: list[str], found: list[str]) -> None:
    request = replace(CASE.request, environment="gate-1", event_type=GATE)
    debts = (Debt(GATE, 0, 0.0, status="delivered", row=""),)
    case = replace(CASE, request=request, gate=Gate("7", 1), debts=debts)
    assert {gate_of("7", "gate-1"): request.id} == gates_of({request.id: case})
    arrivals = [Arrival(1.0, 1.0, 1, "octo/api", GATE, request.id, each, "takes") for each in decisions]
    record = Record(rules.PARSED, {request.id: case}, frozenset(), [request.id], arrivals)
    expected = [*found, *([] if decisions else ["approved and never dispatched"])]
    assert sorted(expected) == sorted(rule for rule, _ in record.violations())
