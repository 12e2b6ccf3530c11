"""The events of a commit: a case before, the case after, and what became true."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pytest

from relay.approval import debts, endings, gates
from relay.approval.events import EVENTS, OF_THE_RELAY, events_of
from relay.approval.judge import opened
from relay.approval.notices import owe_notices
from relay.approval.policy import Policy
from relay.approval.runs import with_run
from relay.model.case import Case, Successor
from relay.model.debts import Debt, Delivered, Outcome, Refused, RetryAfter
from relay.model.events import CaseEvent
from relay.model.runs import Gate, Run, StartedRun
from tests.approval.two_stages import ADA, CASE, GRACE, LIN, NOW, POLICY, RELEASE, REQUEST, RULE, after, press, said
from tests.approval.two_stages import with_stages as under_stages

FRESH: Final = Case(REQUEST, "key")
ASKED: Final = replace(CASE, events=("requested",))
IN_RELEASE: Final = replace(
    CASE, stage="release", reviews=(said(LIN, "qa"),), events=("requested", "reviewed:0", "passed:qa")
)
ONE_MORE: Final = replace(
    IN_RELEASE, reviews=(*IN_RELEASE.reviews, said(ADA, "release")), events=(*IN_RELEASE.events, "reviewed:1")
)
GATED: Final = replace(ASKED, gate=Gate(run_id="7", attempt=1))
UNDOING: Final = replace(ASKED, request=replace(REQUEST, reject_event_type="rejected"))
APPROVED: Final = replace(
    after(press("grace"), case=ONE_MORE).case, events=(*ONE_MORE.events, "reviewed:2", "approved"), version=7
)
REJECTED: Final = replace(after(press("ada", "reject"), case=UNDOING).case, version=7, events=("requested", "rejected"))
MILDER: Final = under_stages(RULE.stages[0], replace(RELEASE, required=1))
ANNOUNCING: Final = replace(RULE, on_request="preview")


def paid(case: Case, outcome: Outcome, *, created_at: int = int(NOW)) -> Case:
    """Return a case after a try of its last dispatch."""
    index = len(case.debts) - 1
    case = replace(case, debts=(*case.debts[:-1], replace(case.debts[-1], created_at=created_at)))
    leased = debts.lease(case, index, holder="me", until=NOW + 9)
    tried = debts.record_outcome(leased, index, "me", outcome, now=NOW, jitter=0.0, nonce="n")
    assert tried is not None
    return tried


def replayed(case: Case, outcome: Outcome) -> Case:
    """Return a refused case after the operator's replay, and another try."""
    return paid(debts.replay(case, len(case.debts) - 1, now=NOW, nonce="n", last=False), outcome)


REFUSED: Final = paid(APPROVED, Refused("no such repository", "x"))
TOLD_OF_REFUSAL: Final = replace(REFUSED, events=(*APPROVED.events, f"undelivered:{len(APPROVED.debts) - 1}"))
RUNNING: Final = with_run(APPROVED, Run("running", 5, "report", "begun", "https://ci.example/1"))


def plain(case: Case) -> Case:
    return replace(case, proof="plain", reviews=(), events=(), status="approved")


TABLE: Final[list[tuple[Case, Callable[[Case], Case], list[str]]]] = [
    (FRESH, lambda case: case, ["requested"]),
    (FRESH, lambda case: opened(case, ANNOUNCING, NOW), ["requested"]),
    (replace(FRESH, request=replace(REQUEST, event_type="")), lambda case: case, []),
    (FRESH, lambda case: after(press("lin"), case=case).case, ["requested", "reviewed", "passed"]),
    (ASKED, lambda case: case, []),
    (ASKED, lambda case: after(press("lin"), case=case).case, ["reviewed", "passed"]),
    (IN_RELEASE, lambda case: after(press("ada"), case=case).case, ["reviewed"]),
    (ONE_MORE, lambda case: after(press("grace"), case=case).case, ["reviewed", "approved"]),
    (ONE_MORE, lambda case: after(press("ada"), case=case, policy=MILDER).case, ["approved"]),
    (ASKED, lambda case: after(press("ada", "reject"), case=case).case, ["reviewed", "rejected"]),
    (IN_RELEASE, lambda case: after(press("ada", "reject"), case=case).case, ["reviewed", "rejected"]),
    (ASKED, lambda case: endings.cancel(case, POLICY, NOW).case, ["cancelled"]),
    (ASKED, lambda case: endings.supersede(case, Successor("r2", "Two"), POLICY, NOW).case, ["superseded"]),
    (ASKED, lambda case: endings.expire(case, POLICY), ["expired"]),
    (GATED, lambda case: endings.expire(case, POLICY), ["expired"]),
    (gates.owe_verdict(replace(GATED, status="expired"), NOW), lambda case: paid(case, Delivered()), []),
    (
        gates.owe_verdict(replace(GATED, status="rejected"), NOW),
        lambda case: paid(case, Delivered()),
        ["delivered"],
    ),
    (APPROVED, lambda case: gates.decided_elsewhere(case, NOW), ["cancelled"]),
    (APPROVED, lambda case: paid(case, Delivered()), ["delivered"]),
    (APPROVED, lambda case: paid(case, RetryAfter("no answer")), []),
    (APPROVED, lambda case: paid(case, Refused("no", "")), ["undelivered"]),
    (APPROVED, lambda case: paid(case, RetryAfter("no answer"), created_at=int(NOW) - 90_000), ["undelivered"]),
    (APPROVED, lambda case: debts.drop(case, len(case.debts) - 1), []),
    (APPROVED, lambda case: debts.cancel(case, len(case.debts) - 1, "a newer one came"), []),
    (TOLD_OF_REFUSAL, lambda case: replayed(case, Delivered()), ["delivered"]),
    (TOLD_OF_REFUSAL, lambda case: replayed(case, Refused("again", "")), []),
    (TOLD_OF_REFUSAL, lambda case: debts.drop(case, len(case.debts) - 1), []),
    (REJECTED, lambda case: paid(case, Delivered()), ["delivered"]),
    (replace(opened(CASE, ANNOUNCING, NOW), version=2), lambda case: paid(case, Delivered()), []),
    (plain(APPROVED), lambda case: paid(case, Delivered()), ["delivered"]),
    (replace(plain(APPROVED), version=0), lambda case: case, []),
    (APPROVED, lambda case: with_run(case, Run("queued", 5, "github")), []),
    (APPROVED, lambda case: with_run(case, Run("running", 5, "report")), ["run_started"]),
    (APPROVED, lambda case: with_run(case, Run("success", 5, "report")), ["run_success"]),
    (RUNNING, lambda case: with_run(case, Run("running", 6, "report", "still")), []),
    (RUNNING, lambda case: with_run(case, Run("success", 6, "report")), ["run_success"]),
    (RUNNING, lambda case: with_run(case, Run("failure", 6, "report")), ["run_failure"]),
    (RUNNING, lambda case: with_run(case, Run("cancelled", 6, "github")), ["run_failure"]),
    # A case of an older form has no keys, and its past is not told.
    (CASE, lambda case: after(press("lin"), case=case).case, ["reviewed", "passed"]),
    (replace(IN_RELEASE, events=()), lambda case: after(press("ada"), case=case).case, ["reviewed"]),
    (replace(ONE_MORE, events=()), lambda case: after(press("grace"), case=case).case, ["reviewed", "approved"]),
    (replace(APPROVED, events=()), lambda case: paid(case, Delivered()), ["delivered"]),
]


