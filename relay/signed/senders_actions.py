"""Check of the actions that a sender adds to a card: they lead elsewhere, and none of them passes for the relay's.

A press carries the proof of the person who makes it. A sender's button that led to the relay could therefore carry the
ticket of another request under a harmless name.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import unquote, urlsplit

from relay.errors import malformed
from relay.model.request import ApprovalRequest
from relay.net.addresses import is_loopback
from relay.signed.fields import UNSEEN, is_web_address

# The members of a MessageCard's section that only say something. All others may act, in any spelling.
_WORDS_ALONE: Final = frozenset(
    {"title", "text", "facts", "markdown", "startGroup", "activityTitle", "activitySubtitle", "activityText"}
)
_ADDRESSES: Final = frozenset({"target", "uri", "url"})
_OURS: Final = re.compile(r"[\W_]*(?:approve|reject|review\W+and\W+decide|review\s*:|run\W+again)(?![^\W_])")
_HEADER: Final = re.compile(r"\s*relay[-_](?:ticket|verdict|card|look|originator)\s*")  # only the relay reads these
# Letters of other scripts that look like those of the relay's words.
_ALIKE: Final = str.maketrans("аеорсіјѕԁһոνυαειορτ", "aeopcijsdhnvuaeiopt")
_HINT: Final = MappingProxyType(
    {
        "address": "takes only http and https addresses whose host is in ASCII (xn-- for other scripts), without a "
        "user, a backslash or a blank",
        "relay": "must not lead to the relay: its own buttons alone do, or one card could decide on another",
        "name": "must not begin a name with words of the relay's own buttons (Approve, Reject, Review and decide, Run "
        "again): write another name",
    }
)


def check_actions(request: ApprovalRequest, relay: str) -> None:
    """Check the sender's actions, and all that may act in the sections. Raises Refusal malformed, naming the field.

    `relay` is the relay's origin, or empty where it is not known.
    """
    acting = [
        {name: each for name, each in section.items() if name not in _WORDS_ALONE} for section in request.sections
    ]
    for field, value in (("actions", list(request.actions)), ("sections", acting)):
        for fault in _faults(value, relay):
            raise malformed(field, _HINT[fault])


def leads_to(text: str, relay: str) -> bool:
    """Tell whether a text is an address of the relay, in any spelling that a program might take for it.

    The host decides, whatever the port: one may lead on to another. On loopback each port is a program of its own.
    """
    host, port = _host_and_port(relay)
    found, found_port = _host_and_port(text)
    return bool(host) and host == found and (port == found_port or not is_loopback(host))


def passes_for_ours(name: str) -> bool:
    """Tell whether a name begins with words of the relay's own buttons, as an eye reads it."""
    return _OURS.match(_folded(name)) is not None


def _faults(value: object, relay: str) -> Iterator[str]:
    if isinstance(value, list | tuple):
        for each in value:
            yield from _faults(each, relay)
    elif isinstance(value, Mapping):
        kind = _kind(value)
        for key, each in value.items():
            yield from _member(key.casefold(), each, kind, relay)
            yield from _faults(each, relay)
    elif isinstance(value, str) and leads_to(value, relay):
        yield "relay"


def _member(key: str, value: object, kind: str, relay: str) -> Iterator[str]:
    if _HEADER.fullmatch(key) or (isinstance(value, str) and key == "name" and _HEADER.fullmatch(_folded(value))):
        yield "relay"
    if not isinstance(value, str):
        return
    if key in _ADDRESSES and not is_web_address(value):
        yield "relay" if leads_to(value, relay) else "address"
    named = (key == "name" and kind) or (key == "title" and kind.startswith("action"))
    if named and passes_for_ours(value):
        yield "name"


def _kind(value: Mapping[str, object]) -> str:
    kinds = [str(each) for key, each in value.items() if key.casefold() in ("@type", "type")]
    return kinds[0].casefold() if kinds else ""


def _folded(text: str) -> str:
    """Return a text as an eye reads it: without capitals, accents, unseen characters and letters that look alike."""
    parts = unicodedata.normalize("NFKD", text)
    seen = "".join(char for char in parts if unicodedata.category(char) not in ("Cf", "Mn", "Me", "Cc"))
    return UNSEEN.sub("", seen).casefold().translate(_ALIKE)


def _host_and_port(text: str) -> tuple[str, int]:
    """Return the host of an address and its port, as the most lenient reader finds them; empty for any other text."""
    plain = unicodedata.normalize("NFKC", "".join(text.split())).replace("\\", "/").replace("\u3002", ".")
    scheme, _, rest = plain.partition(":")
    if scheme.casefold() not in ("http", "https"):
        rest = plain if plain.startswith("//") else ""
    try:
        parts = urlsplit(f"//{rest.lstrip('/')}" if rest else "")
        host = unquote(parts.hostname or "").rstrip(".").casefold()
        return host, parts.port or (80 if scheme.casefold() == "http" else 443)
    except ValueError:
        return "", 0
