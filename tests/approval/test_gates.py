"""Verdicts and reports for runs that wait, of cases in every state."""

from dataclasses import replace

import pytest

from relay.approval import gates, judge
from relay.approval.debts import lease, record_outcome
from relay.approval.policy import Policy
from relay.approval.wording import deciding
from relay.model.case import Case
from relay.model.debts import Debt, Delivered, Refused, RetryAfter
from relay.model.people import Actor, Review
from relay.model.request import Status
from relay.model.runs import Gate
from relay.signed.request import read_form

NOW = 1_780_000_000
REQUEST = read_form(
    {"repository": "octo/api", "event_type": gates.GATE, "title": "Deploy main to production", "environment": "e"},
    issued_at=NOW,
    nonce="n" * 22,
    lifetime=60,
)
CASE = Case(REQUEST, "github", gate=Gate("7", 1))
REVIEWS = (
    Review("approve", Actor("entra:t/a", "Ada"), "qa", NOW, "fine\n`x` @octo/all"),
    Review("approve", Actor("entra:t/b", ""), "release", NOW),
    Review("reject", Actor("entra:t/c", "Lin"), "release", NOW, "no"),
)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("approved", ("approved", "Approved by\n- `Ada` (`qa`): `fine 'x' @octo/all`\n- `entra:t/b` (`release`)")),
        ("rejected", ("rejected", "Rejected by\n- `Lin` (`release`): `no`")),
        ("expired", ("rejected", "This request has expired: nobody decided in time.")),
        ("cancelled", ("rejected", "This request was cancelled.")),
        ("superseded", ("rejected", "This request was superseded by a newer one.")),
    ],
)
def test_github_is_told_who_decided_or_why_nobody_did(status: Status, expected: tuple[str, str]) -> None:
    assert expected == gates.verdict(replace(CASE, status=status, reviews=REVIEWS))


def test_a_rejection_without_a_review_is_told_without_one() -> None:
    assert ("rejected", "Rejected.") == gates.verdict(replace(CASE, status="rejected"))


def test_a_long_comment_is_cut_where_github_stops() -> None:
    long = replace(REVIEWS[0], comment="x" * 2_000)
    _, comment = gates.verdict(replace(CASE, status="approved", reviews=(long,)))
    assert (1_024, "\u2026`") == (len(comment), comment[-2:])


@pytest.mark.parametrize("more", range(8))
def test_wherever_it_is_cut_no_word_of_a_person_is_markdown(more: int) -> None:
    words = "[x](https://evil.example) ![y](https://evil.example/y.png) @octo/all ``<b>``"
    first = replace(REVIEWS[0], comment="x" * (950 + more * 8))
    second = replace(REVIEWS[1], by=Actor("entra:t/b", words), comment=words)
    _, comment = gates.verdict(replace(CASE, status="approved", reviews=(first, second)))
    assert 1_024 >= len(comment)
    assert 0 == comment.count("`") % 2
    outside = "".join(comment.split("`")[::2])
    assert not set("[]!@<>") & set(outside)


def test_ten_reports_are_owed_and_no_more() -> None:
    case = CASE
    for number in range(12):
        case = gates.owe_report(case, f"report {number}", NOW)
    assert [f"report {number}" for number in range(10)] == [debt.report for debt in case.debts]
    assert deciding(case.debts) is None


def test_without_a_gate_nothing_is_owed() -> None:
    without = replace(CASE, gate=None)
    assert without == gates.owe_report(without, "x", NOW) == gates.owe_verdict(without, NOW)


def owed(case: Case) -> Case:
    made = gates.owe_verdict(gates.owe_report(case, "x", NOW), NOW)
    return replace(made, debts=tuple(replace(debt, lease="me", row=f"me.{n}") for n, debt in enumerate(made.debts)))


def test_what_was_decided_on_github_leaves_nothing_owed() -> None:
    elsewhere = Refused("nothing waits there for a verdict", "x", elsewhere=True)
    card = Debt("ops", NOW, NOW, kind="card")
    before = owed(replace(CASE, status="approved", debts=(card,)))
    after = record_outcome(before, 2, "me", elsewhere, now=NOW, jitter=0, nonce="n")
    assert after is not None
    assert ("cancelled", "decided on GitHub") == (after.status, after.ended_by)
    assert ["owed", "cancelled", "cancelled"] == [debt.status for debt in after.debts]
    assert "elsewhere" == gates.ending(after, after.status)


def test_a_verdict_whose_answer_was_lost_is_delivered_when_nothing_waits_for_it_any_more() -> None:
    before = owed(replace(CASE, status="approved"))
    lost = RetryAfter("the connection broke", ambiguous=True)
    once = record_outcome(before, 1, "me", lost, now=NOW, jitter=0, nonce="n")
    assert once is not None
    again = lease(once, 1, holder="you", until=NOW + 60)
    elsewhere = Refused("nothing waits there for a verdict", "x", elsewhere=True)
    after = record_outcome(again, 1, "you", elsewhere, now=NOW, jitter=0, nonce="m")
    assert after is not None
    assert ("approved", "delivered", "") == (after.status, after.debts[1].status, after.debts[1].last_error)


def test_what_had_expired_stays_expired() -> None:
    before = owed(replace(CASE, status="expired"))
    elsewhere = Refused("x", "x", elsewhere=True)
    after = record_outcome(before, 1, "me", elsewhere, now=NOW, jitter=0, nonce="n")
    assert after is not None
    assert ("expired", "expired") == (after.status, gates.ending(after, after.status))


def test_a_report_that_github_does_not_take_is_no_work_for_the_operator() -> None:
    after = record_outcome(owed(CASE), 0, "me", Refused("no", "x"), now=NOW, jitter=0, nonce="n")
    assert after is not None
    assert ("cancelled", "", "no") == (after.debts[0].status, after.debts[0].row, after.debts[0].last_error)


def test_a_report_that_was_taken_is_delivered() -> None:
    after = record_outcome(owed(CASE), 0, "me", Delivered(), now=NOW, jitter=0, nonce="n")
    assert after is not None
    assert "delivered" == after.debts[0].status


def test_a_gate_has_no_second_press_for_a_decided_case() -> None:
    ended = gates.decided_elsewhere(CASE, NOW)
    assert ended.decided_at == NOW
    assert judge.Decision("cancelled") == judge.settled_decision(ended, Policy(), NOW)
