from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.approval import wording
from relay.approval.judge import Decision, DecisionCode
from relay.errors import Code
from relay.model.case import Case
from relay.model.debts import Debt, Delivered, Outcome, Refused, RetryAfter
from relay.signed.request import read_form

NOW = 1_790_000_000
DEBT = Debt("deploy", NOW, NOW)
CASE = Case(
    read_form(
        {"repository": "octo/api", "event_type": "deploy", "title": "배포"}, issued_at=NOW, nonce="n" * 22, lifetime=60
    ),
    "oidc",
)
REFUSED = Refused("it may not write", "grant Contents: write")
LATER = RetryAfter("it answers with error 500")
DELIVERED = replace(DEBT, status="delivered")
OVERTAKEN = replace(DEBT, status="cancelled", last_error="overtaken")
DEAD = replace(DEBT, status="dead", last_error="no answer", cure="replay", row="n.0")


@pytest.mark.parametrize("code", [*get_args(Code), "busy"])
def test_every_refusal_has_its_sentence(code: str) -> None:
    sentence = wording.refusal(code)
    assert sentence.isascii()
    assert sentence.isprintable()
    assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("decision", "outcome", "code"),
    [
        (Decision("approved"), Delivered(), "released"),
        (Decision("approved"), Delivered("renamed"), "released"),
        (Decision("approved"), REFUSED, "approved-refused"),
        (Decision("approved"), LATER, "approved-retrying"),
        (Decision("approved"), None, "approved-retrying"),
        (Decision("rejected"), Delivered(), "rejected"),
        (Decision("rejected"), REFUSED, "rejected"),
        (Decision("counted"), None, "counted"),
        (Decision("expired"), None, "expired"),
    ],
)
def test_an_approval_is_told_as_what_became_of_its_dispatch(
    decision: Decision, outcome: Outcome | None, code: str
) -> None:
    assert code == wording.outcome_code(decision, outcome)


