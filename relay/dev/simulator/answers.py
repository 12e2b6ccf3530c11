"""Answers of the simulator, and the headers that all of them carry."""

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
    """An HTTP answer. A `stream` replaces its body, for as long as it lasts."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    stream: Iterable[bytes] | None = None


class NotTaken(Exception):  # noqa: N818 - it is an answer, not an error of ours
    """A request that the simulator refuses: an HTTP status, a sentence for the page, and the field at fault."""

    def __init__(self, status: int, message: str, field: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.field = field


def json_answer(status: int, body: object) -> Answer:
    """Return a value as a JSON answer."""
    return Answer(status, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(body).encode())


def refused(status: int, message: str, field: str = "") -> Answer:
    """Return the answer for a refused request."""
    return json_answer(status, {"error": status, "message": message} | ({"field": field} if field else {}))


def read_json(body: bytes) -> object:
    """Parse JSON. Raises ValueError, also for numbers that JSON cannot write."""
    try:
        value = json.loads(body)
        json.dumps(value, allow_nan=False)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value
