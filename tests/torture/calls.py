"""Calls of the relays over HTTP."""

from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from typing import Final, NamedTuple

from tests.torture.diary import Diary
from tests.torture.lives import Slot

PATIENCE: Final = 12.0  # seconds that a person waits for an answer
ROUND: Final = "/round"
LOOK: Final = "/api/health?round=1"
_LONG: Final = 90.0  # seconds that a round may take
_BUGS: Final = (500, 502)
_MISSING: Final = 404


class Reply(NamedTuple):
    """Status, headers by their names in lower case, and body. Status 0 means no answer."""

    status: int = 0
    headers: Mapping[str, str] = {}
    body: bytes = b""


def call(
    diary: Diary, at: Slot, path: str, headers: Mapping[str, str], body: bytes = b"", *, method: str = "POST"
) -> Reply:
    """Call the relay of a slot once, and note an answer that no call may get."""
    patience = _LONG if path in {ROUND, LOOK} else PATIENCE
    connection = HTTPConnection("127.0.0.1", at.port or 1, timeout=patience)
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        content = answer.read()
    except (OSError, HTTPException):
        return Reply()
    finally:
        connection.close()
    is_lost = answer.status == _MISSING and path != ROUND and b"unknown" not in content
    if answer.status in _BUGS or is_lost:
        diary.unexpected.append(f"{path} answered {answer.status}")
    return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, content)
