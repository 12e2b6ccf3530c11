"""What may lie in the chat: any MessageCard within its platform's limits, and what can be pressed and read on it."""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from relay.channels.messagecard import limits
from relay.simulator.answers import NotTaken, read_json
from relay.simulator.relay_api import PRESSES

_INPUT: Final = re.compile(r"\{\{([A-Za-z0-9_-]+)\.value\}\}")
_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,64}")
_VALUE: Final = re.compile(r"[ -~]{0,8192}")
_OF_HTTP: Final = frozenset({"host", "connection", "content-length", "content-type", "transfer-encoding"})
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")
MAX_CARD: Final = 64 * 1024  # bytes, to be read at all; the limit of the platform is lower
_DEEPEST: Final = 12


def read_card(body: bytes) -> dict[str, Any]:
    """Return a card as a webhook takes it. Raises NotTaken with the first thing that is wrong."""
    if len(body) > MAX_CARD:
        raise NotTaken(400, "The body is longer than any card.")
    try:
        card = read_json(body)
    except ValueError:
        raise NotTaken(400, "The body is not JSON.") from None
    for problem in limits.check(card):
        raise NotTaken(400, f"This is no card that the chat takes: {problem}.")
    return dict(card) if isinstance(card, dict) else {}


def action_at(card: Mapping[str, Any], path: object, origins: Collection[str]) -> Mapping[str, Any]:
    """Return the HttpPOST action at `path` of a card. Raises NotTaken where there is none of a relay at `origins`."""
    found: Any = card
    if not isinstance(path, Sequence) or isinstance(path, str):
        raise NotTaken(400, "path must be a list")
    for step in path:
        known = isinstance(found, dict) and isinstance(step, str) and step in found
        if not known and not (isinstance(found, list) and type(step) is int and 0 <= step < len(found)):
            raise NotTaken(400, "no such action")
        found = found[step]
    if not isinstance(found, dict) or found.get("@type") != "HttpPOST":
        raise NotTaken(400, "no such action")
    if not _is_ours(found, origins):
        raise NotTaken(400, "the simulator presses only the buttons of this relay")
    return found


def fill(template: object, inputs: Mapping[str, str]) -> str:
    """Return the body of a press: values stand in it as they were typed, without any escape, as Outlook does it."""
    return _INPUT.sub(lambda found: inputs.get(found[1], ""), str(template))


def headers_of(action: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers that an action brings, without those that HTTP itself needs."""
    pairs = action.get("headers")
    named = {
        str(pair.get("name")): str(pair.get("value"))
        for pair in (pairs if isinstance(pairs, list) else ())
        if isinstance(pair, dict)
    }
    return {
        name: value
        for name, value in named.items()
        if _NAME.fullmatch(name) and _VALUE.fullmatch(value) and name.lower() not in _OF_HTTP
    }


def request_of(card: object, origins: Collection[str]) -> str:
    """Return the id that the ticket of a card's buttons says it is for, "" where none does.

    Nothing is trusted for it: the relay is asked about the id with the simulator's own key.
    """
    for action in _actions(card, _DEEPEST):
        if _is_ours(action, origins):
            named = {name.lower(): value for name, value in headers_of(action).items()}
            request_id = _unverified_id(named.get("relay-ticket", ""))
            if request_id:
                return request_id
    return ""


def _actions(found: object, depth: int) -> Iterator[Mapping[str, Any]]:
    if isinstance(found, dict) and found.get("@type") == "HttpPOST":
        yield found
    if depth and isinstance(found, dict | list):
        for each in found.values() if isinstance(found, dict) else found:
            yield from _actions(each, depth - 1)


def _is_ours(action: Mapping[str, Any], origins: Collection[str]) -> bool:
    try:
        parts = urlsplit(str(action.get("target")))
    except ValueError:
        return False
    return f"{parts.scheme}://{parts.netloc}".lower() in origins and parts.path == PRESSES


def _unverified_id(ticket: str) -> str:
    claims = ticket.split(".")[1:2]
    try:
        found = json.loads(urlsafe_b64decode(claims[0] + "===")) if claims else None
    except (ValueError, RecursionError):
        found = None
    request_id = found.get("jti") if isinstance(found, dict) else None
    return request_id if isinstance(request_id, str) and _ID.fullmatch(request_id) else ""
