"""Log lines as JSON objects, one a line, and the line of each call."""

import json
import logging
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_LOG: Final = logging.getLogger(__name__)
_SILENT: Final = ("azure", "httpx", "httpcore", "waitress")  # they write addresses, headers and bodies


class JsonLines(logging.Formatter):
    """Formats a record as a JSON object. A message that is one already gives its members."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line: dict[str, Any] = {"time": at, "level": record.levelname}
        line |= _members(record.getMessage())
        if record.exc_info:
            line["stack"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def line(message: str) -> str:
    """Return the line of a message that is not logged, in the form of all others."""
    return JsonLines().format(logging.makeLogRecord({"levelname": "INFO", "msg": message}))


def set_up() -> None:
    """Write every log record of this process to the standard error stream as JSON."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.INFO)
    for name in _SILENT:
        logging.getLogger(name).setLevel(logging.ERROR)


def with_access_log(application: "WSGIApplication") -> "WSGIApplication":
    """Return an application that logs each call: method, path without query, status, milliseconds, and no address."""

    def serve(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        began, statuses = time.monotonic(), list[int]()

        def start(status: str, headers: Any, exc_info: Any = None) -> Any:
            statuses.append(int(status.split(" ", 1)[0]))
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        try:
            return application(environ, start)
        finally:
            path = str(environ.get("REQUEST_URI") or "/").partition("?")[0]
            _LOG.info(
                json.dumps(
                    {
                        "event": "http",
                        "method": environ["REQUEST_METHOD"],
                        "path": path,
                        "status": statuses[-1] if statuses else 500,
                        "ms": round(1_000 * (time.monotonic() - began)),
                    }
                )
            )

    return serve


def _members(message: str) -> dict[str, Any]:
    try:
        found = json.loads(message) if message.startswith("{") else None
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"message": message}
