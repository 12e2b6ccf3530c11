"""The messages in and out of the relay, one record each, as the store keeps them. Pure.

A message holds ids, names of the policy and codes of the relay alone, and nothing that a sender wrote.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Final, Literal

DAY: Final = 86_400
KEPT_DAYS: Final = 30
_LAST: Final = 10**14 - 1  # milliseconds; a later message has a smaller key
_KEY: Final = re.compile(r"[0-9]{14}-[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `at` is in Unix seconds, `ms` the time that it took, `attempt` counts the tries of a debt from 1.

    `status` is that of HTTP. `key` is its place in the log, empty until it is kept.
    """

    at: float
    direction: Literal["in", "out"]
    channel: str
    what: str
    outcome: str = ""
    check: str = ""
    status: int | None = None
    ms: int | None = None
    attempt: int | None = None
    request: str = ""
    repository: str = ""
    person: str = ""
    trace: str = ""
    key: str = ""


SHOWN: Final = tuple(field.name for field in fields(Message) if field.name != "key")
"""The fields of a message as people and programs read it."""


def key(at: float, number: int, nonce: str) -> str:
    """Return the key of a message. Keys sort from the newest to the oldest.

    `number` counts the messages of a process, and orders those of one millisecond. `nonce` has 8 hexadecimal digits.
    """
    return f"{rank(at)}-{0xFFFFFFFF - number % 2**32:08x}{nonce}"


def is_key(text: str) -> bool:
    """Tell whether a text is the key of a message."""
    return _KEY.fullmatch(text) is not None


def day_of(place: str) -> int:
    """Return the day, in days since 1970, of a key or of its beginning."""
    return (_LAST - int(place[:14])) // (DAY * 1000)


def forgotten_from(now: float) -> float:
    """Return the time up to which messages are forgotten: whole days, so that the last 30 stay."""
    return float((int(now) // DAY - KEPT_DAYS) * DAY)


def shown(message: Message) -> dict[str, object]:
    """Return a message as JSON has it: every field, null where it does not apply."""
    found = {name: getattr(message, name) for name in SHOWN}
    return {name: None if value == "" else value for name, value in found.items()} | {"at": moment(message.at)}


def moment(at: float) -> str:
    """Return Unix seconds in ISO 8601, UTC, with milliseconds."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def stored(message: Message) -> dict[str, Any]:
    """Return the fields of a message that are set, but its key."""
    found = {name: getattr(message, name) for name in SHOWN}
    return {name: value for name, value in found.items() if value not in ("", None)}


def restored(found: Mapping[str, Any], place: str) -> Message:
    """Return the message of `stored` under its key. A missing field has its default, and an unknown one is left out."""
    known: dict[str, Any] = {name: found[name] for name in SHOWN if found.get(name) is not None}
    return Message(**{"at": 0.0, "direction": "in", "channel": "", "what": "", **known, "key": place})


def rank(at: float) -> str:
    """Return the first part of a key: the later the time, the smaller it is."""
    return f"{min(_LAST, max(0, _LAST - round(at * 1000))):014d}"
