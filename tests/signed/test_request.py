"""Whole requests: their ids, their times, and fields that depend on each other."""

from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.errors import Refusal
from relay.model.request import ApprovalRequest
from relay.signed import canonical_json
from relay.signed.fields import READERS
from relay.signed.request import MAX_LIFETIME, OF_A_DECISION, read_form, read_wire, to_wire, undecided_field
from tests.signed.request_form import FORM, NONCE, NOW, asked, refusal
from tests.support.request_forms import FORMS


@settings(deadline=None, max_examples=60)
@given(FORMS)
def test_what_a_ticket_carries_is_read_as_the_same_request(form: dict[str, object]) -> None:
    request = read_form(form, issued_at=NOW, nonce=NONCE, lifetime=86_400)
    assert request == read_wire(to_wire(request), issued_at=NOW, expires_at=request.expires_at)
    assert request.id == canonical_json.digest(to_wire(request))


@settings(deadline=None, max_examples=60)
@given(FORMS, st.sampled_from(sorted(READERS)), st.data())
def test_two_requests_never_share_an_id(form: dict[str, object], name: str, data: st.DataObject) -> None:
    request = read_form(form, issued_at=NOW, nonce=NONCE, lifetime=86_400)
    other_form = data.draw(FORMS)
    changed = {key: value for key, value in form.items() if key != name} | (
        {name: other_form[name]} if name in other_form else {"title": f"{form['title']}!"}
    )
    nonce = "m" * 22 if name == "nonce" else NONCE
    other = read_form(changed, issued_at=NOW, nonce=nonce, lifetime=86_400)
    assert (request == other) == (request.id == other.id)


def test_the_nonce_is_part_of_the_id_and_the_times_are_not() -> None:
    assert asked().id != read_form(FORM, issued_at=NOW, nonce="m" * 22, lifetime=86_400).id
    assert asked().id == read_form(FORM, issued_at=NOW + 1, nonce=NONCE, lifetime=60).id


def test_every_field_of_a_request_has_its_reader() -> None:
    assert {each.name for each in fields(ApprovalRequest)} - {"id", "issued_at", "expires_at"} == set(READERS)


def test_null_and_words_that_decide_nothing_are_as_if_they_were_not_there() -> None:
    empty: dict[str, object] = {"text": "", "summary": "", "expires_in": None, "client_payload": {}, "facts": []}
    assert asked() == asked(**empty)
    assert asked() == asked(sha=None, approvers=None, require_comment=False)


@pytest.mark.parametrize("name", sorted(set(READERS) - {"nonce", "text", "summary", "repository", "title"}))
def test_an_empty_value_of_any_field_is_a_mistake_and_never_any(name: str) -> None:
    refused = refusal(lambda: asked(**{name: ""}))
    assert (name, True) == (refused.field, refused.message.startswith(f"{name}: is empty; "))


@pytest.mark.parametrize("name", sorted(OF_A_DECISION))
def test_each_field_of_a_decision_is_known_by_its_name(name: str) -> None:
    assert name == undecided_field({"title": "T", name: "x"})
    assert "" == undecided_field({"event_type": "deploy", name: "x"})


def test_the_lifetime_is_the_forms_or_the_callers() -> None:
    assert NOW + 86_400 == asked().expires_at
    assert NOW + 2_700 == asked(expires_in="45m").expires_at


@pytest.mark.parametrize("value", ["soon", "31d", "0s", 60, ["45m"]])
def test_a_lifetime_that_is_none_is_told(value: object) -> None:
    assert refusal(lambda: asked(expires_in=value)).field == "expires_in"


@pytest.mark.parametrize("lifetime", [0, -1, MAX_LIFETIME + 1])
def test_a_request_lives_from_a_second_to_30_days(lifetime: int) -> None:
    wire = to_wire(asked())
    refused = refusal(lambda: read_wire(wire, issued_at=NOW, expires_at=NOW + lifetime))
    assert refused.field == "expires_in"
    assert read_wire(wire, issued_at=NOW, expires_at=NOW + MAX_LIFETIME)


@pytest.mark.parametrize("name", ["repository", "title", "nonce"])
def test_what_is_missing_is_named(name: str) -> None:
    wire = {key: value for key, value in to_wire(asked()).items() if key != name}
    refused = refusal(lambda: read_wire(wire, issued_at=NOW, expires_at=NOW + 60))
    assert (name, f"{name}: is required") == (refused.field, refused.message)


def test_an_unknown_field_is_named_if_its_name_can_be_shown() -> None:
    assert refusal(lambda: asked(colour="red")).field == "colour"
    refused = refusal(lambda: asked(**{"<script>": 1}))
    assert "body: no such field" == refused.message


def test_an_event_type_that_somebody_forgot_to_fill_in_is_no_notification() -> None:
    assert "leave it out for a notification, which asks nobody" in refusal(lambda: asked(event_type="")).message
    assert "" == asked(event_type=None).event_type


def test_a_notification_is_not_rejected() -> None:
    refused = refusal(lambda: asked(event_type=None, reject_event_type="undo"))
    assert "reject_event_type" == refused.field


def test_a_sender_has_no_say_in_the_nonce() -> None:
    with pytest.raises(Refusal, match="field nonce"):
        read_form(FORM | {"nonce": NONCE}, issued_at=NOW, nonce=NONCE, lifetime=86_400)


def test_a_notification_that_no_relay_sees_needs_no_repository() -> None:
    form = {"title": "T"}
    request = read_form(form, issued_at=NOW, nonce=NONCE, lifetime=60, required=("title",))
    assert ("", "T", "") == (request.repository, request.title, request.event_type)
    for asking, required in ((form, ("repository", "title")), (form | {"event_type": "d"}, ("title",))):
        with pytest.raises(Refusal, match="field repository"):
            read_form(asking, issued_at=NOW, nonce=NONCE, lifetime=60, required=required)
