"""The web server of `relay dev`: waitress on loopback, with a thread for each of many clicks at once."""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from waitress import wasyncore
from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.server import create_server

from relay.serve.functions_host import MAX_BODY

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

LOOPBACK: Final = "127.0.0.1"
THREADS: Final = 64
_MAX_HEADERS: Final = 32 * 1024 + 8 * 1024  # bytes; the host's server takes 32 KiB of headers and 8 of request line
_BACKLOG: Final = 1024


class _Connection(HTTPChannel):
    """A connection that the server's loop leaves alone while a thread is sending on it."""

    # Otherwise the loop finds it ready to be written to, is kept out by the thread's lock, and looks again at once.
    # With many clicks at once that takes more time than they do. A thread that could not send all wakes the loop.
    _sends = False

    def writable(self) -> bool:
        """Tell the loop whether there is work on this connection."""
        return not self._sends and super().writable()

    def send(self, data: bytes, do_close: bool = True) -> int:
        """Send as much as the socket takes, and return how much that was."""
        self._sends = True
        try:
            return super().send(data, do_close)
        finally:
            self._sends = False


class Server:
    """A server that listens on `port` of loopback, or on any free port for 0. Raises OSError if the port is taken.

    A call that comes before `run` waits a moment and is not refused.
    """

    def __init__(self, port: int) -> None:
        self._open: dict[int, Any] = {}
        server: Any = create_server(
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
        server.channel_class = _Connection
        self._server = server
        self.port = int(server.effective_port)
        self.origin = f"http://{LOOPBACK}:{self.port}"

    def run(self, application: "WSGIApplication", *, ending: Callable[[], None] | None = None) -> None:
        """Serve until `stop`, SystemExit or KeyboardInterrupt. Requests under way then get five seconds.

        `ending` is called first, to end requests that would wait longer. An exception of the application is logged,
        and answered by a 500 without its trace. ConnectionAbortedError cuts the connection without an answer.
        """
        self._server.application = _cut_on_abort(application)
        with suppress(SystemExit, KeyboardInterrupt):
            wasyncore.loop(timeout=1, map=self._open)
        if ending:
            ending()
        self.close()

    def stop(self) -> None:
        """Make `run` end. To be called from another thread."""
        self._server.trigger.pull_trigger(self._close)

    def close(self) -> None:
        """Close all connections, and end the threads."""
        self._server.task_dispatcher.shutdown()
        self._close()

    def _close(self) -> None:
        for each in list(self._open.values()):
            each.close()


def _cut_on_abort(application: "WSGIApplication") -> "WSGIApplication":
    def serve(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        try:
            return application(environ, start_response)
        except ConnectionAbortedError:
            raise ClientDisconnected from None  # the server then closes the connection without an answer

    return serve


def _not_yet(*_: object) -> list[bytes]:
    raise RuntimeError("nothing is served before run")
