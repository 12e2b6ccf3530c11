"""The simulator's answers, and the headers that stand on all of them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

SECURITY: Final = MappingProxyType(
    {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        "Cache-Control": "no-store",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; with a `stream` its body is that, as long as it lasts."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    stream: Iterable[bytes] | None = None


class NotTaken(Exception):  # noqa: N818 - it is an answer, not an error of ours
    """What was asked is not taken: an HTTP status, a sentence for who asked, and the field at fault if one is."""

    def __init__(self, status: int, message: str, field: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.field = field


def json_answer(status: int, body: object) -> Answer:
    """Return `body` as JSON."""
    return Answer(status, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(body).encode())


def refused(status: int, message: str, field: str = "") -> Answer:
    """Return the answer of what is not taken."""
    return json_answer(status, {"error": status, "message": message} | ({"field": field} if field else {}))


def read_json(body: bytes) -> object:
    """Return the JSON that the body is. Raises ValueError, also for numbers that JSON cannot write."""
    try:
        value = json.loads(body)
        json.dumps(value, allow_nan=False)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value
