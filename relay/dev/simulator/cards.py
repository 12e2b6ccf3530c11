"""Cards as JSON: their actions, the content of a press, and the request that a card belongs to."""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from relay.dev.simulator.answers import NotTaken
from relay.dev.simulator.relay_api import PRESSES

ADAPTIVE: Final = "application/vnd.microsoft.card.adaptive"
MESSAGECARD: Final = "application/vnd.microsoft.teams.card.o365connector"
REVIEW: Final = "/api/review/"
_INPUT: Final = re.compile(r"\{\{([A-Za-z0-9_-]+)\.value\}\}")
_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,64}")
_VALUE: Final = re.compile(r"[ -~]{0,8192}")
_OF_HTTP: Final = frozenset({"host", "connection", "content-length", "content-type", "transfer-encoding"})
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")
_TICKET: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_DEEPEST: Final = 16


def kind(action: Mapping[str, Any]) -> str:
    """Return the type of a card or an action, in either card format."""
    return str(action.get("@type") or action.get("type") or "")


def action_at(card: Mapping[str, Any], path: object) -> Mapping[str, Any]:
    """Return the action at `path` of a card. Raises NotTaken if there is no action."""
    found: Any = card
    if not isinstance(path, Sequence) or isinstance(path, str):
        raise NotTaken(400, "path must be a list")
    for step in path:
        known = isinstance(found, dict) and isinstance(step, str) and step in found
        if not known and not (isinstance(found, list) and type(step) is int and 0 <= step < len(found)):
            raise NotTaken(400, "no such action")
        found = found[step]
    if not isinstance(found, dict) or found is card or not kind(found):
        raise NotTaken(400, "no such action")
    return found


def fill(template: object, inputs: Mapping[str, str]) -> str:
    """Return a template with its inputs filled in."""
    # without any escape, as Outlook does it
    return _INPUT.sub(lambda found: inputs.get(found[1], ""), str(template))


def headers_of(
    action: Mapping[str, Any], inputs: Mapping[str, str] | None = None, *, ours: Collection[str] = _OF_HTTP
) -> dict[str, str]:
    """Return the headers of an action without the `ours` (in lower case), filled with `inputs` if there are any."""
    pairs = action.get("headers")
    named = {
        str(pair.get("name")): str(pair.get("value"))
        for pair in (pairs if isinstance(pairs, list) else ())
        if isinstance(pair, dict)
    }
    filled = {name: value if inputs is None else fill(value, inputs) for name, value in named.items()}
    return {
        name: value
        for name, value in filled.items()
        if _NAME.fullmatch(name) and _VALUE.fullmatch(value) and name.lower() not in ours
    }


def is_ours(action: Mapping[str, Any], origins: Collection[str]) -> bool:
    """Tell whether an action calls a relay at one of `origins`."""
    parts = _split(action.get("target") or action.get("url"))
    return parts is not None and parts[0] in origins and parts[1] == PRESSES


def request_of(card: object, origins: Collection[str]) -> str:
    """Return the id of the request that a card's actions name, or an empty text."""
    # nothing is trusted for it: the relay is asked about the id with the simulator's own key
    for action in _actions(card, _DEEPEST):
        request_id = _named(action, origins)
        if request_id:
            return request_id
    return ""


def request_of_ticket(ticket: str) -> str:
    """Return the id of the request that a ticket names, or an empty text."""
    return _unverified_id(ticket) if _TICKET.fullmatch(ticket) else ""


def title_of(card: Mapping[str, Any]) -> str:
    """Return the subject of a card: its title, its summary, or the largest text of an Adaptive Card."""
    texts = [each for each in _nested(card.get("body"), _DEEPEST) if kind(each) == "TextBlock"]
    large = [each for each in texts if str(each.get("size", "")).lower() in {"large", "extralarge"}]
    text = card.get("title") or card.get("summary") or next((each.get("text") for each in (*large, *texts)), "")
    return re.sub(r"[\u200b]|\\(?=[!-/:-@\[-`{-~])", "", text) if isinstance(text, str) else ""


def message_card_fault(card: Mapping[str, Any]) -> str:
    """Return the fault of a MessageCard in the words of Teams, or an empty text."""
    return "" if any(card.get(name) for name in ("summary", "text", "title")) else "Summary or Text is required."


def _actions(card: object, depth: int) -> Iterator[Mapping[str, Any]]:
    for each in _nested(card, depth):
        if kind(each) == "HttpPOST" or kind(each).startswith("Action."):
            yield each


def _nested(found: object, depth: int) -> Iterator[Mapping[str, Any]]:
    if isinstance(found, dict):
        yield found
    if depth and isinstance(found, dict | list):
        for each in found.values() if isinstance(found, dict) else found:
            yield from _nested(each, depth - 1)


def _named(action: Mapping[str, Any], origins: Collection[str]) -> str:
    if kind(action) == "Action.OpenUrl":
        parts = _split(action.get("url"))
        found = parts[1].removeprefix(REVIEW) if parts and parts[0] in origins and REVIEW in parts[1] else ""
        return found if _ID.fullmatch(found) else ""
    if not is_ours(action, origins) and kind(action) != "Action.Execute" and "@id" not in action:
        return ""
    tickets = _TICKET.findall(json.dumps(action))
    return next((found for each in tickets if (found := _unverified_id(each))), "")


def _split(address: object) -> tuple[str, str] | None:
    try:
        parts = urlsplit(str(address))
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.netloc}".lower(), parts.path


def _unverified_id(ticket: str) -> str:
    try:
        found = json.loads(urlsafe_b64decode(ticket.split(".")[1] + "==="))
    except (ValueError, RecursionError):
        found = None
    request_id = found.get("jti") if isinstance(found, dict) else None
    return request_id if isinstance(request_id, str) and _ID.fullmatch(request_id) else ""
