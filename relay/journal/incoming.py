"""The calls that become messages: one row for each route that changes something. Looking (GET) is no message. Pure."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import unquote

from relay.journal.calls import Call
from relay.journal.messages import Message
from relay.model.delivery import Delivery, Reply

PREFIX: Final = "api"
ANY: Final = "*"  # an id in the path
CHAT: Final = "+"  # the name of a chat in the path, which is the channel of its messages
_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?")
_NO_PATH: Final = re.compile(r"^[a-z]+://[^/?#]*|[?#].*", re.IGNORECASE | re.DOTALL)  # of an address
_FAILED: Final = 400  # and above: statuses of an answer that took nothing


class Route(NamedTuple):
    """A kind of message: its channel, its name, and its outcome where nothing else is noted."""

    channel: str
    what: str
    outcome: str = "done"


ROUTES: Final[Mapping[str, Route]] = {
    f"interactions/{CHAT}": Route("", "press", "seen"),
    f"commands/{CHAT}": Route("command", "command"),
    "requests": Route("api", "request", "requested"),
    f"requests/{ANY}/cancel": Route("api", "cancel", "cancelled"),
    f"requests/{ANY}/report": Route("api", "report", "reported"),
    "receipts/redeem": Route("api", "redeem", "redeemed"),
    "receipts/check": Route("api", "check", "checked"),
    f"review/{ANY}": Route("page", "press"),
    "actions/run": Route("plain", "plain"),
    "webhooks/github": Route("github", "webhook", "taken"),
    "doctor": Route("api", "doctor", "examined"),
    "outbox/replay": Route("api", "replay", "replayed"),
    f"outbox/{ANY}/replay": Route("api", "replay", "replayed"),
    f"outbox/{ANY}/drop": Route("api", "drop", "dropped"),
}
"""The routes of POST by their paths. A call of any other is no message."""


def route_of(method: str, url: str) -> Route | None:
    """Return the row of a call, or None if it is no message."""
    if method != "POST":
        return None
    # A host finds its routes in any capitals and decodes their segments: a call in another spelling does the same work,
    # and is the same message. No urlsplit, which raises for some hosts.
    parts = [unquote(part).lower() for part in _NO_PATH.sub("", url).split("/") if part]
    parts = parts[1:] if parts[:1] == [PREFIX] else parts
    middle = parts[1:2]
    for path in ("/".join(parts), *("/".join([*parts[:1], any_, *parts[2:]]) for any_ in (ANY, CHAT) if middle)):
        found = ROUTES.get(path)
        if found is not None:
            return found if found.channel else found._replace(channel=middle[0])
    return None


def message_of(route: Route, delivery: Delivery, reply: Reply, call: Call, now: float) -> Message:
    """Return the message of an answered call: the noted facts, and for the rest its route and its answer."""
    noted = call.noted
    done = route.outcome if reply.status < _FAILED else "refused"
    return Message(
        at=delivery.arrived_at,
        direction="in",
        channel=noted.get("channel") or route.channel,
        what=noted.get("what") or route.what,
        outcome=noted.get("outcome") or reply.headers.get("Relay-Outcome") or done,
        check=noted.get("check", ""),
        status=reply.status,
        ms=max(0, round((now - delivery.arrived_at) * 1000)),
        request=noted.get("request", ""),
        repository=noted.get("repository", ""),
        person=noted.get("person", ""),
        trace=call.trace,
    )


def trace_of(headers: Mapping[str, str]) -> str:
    """Return the trace of a call, 32 hexadecimal digits, or an empty text. Header names are in lower case.

    https://www.w3.org/TR/trace-context/#traceparent-header
    """
    found = _TRACEPARENT.fullmatch(headers.get("traceparent", ""))
    return found[1] if found else ""
