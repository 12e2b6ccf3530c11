"""The words of notices: fields, templates and the sentence of each event."""

import string
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.approval.events import EVENTS, OF_THE_RELAY
from relay.approval.notice_text import FIELDS, MAX_VALUE, SENTENCES, Piece, pieces_of, template_fault, values_of
from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.events import CaseEvent, EventName, Notice
from relay.model.people import Actor, Review
from relay.model.runs import Run
from tests.approval.two_stages import REQUEST

URL: Final = "https://relay.example/api/review/r1"
REVIEW: Final = Review("approve", Actor("entra:t/ada", "Ada"), "qa", 5, "go")
CASE: Final = Case(
    replace(
        REQUEST,
        environment="production",
        ref="refs/heads/main",
        sha="abc",
        run_url="https://ci.example/7",
        client_payload={"app": "api", "version": 1.5, "count": 3, "flag": True, "more": {"a": 1}, "none": None},
    ),
    "key",
)
EVENT: Final = CaseEvent("reviewed", 2, 5, stage="qa", by="Ada", review=REVIEW)


def text(template: str, event: CaseEvent = EVENT, case: Case = CASE) -> str:
    return "".join(piece.text for piece in pieces_of(case, Notice(event, "e", text=template), URL))


def test_every_field_has_its_value() -> None:
    assert {
        "id": "r1",
        "title": "Deploy",
        "repository": "octo/api",
        "environment": "production",
        "event_type": "deploy",
        "ref": "refs/heads/main",
        "sha": "abc",
        "requested_by": "octocat",
        "stage": "qa",
        "verdict": "approve",
        "by": "Ada",
        "comment": "go",
        "reason": "",
        "run_url": "https://ci.example/7",
        "review_url": URL,
        "payload.app": "api",
        "payload.version": "1.5",
        "payload.count": "3",
    } == values_of(CASE, Notice(EVENT, "e"), URL)


@pytest.mark.parametrize("name", sorted(OF_THE_RELAY))
def test_news_about_the_relay_itself_has_the_fields_of_no_request(name: EventName) -> None:
    told = Notice(CaseEvent(name, 5, 5, reason="clock: 1 h ahead"), "e")
    assert {field: "clock: 1 h ahead" if field == "reason" else "" for field in FIELDS} == values_of(CASE, told, URL)
    assert "[] : clock: 1 h ahead" == text("[{{id}}{{payload.app}}{{review_url}}] {{title}}: {{reason}}", told.event)


def test_every_field_of_the_list_has_a_value_and_no_other() -> None:
    assert set(FIELDS) == {name for name in values_of(CASE, Notice(EVENT, "e"), URL) if not name.startswith("payload.")}


def test_a_run_brings_its_own_address() -> None:
    event = CaseEvent(
        "run_failure", 5, 5, reason="no quota", run=Run("failure", 5, "report", url="https://ci.example/9")
    )
    assert "no quota https://ci.example/9" == text("{{reason}} {{run_url}}", event)


def test_a_run_that_was_decided_on_github_is_not_told_as_cancelled() -> None:
    event = CaseEvent("cancelled", 3, 5, by="decided on GitHub")
    assert ("Decided on GitHub: Deploy", "by GitHub") == (text("", event), text("by {{by}}", event))
    assert ("Cancelled: Deploy", "by key:ci") == (
        text("", replace(event, by="key:ci")),
        text("by {{by}}", replace(event, by="key:ci")),
    )
    named = replace(EVENT, by="decided on GitHub")  # a person may call themselves so
    assert "decided on GitHub: approve, in stage qa: Deploy. Comment: go" == text("", named)


def test_what_an_event_lacks_is_empty() -> None:
    assert "[] [] []" == text("[{{verdict}}] [{{comment}}] [{{payload.flag}}]", CaseEvent("requested", 1, 5))


def test_a_template_keeps_its_words_and_a_value_is_not_read_again() -> None:
    case = replace(CASE, request=replace(CASE.request, title="{{sha}} {{"))
    assert (Piece("*"), Piece("{{sha}} {{", "title"), Piece("* by "), Piece("Ada", "by"), Piece("")) == pieces_of(
        case, Notice(EVENT, "e", text="*{{title}}* by {{ by }}"), URL
    )


def test_a_long_value_is_cut() -> None:
    case = replace(CASE, request=replace(CASE.request, title="x" * 5_000))
    assert ("x" * (MAX_VALUE - 1) + "…", MAX_VALUE) == (text("{{title}}", case=case), len(text("{{title}}", case=case)))


def test_every_event_has_a_sentence_without_faults() -> None:
    assert set(EVENTS) == set(SENTENCES)
    assert {None} == {template_fault(sentence) for sentence in SENTENCES.values()}


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (CaseEvent("requested", 1, 5), "Approval is asked for: Deploy, by octocat"),
        (EVENT, "Ada: approve, in stage qa: Deploy. Comment: go"),
        (replace(EVENT, review=replace(REVIEW, comment="")), "Ada: approve, in stage qa: Deploy"),
        (CaseEvent("approved", 3, 5), "Approved: Deploy"),
        (CaseEvent("undelivered", 4, 5, reason="no access"), "GitHub has not taken it: Deploy. Reason: no access"),
        (CaseEvent("undelivered", 4, 5), "GitHub has not taken it: Deploy"),
    ],
)
def test_a_sentence_leaves_out_what_is_empty(event: CaseEvent, expected: str) -> None:
    assert expected == text("", event)


def test_brackets_of_a_value_are_no_parts_of_a_sentence() -> None:
    case = replace(CASE, request=replace(CASE.request, title="[{{by}}] [x]"))
    assert "Stage qa has passed: [{{by}}] [x]" == text("", CaseEvent("passed", 3, 5, stage="qa"), case)


@given(st.text(alphabet=string.ascii_lowercase + "{}. _", max_size=30))
def test_any_template_is_filled_or_has_a_fault(template: str) -> None:
    fault = template_fault(template)
    filled = text(template) if template else ""
    if fault is None and template:
        assert "{{" not in filled.replace(URL, "")


def test_a_run_from_before_the_decision_names_the_event_that_started_it() -> None:
    event = CaseEvent("run_success", 3, 5, run=Run("success", 5, "report"))
    early = replace(CASE, debts=(Debt("preview-api", 1, 1.0, decision="requested"),))
    assert "The run of preview-api has succeeded: Deploy" == text("", event, early).partition(" https://")[0]
    assert "Deploy has ended" == text("{{title}} has ended", event, early)
    release = replace(early, debts=(replace(early.debts[0], decision=""),))
    assert "The run has succeeded: Deploy" == text("", event, release).partition(" https://")[0]