@pytest.mark.parametrize(
    ("decision", "outcome", "debts", "sentence"),
    [
        (Decision("approved"), Delivered(), (DELIVERED,), "Approved. GitHub has taken it."),
        (
            Decision("approved"),
            Refused("decided", "", elsewhere=True),
            (DEBT,),
            "Approved. But it was decided on GitHub before, so nothing was sent.",
        ),
        (
            Decision("approved"),
            REFUSED,
            (DEBT,),
            "Approved. But GitHub refused it: it may not write. The operator can mend this and replay it.",
        ),
        (
            Decision("approved"),
            LATER,
            (DEBT,),
            "Approved. GitHub has not taken it yet (it answers with error 500); the relay keeps trying for a day.",
        ),
        (
            Decision("approved"),
            None,
            (DEBT,),
            "Approved. GitHub has not been told yet; the relay keeps trying for a day.",
        ),
        (Decision("rejected"), None, (), "Rejected. Nothing will be released."),
        (
            Decision("rejected"),
            Delivered(),
            (DELIVERED,),
            "Rejected. Nothing will be released. The event of the rejection: GitHub has taken it.",
        ),
        (
            Decision("rejected"),
            Refused("decided", "", elsewhere=True),
            (DEBT,),
            "Rejected. But it was decided on GitHub before, so nothing was sent.",
        ),
        (Decision("counted", "release", 1), None, (), 'Counted. The stage "release" needs 1 more approval.'),
        (Decision("counted", "release", 2), None, (), 'Counted. The stage "release" needs 2 more approvals.'),
        (Decision("counted", "출시", 1), None, (), "Counted. The stage needs 1 more approval."),
        (Decision("counted", "a\nb", 1), None, (), "Counted. The stage needs 1 more approval."),
        (
            Decision("counted", "release", 2, "qa"),
            None,
            (),
            'Counted. The stage "qa" has passed; the stage "release" is next and needs 2 approvals.',
        ),
        (
            Decision("counted", "출시", 1, "시험"),
            None,
            (),
            "Counted. The stage has passed; the stage is next and needs 1 approval.",
        ),
        (
            Decision("already-counted", "qa", 1),
            None,
            (),
            'Your approval already counts. The stage "qa" needs 1 more approval.',
        ),
        (
            Decision("already-counted", "release", 2, "qa"),
            None,
            (),
            (
                'Your approval already counts for the stage "qa", which has passed. The stage "release" needs 2 more '
                "approvals; if you may give one there too, press again."
            ),
        ),
        (Decision("already-approved"), None, (DELIVERED,), "This was already approved. GitHub has taken it."),
        (
            Decision("already-approved"),
            None,
            (DEBT,),
            "This was already approved. The relay keeps trying to reach GitHub.",
        ),
        (
            Decision("already-approved"),
            None,
            (DEAD, DEBT),
            "This was already approved. GitHub has not taken it; the operator can mend this and replay it.",
        ),
        (
            Decision("already-approved"),
            None,
            (OVERTAKEN,),
            "This was already approved. It was never sent to GitHub: a newer approval of the same came first.",
        ),
        (
            Decision("already-approved"),
            None,
            (replace(DEAD, decision="requested"), DELIVERED),
            "This was already approved. GitHub has taken it.",
        ),
        (
            Decision("rejected"),
            None,
            (replace(DELIVERED, decision="requested"),),
            "Rejected. Nothing will be released.",
        ),
        (Decision("already-rejected"), None, (), "This was already rejected. Nothing else happens."),
        (Decision("superseded"), None, (), "A newer request has taken the place of this one. Nothing else happens."),
        (Decision("cancelled"), None, (), "This request was cancelled. Nothing else happens."),
        (Decision("expired"), None, (), "This request has expired undecided. Ask for a new one."),
    ],
)
def test_each_decision_has_its_sentence(
    decision: Decision, outcome: Outcome | None, debts: tuple[Debt, ...], sentence: str
) -> None:
    assert sentence == wording.sentence(decision, outcome, replace(CASE, debts=debts))


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from(get_args(DecisionCode)),
    st.text(),
    st.integers(1, 9),
    st.text(),
    st.sampled_from([None, Delivered(), REFUSED, LATER]),
    st.sampled_from([(), (DEBT,), (DELIVERED,), (DEAD,)]),
)
def test_whatever_a_stage_is_called_a_sentence_is_printable_ascii(
    code: DecisionCode, stage: str, missing: int, passed: str, outcome: Outcome | None, debts: tuple[Debt, ...]
) -> None:
    sentence = wording.sentence(Decision(code, stage, missing, passed), outcome, replace(CASE, debts=debts))
    assert sentence.isascii()
    assert sentence.isprintable()


def test_a_plain_dispatch_has_its_sentence() -> None:
    assert "Accepted. GitHub has taken it." == wording.plain_sentence(Delivered())
    assert "Accepted. GitHub has not been told yet; the relay keeps trying for a day." == wording.plain_sentence(None)


@pytest.mark.parametrize(
    ("missing", "said"), [(1, "1 more approval in stage 출시"), (3, "3 more approvals in stage 출시")]
)
def test_a_pending_card_says_what_it_waits_for(missing: int, said: str) -> None:
    assert said == wording.needs("출시", missing)


@pytest.mark.parametrize(
    ("debt", "outcome"),
    [
        (None, None),
        (DEBT, None),
        (DELIVERED, Delivered()),
        (DEAD, Refused("no answer", "replay")),
        (replace(DEBT, status="refused", last_error="no", cure="grant"), Refused("no", "grant")),
        (OVERTAKEN, Refused("overtaken", "")),
        (replace(DEBT, last_error="it answers with error 500"), LATER),
    ],
)
def test_what_became_of_a_dispatch_is_read_from_its_case(debt: Debt | None, outcome: Outcome | None) -> None:
    assert outcome == wording.paid_outcome(debt)
