"""The web server: waitress, with an orderly end."""

import select
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import ClientDisconnected

from relay.serve.connections import BATCH, Listener
from relay.serve.functions_host import MAX_BODY

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

LOOPBACK: Final = "127.0.0.1"
THREADS: Final = 64
IDLE_TIME: Final = 150  # seconds between two requests; a proxy that keeps connections for two minutes ends them first
CONNECTIONS: Final = 4_000
CONNECTIONS_OF_SELECT: Final = 400  # Windows has no poll, and its select takes 512
LAST_CALLS: Final = 2.0  # seconds of an orderly end that a request may still take to arrive
_MAX_HEADERS: Final = 32 * 1024 + 8 * 1024  # bytes; the host's server takes 32 KiB of headers and 8 of request line
_BACKLOG: Final = 1024
# select takes no more than a thousand files, and Windows has no other
_poll: Final = wasyncore.poll2 if hasattr(select, "poll") else wasyncore.poll


class Server:
    """A server that listens on `port` of `host`, or on any free port for 0. Raises OSError if the port is taken.

    A call that comes before `run` waits a moment and is not refused. Without `hands_on_proxy_headers` X-Forwarded-* and
    Forwarded are dropped. A body of `largest` bytes or more is refused unread.
    """

    def __init__(
        self,
        port: int,
        *,
        host: str = LOOPBACK,
        threads: int = THREADS,
        hands_on_proxy_headers: bool = True,
        largest: int = MAX_BODY,
    ) -> None:
        self._open: dict[int, Any] = {}
        self._ends_at: float | None = None
        adjustments = Adjustments(
            host=host,
            port=port,
            threads=threads,
            backlog=_BACKLOG,
            connection_limit=_most_connections(),
            channel_timeout=IDLE_TIME,
            cleanup_interval=1,
            max_request_body_size=largest,
            max_request_header_size=_MAX_HEADERS,
            clear_untrusted_proxy_headers=not hands_on_proxy_headers,
            expose_tracebacks=False,
            ident="relay",
        )
        listener: Any = Listener
        server = listener(_not_yet, map=self._open, adj=adjustments, sockinfo=adjustments.listen[0])
        self._server = server
        self.port = int(server.effective_port)
        name = f"[{host}]" if ":" in host else host
        self.origin = f"http://{name}:{self.port}"

    def run(self, application: "WSGIApplication", *, ending: Callable[[], None] | None = None) -> None:
        """Serve until `stop`, `drain`, SystemExit or KeyboardInterrupt. Requests under way then get five seconds.

        `ending` is called first, to end requests that would wait longer. An exception of the application is logged,
        and answered by a 500 without its trace. ConnectionAbortedError cuts the connection without an answer.
        """
        self._server.application = _cut_on_abort(application)
        with suppress(SystemExit, KeyboardInterrupt):
            while self._open and self._ends_at is None:
                _poll(1, self._open)
            self._finish()
        if ending:
            ending()
        self.close()

    def stop(self) -> None:
        """Make `run` end. To be called from another thread."""
        with suppress(OSError):  # the loop, woken by a call, may close all before this wakes it
            self._server.trigger.pull_trigger(self._close)

    def drain(self, seconds: float) -> None:
        """Make `run` answer the calls under way, for at most `seconds`, and end. To be called from a signal handler."""
        self._ends_at = time.monotonic() + seconds
        self._server.trigger.pull_trigger()

    def close(self) -> None:
        """Close all connections, and end the threads."""
        left = 5.0 if self._ends_at is None else max(0.0, self._ends_at - time.monotonic())
        self._server.task_dispatcher.shutdown(timeout=left)
        self._close()

    def _finish(self) -> None:
        """Take no more connections, and answer the requests that are here or arriving."""
        if self._ends_at is None:
            return
        server, began = self._server, time.monotonic()
        for _ in range(_BACKLOG // BATCH):
            server.handle_accept()  # the kernel has accepted these already
        server.accepting = False
        server.del_channel()
        server.socket.close()
        while time.monotonic() < self._ends_at:
            last_calls = time.monotonic() < began + LAST_CALLS
            channels = list(server.active_channels.values())
            if not any(each.is_busy() or (last_calls and each.waits_since() is not None) for each in channels):
                return
            _poll(0.1, self._open)

    def _close(self) -> None:
        for each in list(self._open.values()):
            with suppress(OSError):
                each.close()
        self._open.clear()


def _most_connections() -> int:
    """Return how many connections fit, after raising the limit of open files as far as it goes."""
    try:
        import resource  # noqa: PLC0415 - Windows has no such limit
    except ImportError:
        return CONNECTIONS_OF_SELECT
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + 500
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    now = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return CONNECTIONS if now == resource.RLIM_INFINITY else max(100, min(CONNECTIONS, now - 200))


def _cut_on_abort(application: "WSGIApplication") -> "WSGIApplication":
    def serve(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        try:
            return application(environ, start_response)
        except ConnectionAbortedError:
            raise ClientDisconnected from None  # the server then closes the connection without an answer

    return serve


def _not_yet(*_: object) -> list[bytes]:
    raise RuntimeError("nothing is served before run")
