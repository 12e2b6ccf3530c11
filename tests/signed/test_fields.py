"""What each field of a request may hold."""

import re
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.errors import Refusal
from relay.signed import tickets
from relay.signed.fields import is_web_address, without_controls
from relay.signed.request import read_wire, to_wire
from tests.signed.request_form import NOW, asked, refusal

UNSEEN = "\u034f\u115f\u1160\u17b4\u180b\u180f\u2800\u3164\ufe00\ufe0e\ufe0f\uffa0\U00016fe4\U000e0100"
PAIR = {"name": "Version", "value": "1.2.3"}
LINK = {"name": "Run", "url": "https://github.com/octo/api/actions/runs/1"}


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        (
            "repository",
            ["octo/api", "O-c/a.b_c-d", "o/.github", "o/...", "o/" + "a" * 100, "ada_acme/sandbox", "x" * 60 + "_y/z"],
            ["octo", "_ada/x", "a" * 101 + "/x", "octo/", "/api", "a/b/c", "octo/..", "octo/.", "-o/a", "o/a\n"],
        ),
        ("repository", ["x/y"], ["옥토/a", "o o/a", 5]),
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
        ("requested_by_also", ["ada", "ada_corp"], ["-x", "a b", "@ada", 5]),
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
            [{"version": "1", "배포": [1, None]}, {str(n): n for n in range(24)}, {"a": "x" * 40_952}],
            [
                *([1], "x", {"a": 1.5}, {"a": "x" * 40_953}, {str(n): n for n in range(25)}),
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


def test_a_refusal_never_quotes_the_sender() -> None:
    refused = refusal(lambda: asked(title="s3cr3t\n"))
    assert "s3cr3t" not in f"{refused} {refused.check} {refused.message}"


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


def nested(levels: int) -> object:
    """Return a payload of so many levels, the object itself included."""
    inner: object = 1
    for level in range(levels - 1):
        inner = [inner] if level % 2 else {"a": inner}
    return {"deep": inner}


@pytest.mark.parametrize(("name", "wrap"), [("client_payload", 0), ("sections", 1), ("actions", 1)])
def test_what_is_nested_too_deeply_to_be_read_from_a_ticket_is_refused_when_it_is_made(name: str, wrap: int) -> None:
    def form(levels: int) -> object:
        return nested(levels) if not wrap else [nested(levels - wrap)]

    key = tickets.TicketKey("k1", bytes(32))
    ticket = tickets.sign(asked(**{name: form(31)}), key, "https://relay.example", self_contained=True)
    opened = tickets.open_ticket(ticket, [key], "https://relay.example", now=NOW, born_at=NOW)
    assert opened.request == asked(**{name: form(31)})
    for levels in (32, 33, 60):
        refused = refusal(partial(asked, **{name: form(levels)}))
        assert f"{name}: takes at most 31 levels of lists and objects" == refused.message
