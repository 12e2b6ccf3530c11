"""A call to the simulator, with a limit on its body."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from relay.dev.simulator.answers import NotTaken, read_json

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

POLICY: Final = "/simulator/policy"
_MAX_BODY: Final = 256 * 1024
_MAX_POLICY: Final = 1024 * 1024  # bytes; JSON writes some characters with six


@dataclass(frozen=True, slots=True)
class Call:
    """One call: `method` in capitals, `path` decoded, header names in lower case."""

    method: str
    path: str
    environ: "WSGIEnvironment"

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers, names in lower case."""
        named = {key[5:]: str(value) for key, value in self.environ.items() if key.startswith("HTTP_")}
        named["CONTENT_TYPE"] = str(self.environ.get("CONTENT_TYPE", ""))
        return {name.replace("_", "-").lower(): value for name, value in named.items() if value}

    @property
    def query(self) -> dict[str, str]:
        """Return the query, with the last value of a repeated name."""
        return dict(parse_qsl(str(self.environ.get("QUERY_STRING", "")), keep_blank_values=True))

    def body(self, limit: int) -> bytes:
        """Return at most `limit` bytes and one more, which shows that a body is too long. To be called once."""
        return bytes(self.environ["wsgi.input"].read(min(int(self.environ.get("CONTENT_LENGTH") or 0), limit + 1)))


def read_object(call: Call) -> Mapping[str, Any]:
    """Return the JSON object in the body. Raises NotTaken if it is none or too long."""
    limit = _MAX_POLICY if call.path == POLICY else _MAX_BODY
    body = call.body(limit)
    try:
        asked = read_json(body) if len(body) <= limit else None
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        raise NotTaken(400, f"the body must be a JSON object of at most {limit // 1024} KiB")
    return asked
