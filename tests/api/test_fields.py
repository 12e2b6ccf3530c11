"""Malformed forms and bodies: the refusal names the field, and nothing is recorded."""

import json
import logging
from typing import Final
from urllib.parse import urlencode

import pytest

from tests.api.asking import FORM
from tests.support import road
from tests.support.logged import logged


def test_a_form_says_the_same_as_json(here: road.Road) -> None:
    fields = FORM | {
        "client_payload": '{"버전": "1"}',
        "facts": '[{"name": "누가", "value": "나"}]',
        "approvers": "ada, grace,",
        "require_comment": "true",
        "requested_by_id": "77",
        "text": "",
    }
    kind = "Application/X-WWW-Form-Urlencoded; charset=utf-8"
    reply = here.post(urlencode(fields).encode(), content_type=kind)
    assert 201 == reply.status
    request = here.case(road.said(reply)["id"]).request
    assert {"버전": "1"} == request.client_payload
    assert ({"name": "누가", "value": "나"},) == request.facts
    assert ("ada", "grace") == request.approvers
    assert (True, 77, "") == (request.require_comment, request.requested_by_id, request.text)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "repository"),
        (b"repository=octo/api&repository=octo/web", "body"),
        (b"title=%ff", "body"),
        ("title=배포".encode(), "body"),
        (b"title", "body"),
        (b"&".join(b"f%d=1" % number for number in range(101)), "body"),
        (b"client_payload={", "client_payload"),
        (b"requested_by_id=x", "requested_by_id"),
        (b"require_comment=yes", "require_comment"),
        (b"approvers=%20", "approvers"),
        (b"approvers=%2C+%2C", "approvers"),
        (b"channels=,", "channels"),
    ],
)
def test_a_form_that_is_none_is_malformed(here: road.Road, body: bytes, field: str) -> None:
    reply = here.post(body, content_type="application/x-www-form-urlencoded")
    assert (400, "malformed", field) == (reply.status, road.said(reply)["error"], road.said(reply)["field"])


FIELDS: Final[list[tuple[str, object]]] = [
    ("repository", None),
    ("repository", "octo"),
    ("repository", "octo/api/../x"),
    ("repository", "octo/.."),
    ("repository", 7),
    ("title", None),
    ("title", "   "),
    ("title", "x" * 301),
    ("title", "two\nlines"),
    ("title", "\ud800"),
    ("title", ["t"]),
    ("event_type", "x" * 101),
    ("event_type", 7),
    ("client_payload", [1]),
    ("client_payload", {"approval": 1}),
    ("client_payload", {str(number): 1 for number in range(10)}),
    ("client_payload", {"x": "y" * 41_000}),
    ("client_payload", {"x": 1.5}),
    ("client_payload", {"x": 2**53}),
    ("client_payload", {"x": "\ud800"}),
    ("text", "x" * 8_001),
    ("text", "\x00"),
    ("summary", 7),
    ("theme_color", "red"),
    ("sections", {"text": "t"}),
    ("sections", ["text"]),
    ("sections", [{}] * 11),
    ("sections", [{"text": 1.5}]),
    ("actions", [{}] * 5),
    ("actions", "OpenUri"),
    ("facts", [{"name": "n"}]),
    ("facts", [{"name": "n", "value": 7}]),
    ("links", [{"name": "n", "url": "javascript:alert(1)"}]),
    ("links", [{"name": "n", "url": "https://[::"}]),
    ("environment", "x" * 256),
    ("ref", 7),
    ("sha", "xyz"),
    ("run_url", "ftp://example.com"),
    ("requested_by", "not a login"),
    ("requested_by_id", "77"),
    ("requested_by_id", True),
    ("requested_by_id", -1),
    ("expires_in", "soon"),
    ("expires_in", "31d"),
    ("expires_in", "0s"),
    ("expires_in", 90),
    ("reject_event_type", "DEPLOY-api"),
    ("reject_event_type", 7),
    ("require_comment", "yes"),
    ("approvers", "ada"),
    ("approvers", []),
    ("approvers", [7]),
    ("approvers", ["a"] * 51),
    ("approve_label", "x" * 41),
    ("reject_label", 7),
    ("confirm", "x" * 301),
    ("channels", ["qa"]),
    ("channels", "qa"),
    ("bogus", "x"),
    ("environment", ""),
    ("ref", ""),
    ("sha", ""),
    ("expires_in", ""),
    ("requested_by", ""),
    ("requested_by_also", ""),
    ("require_comment", ""),
    ("reject_event_type", ""),
]


