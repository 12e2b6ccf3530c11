"""The web server of `relay dev`: waitress on loopback, with a thread for each of many clicks at once."""

from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from relay.serve.functions_host import MAX_BODY

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

LOOPBACK: Final = "127.0.0.1"
THREADS: Final = 64
_MAX_HEADERS: Final = 32 * 1024 + 8 * 1024  # bytes; the host's server takes 32 KiB of headers and 8 of request line
_BACKLOG: Final = 1024


class Server:
    """Listens on `port` of loopback, on any free one for 0: who calls before `run` waits a moment and is not refused.

    Raises OSError where the port is taken.
    """

    def __init__(self, port: int) -> None:
        self._open: dict[int, Any] = {}
        self._server = import_module("waitress.server").create_server(
            _not_yet,
            map=self._open,
            host=LOOPBACK,
            port=port,
            threads=THREADS,
            backlog=_BACKLOG,
            connection_limit=1000,
            max_request_body_size=MAX_BODY,
            max_request_header_size=_MAX_HEADERS,
            clear_untrusted_proxy_headers=False,  # the host hands on every header
            expose_tracebacks=False,
            ident="relay dev",
        )
        self._server.channel_class = import_module("relay.serve.connections").Connection
        self.port = int(self._server.effective_port)

    def run(self, application: "WSGIApplication", *, ending: Callable[[], None] | None = None) -> None:
        """Serve until `stop`, SystemExit or KeyboardInterrupt. Requests under way when it ends get five seconds.

        `ending` is called before, to end those that would wait longer. An exception of the application is logged, and
        is a 500 without its trace outside; but ConnectionAbortedError cuts the connection without an answer.
        """
        self._server.application = _cutting(application)
        with suppress(SystemExit, KeyboardInterrupt):
            import_module("waitress.wasyncore").loop(timeout=1, map=self._open)
        if ending:
            ending()
        self.close()

    def stop(self) -> None:
        """Make `run` end, from any other thread."""
        self._server.trigger.pull_trigger(self._close)

    def close(self) -> None:
        """Close what is open, and end the threads."""
        self._server.task_dispatcher.shutdown()
        self._close()

    def _close(self) -> None:
        for each in list(self._open.values()):
            each.close()


def _cutting(application: "WSGIApplication") -> "WSGIApplication":
    gone = import_module("waitress.channel").ClientDisconnected

    def serve(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        try:
            return application(environ, start_response)
        except ConnectionAbortedError:
            raise gone from None  # the server takes it that nobody is there to be answered, and closes

    return serve


def _not_yet(*_: object) -> list[bytes]:
    raise RuntimeError("nothing is served before run")
