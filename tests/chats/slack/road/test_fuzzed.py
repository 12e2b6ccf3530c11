"""Whatever Slack signs is answered: a press with something else at one of its places, or with spoilt bytes."""

import json
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.chats.slack.road.workspace import Workspace
from tests.support import road

pytestmark = pytest.mark.httpx_mock(should_mock=lambda request: request.url.host != "127.0.0.1")
WAITING = road.offline()
TICKET = "the ticket of a request that waits"
SAMPLE = {
    "type": "block_actions",
    "user": {"id": "U111", "team_id": "T111", "name": "ada"},
    "container": {"channel_id": "C111", "message_ts": "1.2"},
    "actions": [{"action_id": "approve", "value": TICKET}],
    "response_url": "https://hooks.slack.com/actions/1",
    "state": {"values": {"c": {"comment": {"type": "x", "value": "why"}}}},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def spoilt(draw: st.DrawFn) -> Any:
    """Return the members of a press, one of which is something else."""
    copied = json.loads(json.dumps(SAMPLE))
    inner: Any = copied
    while True:
        keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
        key = draw(st.sampled_from(keys))
        if not isinstance(inner[key], dict | list) or not inner[key] or draw(st.booleans()):
            inner[key] = draw(JSON)
            return copied
        inner = inner[key]


CUTS = st.tuples(st.floats(0, 1), st.integers(0, 3), st.binary(max_size=8))


@settings(max_examples=20_000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spoilt(), st.none() | CUTS)
def test_no_body_under_a_genuine_signature_makes_a_server_error(
    slack: Workspace, members: Any, cut: tuple[float, int, bytes] | None
) -> None:
    ticket = road.ticket(WAITING)
    body = b"payload=" + quote_plus(json.dumps(members).replace(TICKET, ticket)).encode()
    if cut is not None:
        at = int(cut[0] * len(body))
        body = body[:at] + cut[2] + body[at + cut[1] :]
    signed = slack.server.slack.signed(body)
    assert slack.deliver(signed.headers, body).status in (200, 400)