@pytest.mark.parametrize(
    ("field", "value"), FIELDS, ids=[f"{field}-{index}" for index, (field, _) in enumerate(FIELDS)]
)
def test_a_field_that_is_wrong_is_named_with_the_cure_and_nothing_is_recorded(
    here: road.Road, caplog: pytest.LogCaptureFixture, field: str, value: object
) -> None:
    caplog.set_level(logging.DEBUG)
    form = {name: each for name, each in (FORM | {field: value}).items() if each is not None}
    reply = here.ask(form)
    said = road.said(reply)
    assert (400, "malformed", field) == (reply.status, said["error"], said["field"])
    assert said["message"].startswith(f"{field}: ")
    assert road.NOTHING == here.recorded()
    check = "an unknown field" if field == "bogus" else f"field {field}"  # a sender's own words are not logged
    assert [{"event": "http", "outcome": "malformed", "channel": "api", "check": check}] == logged(caplog)


def test_a_reject_event_without_an_event_is_malformed(here: road.Road) -> None:
    reply = here.ask({"repository": "octo/api", "title": "t", "reject_event_type": "refused-api"})
    assert (400, "reject_event_type") == (reply.status, road.said(reply)["field"])


def test_the_name_of_a_field_that_is_no_name_is_not_told_back(here: road.Road) -> None:
    reply = here.ask(FORM | {"<script>": 1})
    assert (400, "body") == (reply.status, road.said(reply)["field"])
    assert "script" not in reply.body.decode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"\xff\xfe{}",
        b"\xef\xbb\xbf\xef\xbb\xbf{}",
        b"\xfe\xff\x00{\x00}",
        b"[]",
        b'"text"',
        b"null",
        b'{"title": "a", "title": "b"}',
        b'{"title": NaN}',
        b"[" * 100_000,
        b'{"client_payload": ' + b"[" * 40 + b"]" * 40 + b"}",
        b'{"requested_by_id": ' + b"9" * 5_000 + b"}",
    ],
)
def test_a_body_that_is_no_strict_json_object_is_malformed(
    here: road.Road, caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    reply = here.post(body)
    assert (400, "body") == (reply.status, road.said(reply)["field"])
    assert [{"event": "http", "outcome": "malformed", "channel": "api", "check": "field body"}] == logged(caplog)
    assert road.NOTHING == here.recorded()


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
def test_a_byte_order_mark_before_a_body_is_skipped(here: road.Road, kind: str) -> None:
    body = json.dumps(FORM) if kind.endswith("json") else urlencode(FORM)
    assert 201 == here.post(b"\xef\xbb\xbf" + body.encode(), content_type=kind).status


def test_a_body_in_utf_16_is_named(here: road.Road) -> None:
    assert "in UTF-8 (this is UTF-16)" in road.said(here.post(json.dumps(FORM).encode("utf-16")))["message"]


def test_null_and_empty_words_and_lists_count_as_left_out(here: road.Road) -> None:
    form = FORM | {"text": "", "summary": "", "facts": [], "client_payload": {}, "sha": None, "approvers": None}
    assert 201 == here.ask(form).status


@pytest.mark.parametrize("field", ["event_type", "environment", "approvers", "require_comment", "client_payload"])
def test_an_empty_field_of_a_form_is_a_mistake(here: road.Road, field: str) -> None:
    reply = here.post(urlencode(FORM | {field: ""}).encode(), content_type="application/x-www-form-urlencoded")
    assert (400, "malformed", field) == (reply.status, road.said(reply)["error"], road.said(reply)["field"])
    assert f"{field}: is empty; " in road.said(reply)["message"]
    assert road.NOTHING == here.recorded()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("environment", "production"),
        ("client_payload", {"version": "1"}),
        ("approvers", ["ada"]),
        ("expires_in", "1h"),
        ("require_comment", True),
        ("approve_label", "Deploy"),
        ("reject_label", "Close"),
        ("confirm", "Read it"),
    ],
)
def test_a_gate_without_an_event_type_is_no_green_notification(here: road.Road, field: str, value: object) -> None:
    for absent in ({}, {"event_type": None}):
        reply = here.ask({"repository": "octo/api", "title": "t", field: value, **absent})
        assert (400, "event_type") == (reply.status, road.said(reply)["field"])
        assert f"this is a notification that asks nobody, and {field} is given" in road.said(reply)["message"]
    assert road.NOTHING == here.recorded()
