import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.github.rate_limit import CallBudget
from relay.model.case import Case
from relay.model.debts import Card, Debt
from relay.model.delivery import Conversation
from relay.model.people import Actor, Rerun, Review
from relay.model.runs import Gate, Run
from relay.signed.request import read_form
from relay.store import codec
from tests.support.request_forms import FORMS, WORDS

NOW = 1_790_000_000
STORED = (Path(__file__).parents[1] / "fixtures" / "stored" / "case-form-1.json").read_bytes()
TIMES = st.integers(0, 2**40)
DUE = st.floats(0, 2**40, allow_nan=False)
ACTORS = st.builds(Actor, WORDS, WORDS)
REVIEWS = st.builds(Review, st.sampled_from(["approve", "reject"]), ACTORS, WORDS, TIMES, WORDS | st.just(""))
STATUSES = st.sampled_from(["owed", "delivered", "refused", "dead", "cancelled"])
REST = (STATUSES, WORDS | st.just(""), st.integers(0, 99), WORDS | st.just(""), WORDS | st.just(""))
CARDS = st.builds(Card, WORDS, WORDS, WORDS | st.just(""), WORDS)
RUNS = st.builds(
    Run,
    st.sampled_from(["queued", "running", "success", "failure", "cancelled"]),
    TIMES,
    st.sampled_from(["report", "github"]),
    *(WORDS | st.just("") for _ in range(3)),
    st.integers(1, 99),
    st.integers(0, 9),
)
DEBTS = st.builds(Debt, WORDS, TIMES, DUE | TIMES, st.just("dispatch"), *REST) | st.builds(
    Debt, WORDS, TIMES, DUE | TIMES, st.just("card"), *REST, card=CARDS
)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    request = read_form(draw(FORMS), issued_at=NOW, nonce="n" * 22, lifetime=60)
    return Case(
        request,
        draw(st.sampled_from(["oidc", "key", "offline", "plain", "command"])),
        draw(st.sampled_from(["pending", "approved", "rejected", "expired", "superseded", "cancelled"])),
        draw(WORDS | st.just("")),
        tuple(draw(st.lists(REVIEWS, max_size=3))),
        draw(TIMES),
        tuple(draw(st.lists(DEBTS, max_size=2))),
        draw(st.integers(1, 99)),
        draw(WORDS),
        gate=draw(st.none() | st.builds(Gate, WORDS, st.integers(0, 99))),
        runs=tuple(draw(st.lists(RUNS, max_size=2))),
        run_events=tuple(draw(st.lists(WORDS, max_size=2))),
        reports=tuple(draw(st.lists(WORDS, max_size=2))),
        reruns=tuple(draw(st.lists(st.builds(Rerun, ACTORS, TIMES), max_size=2))),
        conversation=draw(st.none() | st.builds(Conversation, *(WORDS for _ in range(5)))),
    )


@settings(deadline=None, max_examples=60)
@given(cases())
def test_a_stored_case_is_read_as_it_was(case: Case) -> None:
    assert case == codec.decode(codec.encode(case))


@settings(deadline=None, max_examples=20)
@given(cases())
def test_a_case_keeps_every_type(case: Case) -> None:
    read = codec.decode(codec.encode(case))
    assert repr(case) == repr(read)
    assert hash(read.reviews) == hash(case.reviews)


def test_a_case_that_was_stored_is_read_and_stored_again_as_it_was() -> None:
    case = codec.decode(STORED)
    assert ("배포 api 2.4", "approved", 4, True) == (case.request.title, case.status, case.version, case.ranked)
    assert [("Ada Lovelace", "좋아요")] == [(review.by.name, review.comment) for review in case.reviews]
    assert [("requested", ()), ("approved", ("qa",)), ("", ()), ("", ())] == [
        (debt.decision, debt.passed) for debt in case.debts
    ]
    assert Card("ops", "19:ops@thread.tacv2", "1790000001234", "pending:0") == case.debts[3].card
    stored = json.loads(STORED)
    stored["request"].setdefault("requested_by_also", "")  # younger than this form
    stored["debts"][3]["card"] |= {"stages": [], "addressee": ""}  # the same
    stored |= {"ended_by": "", "runs": [], "run_events": [], "reports": [], "events": [], "conversation": None}
    stored |= {"gate": None, "reruns": [], "retries_ended": ""}
    for debt in stored["debts"]:
        debt |= {"tried_at": 0.0, "workflow": "", "run_id": "", "run_url": "", "report": "", "notice": None, "run": 1}
        debt["trace"] = ""
    assert stored == json.loads(codec.encode(case))


def test_a_missing_field_has_its_default() -> None:
    stored: dict[str, Any] = json.loads(STORED)
    kept = {"form": 1, "proof": "key", "request": stored["request"]}
    del kept["request"]["links"]
    kept["debts"] = [{"event_type": "ops", "created_at": 7, "due_at": 8.0, "card": {"channel": "ops"}}]
    case = codec.decode(json.dumps(kept).encode())
    assert (("pending", (), 0, None), ()) == (
        (case.status, case.reviews, case.version, case.superseded_by),
        case.request.links,
    )
    assert (Debt("ops", 7, 8.0, card=Card("ops")),) == case.debts


@given(st.lists(st.tuples(TIMES, TIMES)), DUE)
def test_a_call_budget_is_read_as_it_was_stored(cells: list[tuple[int, int]], closed_until: float) -> None:
    budget = CallBudget(tuple(cells), closed_until)
    assert budget == codec.decode_budget(codec.encode_cells(budget), budget.closed_until)


def test_korean_is_stored_as_it_is() -> None:
    form = {"repository": "octo/api", "title": "배포"}
    case = Case(read_form(form, issued_at=NOW, nonce="n" * 22, lifetime=60), "key")
    assert "배포".encode() in codec.encode(case)


@pytest.mark.parametrize("form", [2, 0, None, "1"])
def test_a_case_of_a_form_not_known_is_not_read(form: object) -> None:
    case = Case(read_form({"repository": "o/a", "title": "t"}, issued_at=NOW, nonce="n" * 22, lifetime=60), "key")
    stored: dict[str, Any] = json.loads(codec.encode(replace(case, version=1)))
    with pytest.raises(ValueError, match="newer version of the relay"):
        codec.decode(json.dumps(stored | {"form": form}).encode())
    del stored["form"]
    with pytest.raises(ValueError, match="newer version of the relay"):
        codec.decode(json.dumps(stored).encode())


@pytest.mark.parametrize("noun", [(), ("request",), ("debts", 0), ("debts", 0, "card"), ("reviews", 0, "by")])
def test_a_case_with_a_field_of_a_newer_version_is_not_read(noun: tuple[str | int, ...]) -> None:
    request = read_form({"repository": "o/a", "title": "t"}, issued_at=NOW, nonce="n" * 22, lifetime=60)
    debt = Debt("deploy", NOW, NOW, kind="card", card=Card("ops"))
    review = Review("approve", Actor("a", "b"), "", NOW, "")
    stored: Any = json.loads(codec.encode(Case(request, "key", debts=(debt,), reviews=(review,))))
    newer = stored
    for name in noun:
        newer = newer[name]
    newer["of_tomorrow"] = "x"
    with pytest.raises(ValueError, match="newer version of the relay"):
        codec.decode(json.dumps(stored).encode())
