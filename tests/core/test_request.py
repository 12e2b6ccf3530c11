import re
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.core import canonical
from relay.core.errors import Refusal
from relay.core.model import ApprovalRequest
from relay.core.request import (
    MAX_LIFETIME,
    READERS,
    is_web_address,
    read_form,
    read_wire,
    to_wire,
    without_controls,
)
from tests.requests import FORMS

NOW = 1_790_000_000
NONCE = "n" * 22
UNSEEN = "\u034f\u115f\u1160\u17b4\u180b\u180f\u2800\u3164\ufe00\ufe0e\ufe0f\uffa0\U00016fe4\U000e0100"
FORM: dict[str, Any] = {"repository": "octo/api", "event_type": "deploy-api", "title": "Deploy api"}


def asked(**changes: object) -> ApprovalRequest:
    return read_form(FORM | changes, issued_at=NOW, nonce=NONCE, lifetime=86_400)


def refusal(ask: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as raised:
        ask()
    assert raised.value.code == "malformed"
    return raised.value


@settings(deadline=None, max_examples=60)
@given(FORMS)
def test_what_a_ticket_carries_is_read_as_the_same_request(form: dict[str, object]) -> None:
    request = read_form(form, issued_at=NOW, nonce=NONCE, lifetime=86_400)
    assert request == read_wire(to_wire(request), issued_at=NOW, expires_at=request.expires_at)
    assert request.id == canonical.digest(to_wire(request))


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


def test_a_field_that_is_empty_is_as_if_it_were_not_there() -> None:
    empty: dict[str, object] = {"text": "", "expires_in": "", "client_payload": {}, "facts": [], "sha": None}
    assert asked() == asked(**empty)
    assert asked() == asked(require_comment=False)


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


PAIR = {"name": "Version", "value": "1.2.3"}
LINK = {"name": "Run", "url": "https://github.com/octo/api/actions/runs/1"}


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        (
            "repository",
            ["octo/api", "O-c/a.b_c-d", "o/.github", "o/...", "o/" + "a" * 100],
            ["octo", "octo/", "/api", "a/b/c", "octo/..", "octo/.", "-o/a", "o o/a", "o/a\n", "옥토/a", 5],
        ),
        ("title", ["배포 😀", "x" * 300, "tab\there"], ["  ", "x" * 301, "a\nb", "a\rb", "a\0", "\x7f", "\ud800", 5]),
        ("event_type", ["deploy", "배포"], [" ", "x" * 101, "a\nb", 5, True]),
        ("text", ["a\nb", "x" * 8_000], ["x" * 8_001, "a\x1b", ["a"]]),
        ("theme_color", ["#0969DA", "0969da"], ["red", "#0969D", 0x0969DA]),
        ("sha", ["abcdef0", "A" * 64], ["abcdef", "g" * 40, "a" * 65, 1]),
        (
            "run_url",
            ["https://github.com/octo/api/actions/runs/1", "http://ci.internal/1", "HTTPS://A.example:8443?x@y#z"],
            ["javascript:alert(1)", "//host/x", "https://", "https://[x", "https://a b", "ftp://host/", 5, "x" * 2_001],
        ),
        ("requested_by", ["octocat", "dependabot[bot]", "ada_corp"], ["-x", "a b", "x" * 101, "a[bot]x", 5]),
        ("requested_by_id", [1, 583231, 2**53 - 1], [0, -1, True, 1.0, "583231", 2**53]),
        ("require_comment", [True, False], [1, "true"]),
        ("approvers", [["group:owners", "ada"], ["x"] * 50], ["ada", [""], [5], ["x"] * 51, {"ada": 1}]),
        ("channels", [["team"]], [["x"] * 11]),
        ("sections", [[{"title": "x"}], [{}] * 7], [[5], {"a": 1}, "x", [{}] * 8, [{"a": 1.5}], [{"a": "\ud800"}]]),
        ("actions", [[{"@type": "OpenUri"}]], [[{}] * 5, [{}] * 3]),
        ("facts", [[PAIR], [{**PAIR, "value": "a\nb"}]], [[{"name": "x"}], [{**PAIR, "x": 1}], [{**PAIR, "value": 5}]]),
        ("facts", [[PAIR] * 50], [[PAIR] * 51, [{**PAIR, "name": ""}], [{**PAIR, "value": " "}], ["x"]]),
        ("links", [[LINK] * 10], [[LINK] * 11, [{**LINK, "url": "javascript:1"}], [{**LINK, "name": "a\nb"}], [PAIR]]),
        (
            "client_payload",
            [{"version": "1", "배포": [1, None]}, {str(n): n for n in range(9)}, {"a": "x" * 40_952}],
            [
                *([1], "x", {"a": 1.5}, {"a": "x" * 40_953}, {str(n): n for n in range(10)}),
                *({key: {}} for key in ("approval", "Approval", "APPROVAL")),
                {"version": "1.2.3", "VERSION": "6.6.6"},
            ],
        ),
        ("confirm", ["Sure?"], ["x" * 301]),
        ("approve_label", ["승인"], ["x" * 41]),
        ("reject_event_type", ["undo"], ["deploy-api", "Deploy-API", "x" * 101, "undo "]),
        ("event_type", ["deploy api", "배포"], ["", " ", " deploy-api", "deploy-api ", "deploy\u200b", "a\nb"]),
        (
            "environment",
            ["Live EU", "배포 \u26a0\ufe0f", "\U0001f680"],
            ["live ", "\tlive", "live\u00a0", "\u202eevil", "Live  EU", "\ufe0f", *(f"live{mark}" for mark in UNSEEN)],
        ),
        ("ref", ["refs/heads/main"], ["main ", "\u202eniam"]),
    ],
)  # fmt: skip
def test_each_field_has_its_form(name: str, good: list[object], bad: list[object]) -> None:
    for value in good:
        read = getattr(asked(**{name: value}), name)
        assert value == (list(read) if isinstance(read, tuple) else read)
    for value in bad:
        refused = refusal(partial(asked, **{name: value}))
        assert name == refused.field
        assert refused.message.startswith(f"{name}: ")


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example\\@github.com/octo",
        "https://evil.example\\.github.com/",
        "https://github.com/octo\\api",
        "https://github.com@evil.example/",
        "https://github.com:443@evil.example/",
        "https://:x@github.com/",
        "https://g\u0456thub.com/x",
        "https://github.com\u200b.evil.example/",
        "https://\uff47ithub.com/",
        "https://git%68ub.com/",
        "https://github.com\u2215.evil.example/",
        "http\u017f://github.com/",
        "https://github.com:port/",
        "https://github.com:123456/",
        "https://[::1]/",
        "https://.example/",
        "https:github.com",
        "https:/github.com",
        "https:///github.com",
        "https://github.com/\t",
        "https://github.com/a b",
        " https://github.com/",
        "https://" + "a" * 254,
    ],
)
def test_an_address_that_readers_take_for_different_hosts_is_none(url: str) -> None:
    assert not is_web_address(url)
    for name, value in {"run_url": url, "links": [{"name": "x", "url": url}]}.items():
        refused = refusal(partial(asked, **{name: value}))
        assert name == refused.field


