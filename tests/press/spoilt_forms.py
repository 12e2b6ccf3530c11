"""Clicks whose body or headers are not of the form, with the code and the check that each comes to."""

from typing import Final

from tests.press.spoiling import MARK, Spoil, body, doubled, header

NO_TICKET = "header Relay-Ticket is missing or not of the form"


BODIES: Final[dict[str, tuple[Spoil, str, str]]] = {
    "five MiB": (body(b"x" * (5 << 20)), "too-large", "body"),
    "not UTF-8": (body(b'{"comment": "\xff\xfe"}'), "malformed", "the body is not UTF-8"),
    "not JSON": (body(MARK.encode()), "malformed", "the body is not a comment"),
    "half a JSON": (body(b'{"comment": "' + MARK.encode()), "malformed", "the body is not a comment"),
    "the shortest overlap": (body(b'{"comment": "}'), "malformed", "the body is not a comment"),
    "nested deeply": (body(b"[" * 200_000), "malformed", "the body is not a comment"),
    "nested deeply and closed": (body(b"[" * 99 + b"]" * 99), "malformed", "the body is not a comment"),
    "a list": (body(b'["comment"]'), "malformed", "the body is not a comment"),
    "a comment that is a number": (body(b'{"comment": 5}'), "malformed", "the body is not a comment"),
    "a comment that is an object": (body(b'{"comment": {}}'), "malformed", "the body is not a comment"),
    "no comment in it": (body(b"{}"), "malformed", "the body is not a comment"),
    "a long comment": (body(b'{"comment": "' + b"x" * 1_001 + b'"}'), "malformed", "the comment is too long"),
    "a long unparsable comment": (
        body(b'{"comment": "' + b'"' * 1_001 + b'"}'),
        "malformed",
        "the comment is too long",
    ),
}
HEADERS: Final[dict[str, tuple[Spoil, str, str]]] = {
    "no Authorization": (
        header("authorization", None),
        "not-genuine",
        "token: no Authorization or Action-Authorization header",
    ),
    "Authorization empty": (
        header("authorization", " "),
        "not-genuine",
        "token: no Authorization or Action-Authorization header",
    ),
    "Authorization twice": (
        doubled("authorization"),
        "not-genuine",
        "token: Authorization is not one bearer token",
    ),
    "two different tokens": (
        header("action-authorization", f"Bearer {MARK}"),
        "not-genuine",
        "token: Authorization and Action-Authorization differ",
    ),
    "Basic": (header("authorization", f"Basic {MARK}"), "not-genuine", "token: Authorization is not one bearer token"),
    "Authorization in Korean": (
        header("authorization", "Bearer 토큰"),
        "not-genuine",
        "token: not three parts of base64url",
    ),
    "Authorization with half a character": (
        header("authorization", "Bearer \udc80.\udc80.\udc80"),
        "not-genuine",
        "token: not three parts of base64url",
    ),
    "Authorization huge": (
        header("authorization", "Bearer " + "x" * 99_999),
        "not-genuine",
        "token: longer than 16 KiB",
    ),
    "no ticket": (header("relay-ticket", None), "malformed", NO_TICKET),
    "ticket empty": (header("relay-ticket", ""), "malformed", NO_TICKET),
    "ticket twice": (doubled("relay-ticket"), "malformed", NO_TICKET),
    "ticket in Korean": (header("relay-ticket", "표.표.표"), "malformed", NO_TICKET),
    "ticket with half a character": (header("relay-ticket", "\udc80.a.b"), "malformed", NO_TICKET),
    "ticket huge": (header("relay-ticket", "x" * 99_999), "malformed", NO_TICKET),
    "ticket of words": (header("relay-ticket", MARK), "malformed", NO_TICKET),
    "ticket of two parts": (header("relay-ticket", "a.b"), "malformed", NO_TICKET),
    "ticket of four parts": (header("relay-ticket", "a.b.c.d"), "malformed", NO_TICKET),
    "ticket of three words": (header("relay-ticket", f"{MARK}.b.c"), "not-genuine", "ticket: form"),
    "no verdict": (
        header("relay-verdict", None),
        "malformed",
        "header Relay-Verdict is missing or not approve, reject or again",
    ),
    "verdict twice": (
        doubled("relay-verdict"),
        "malformed",
        "header Relay-Verdict is missing or not approve, reject or again",
    ),
    "verdict in Korean": (
        header("relay-verdict", "승인"),
        "malformed",
        "header Relay-Verdict is missing or not approve, reject or again",
    ),
    "verdict in capitals": (
        header("relay-verdict", "Approve"),
        "malformed",
        "header Relay-Verdict is missing or not approve, reject or again",
    ),
}