@pytest.mark.parametrize(("before", "step", "expected"), TABLE)
def test_a_commit_makes_these_events_true(before: Case, step: Callable[[Case], Case], expected: list[str]) -> None:
    assert expected == names(before, step(before))


def names(before: Case, then: Case, policy: Policy = POLICY) -> list[str]:
    return [event.name for _, event in events_of(before, then, policy, NOW)]


def test_every_event_has_a_row_of_the_table() -> None:
    assert set(EVENTS) - OF_THE_RELAY == {name for _, _, expected in TABLE for name in expected}


def test_several_stages_that_pass_at_once_are_each_told() -> None:
    three = under_stages(*(replace(stage, required=1) for stage in RULE.stages), replace(RELEASE, name="last"))
    case = replace(ASKED, reviews=(said(ADA, "release"),))
    then = after(press("lin"), case=case, policy=three).case
    assert ["reviewed", "passed", "passed"] == names(case, then, three)


def test_a_stage_that_passes_a_second_time_is_told_once() -> None:
    back = replace(IN_RELEASE, stage="qa", reviews=())
    assert ["reviewed"] == names(back, after(press("lin"), case=back).case)


def test_a_request_without_a_rule_passes_no_stage() -> None:
    then = after(press("lin"), case=ASKED).case
    assert ["reviewed"] == names(ASKED, then, replace(POLICY, rules=()))


def test_events_are_numbered_from_the_first_one_of_the_request() -> None:
    then = owe_notices(ONE_MORE, after(press("grace"), case=ONE_MORE).case, POLICY, NOW)
    assert (*ONE_MORE.events, "reviewed:2", "approved") == then.events
    found = events_of(ONE_MORE, then, POLICY, NOW)
    assert [(5, "reviewed", "approved"), (6, "approved", "approved")] == [
        (event.number, event.name, event.status) for _, event in found
    ]


def event(before: Case, then: Case) -> CaseEvent:
    return events_of(before, then, POLICY, NOW)[-1][1]


def test_an_event_says_who_and_why() -> None:
    approved = event(ONE_MORE, after(press("grace", comment="go"), case=ONE_MORE).case)
    assert (GRACE.name, "release", "go") == (approved.by, approved.stage, approved.review and approved.review.comment)
    passed = event(ASKED, after(press("lin"), case=ASKED).case)
    assert ("passed", LIN.name, "qa") == (passed.name, passed.by, passed.stage)
    cancelled = event(ASKED, replace(endings.cancel(ASKED, POLICY, NOW).case, ended_by="key:ci"))
    assert ("cancelled", "key:ci") == (cancelled.name, cancelled.by)
    newer = event(ASKED, endings.supersede(ASKED, Successor("r2", "Two"), POLICY, NOW).case)
    assert ("superseded", "Two") == (newer.name, newer.reason)
    refused = event(APPROVED, REFUSED)
    assert ("undelivered", "no such repository", "refused", 1) == (
        refused.name,
        refused.reason,
        refused.dispatch,
        refused.attempts,
    )
    page = "https://github.com/octo/api/actions/runs/4711"
    taken = event(APPROVED, paid(APPROVED, Delivered(run=StartedRun("4711", page))))
    assert ("delivered", page) == (taken.dispatch, taken.run_url)
    started = event(APPROVED, RUNNING)
    assert ("begun", 5) == (started.reason, started.at)
    assert "octocat" == event(FRESH, FRESH).by


def test_an_ending_of_a_case_without_debts_owes_nothing() -> None:
    cancelled = endings.cancel(ASKED, POLICY, NOW).case
    assert tuple[Debt, ...]() == owe_notices(ASKED, cancelled, POLICY, NOW).debts