def test_what_is_wrong_with_an_address_is_told() -> None:
    assert (
        "run_url: must be an http or https address whose host is in ASCII (xn-- for other scripts), without a user, a "
        "backslash or a blank" == refusal(lambda: asked(run_url="https://github.com@evil.example/")).message
    )


@given(st.text())
def test_control_characters_can_be_left_out(text: str) -> None:
    left = without_controls(f"a\x1b{text}\x00\tb\n")
    assert left == without_controls(left)
    assert left.endswith("\tb\n")
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", left)


def test_an_event_type_that_somebody_forgot_to_fill_in_is_no_notification() -> None:
    assert "event_type: is empty" in refusal(lambda: asked(event_type="")).message
    assert "" == asked(event_type=None).event_type


def test_a_refusal_never_quotes_the_sender() -> None:
    refused = refusal(lambda: asked(title="s3cr3t\n"))
    assert "s3cr3t" not in f"{refused} {refused.check} {refused.message}"


def test_a_notification_is_not_rejected() -> None:
    refused = refusal(lambda: asked(event_type=None, reject_event_type="undo"))
    assert "reject_event_type" == refused.field


def test_a_sender_has_no_say_in_the_nonce() -> None:
    with pytest.raises(Refusal, match="field nonce"):
        read_form(FORM | {"nonce": NONCE}, issued_at=NOW, nonce=NONCE, lifetime=86_400)


def test_the_nonce_is_of_its_form() -> None:
    for nonce in ("short", "x" * 65, "a+" * 10):
        wire = to_wire(asked()) | {"nonce": nonce}
        assert "nonce" == refusal(partial(read_wire, wire, issued_at=NOW, expires_at=NOW + 60)).field


@pytest.mark.parametrize("name", ["client_payload", "sections", "actions", "facts", "links", "approvers"])
def test_an_empty_text_is_no_empty_list_or_object(name: str) -> None:
    with pytest.raises(Refusal, match=f"field {name}"):
        asked(**{name: ""})


def test_an_empty_list_is_no_payload_and_an_empty_object_no_list() -> None:
    wrong: dict[str, object] = {"client_payload": [], "facts": {}, "approvers": {}}
    for name, value in wrong.items():
        with pytest.raises(Refusal, match=f"field {name}"):
            asked(**{name: value})
    assert asked() == asked(client_payload={}, facts=[], approvers=[], text="", environment=None)


def test_a_notification_that_no_relay_sees_needs_no_repository() -> None:
    form = {"title": "T"}
    request = read_form(form, issued_at=NOW, nonce=NONCE, lifetime=60, required=("title",))
    assert ("", "T", "") == (request.repository, request.title, request.event_type)
    for asking, required in ((form, ("repository", "title")), (form | {"event_type": "d"}, ("title",))):
        with pytest.raises(Refusal, match="field repository"):
            read_form(asking, issued_at=NOW, nonce=NONCE, lifetime=60, required=required)
