"""Webhooks of GitHub, genuine until one thing is spoilt, and the answers to them held against the contract."""

import json
from collections.abc import Mapping
from random import Random
from typing import Any, Final

from relay.github.webhook import sign
from relay.model.delivery import Reply
from tests.support import github_webhooks, road

HEADERS: Final = ("x-hub-signature-256", "x-github-event", "x-github-delivery", "content-type")
WELCOME: Final = {202: {"taken", "ignored", "repeated"}, 400: {"malformed"}, 401: {"not-genuine"}}


def deliver(
    thrown: Random, event: Mapping[str, Any], kind: str, way: int, odd: tuple[Any, ...]
) -> tuple[bytes, dict[str, str]]:
    """Return a delivery of an event, spoilt in one way: 0 changes a header, 1 removes one, 2 changes a bit of the body.

    Any other way spoils nothing. Of two changed bodies one is signed again.
    """
    body = json.dumps(event).encode()
    headers = github_webhooks.headers(body, event=kind, delivery=f"d-{thrown.getrandbits(60)}")
    if way == 0:
        headers[thrown.choice(HEADERS)] = str(thrown.choice(odd))
    if way == 1:
        del headers[thrown.choice(HEADERS[:3])]
    if way == 2:
        place = thrown.randrange(len(body))
        body = body[:place] + bytes([body[place] ^ (1 << thrown.randrange(8))]) + body[place + 1 :]
        if thrown.random() < 0.5:
            headers["x-hub-signature-256"] = sign(github_webhooks.SECRET, body)
    return body, headers


def hold(reply: Reply) -> None:
    """Hold an answer against the contract."""
    found = road.said(reply)
    assert reply.status in WELCOME, found
    assert (found.get("status") or found["error"]) in WELCOME[reply.status]
    assert "Traceback" not in reply.body.decode()
