"""Proxy on loopback before the storage emulator. It counts requests, and spoils those that a test names."""

import re
import socket
from functools import partial
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Callable

LIFE: Final = 20.0  # seconds that no connection outlives
_TABLE: Final = re.compile(r"/devstoreaccount1/(?:t[0-9a-f]{16})?(\$batch|\w+)")
_HOP: Final = ("connection", "transfer-encoding", "keep-alive", "content-length")


Answer = tuple[int, dict[str, str], bytes]


class Fault(NamedTuple):
    """The end of a request: whether it still reaches the emulator, and the status of the answer, 0 for none."""

    forward: bool
    status: int


UNAVAILABLE: Final = Fault(forward=False, status=503)
BROKEN: Final = Fault(forward=False, status=500)
CUT: Final = Fault(forward=False, status=0)
CONFLICT: Final = Fault(forward=False, status=412)
DONE_BUT_BROKEN: Final = Fault(forward=True, status=500)
DONE_BUT_UNAVAILABLE: Final = Fault(forward=True, status=503)
DONE_BUT_CUT: Final = Fault(forward=True, status=0)
DONE_BUT_CONFLICT: Final = Fault(forward=True, status=412)
FORBIDDEN: Final = Fault(forward=False, status=403)


class TableProxy:
    """Forwards to `upstream`, a port of this machine. `seen` are the requests so far, each as `PUT cases`."""

    def __init__(self, upstream: int) -> None:
        self.seen: list[str] = []
        self.before: Callable[[str], None] = lambda _request: None  # called as each request comes
        self._upstream = upstream
        self._faults: list[tuple[re.Pattern[str], Fault]] = []
        self._lock = Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self.port = self._server.server_port

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(LIFE)

    def spoil(self, pattern: str, *faults: Fault) -> None:
        """Let the next requests that match, such as `PUT cases`, end in these faults, one after another."""
        with self._lock:
            self._faults += [(re.compile(pattern), fault) for fault in faults]

    def mend(self) -> None:
        """Let everything pass from now on."""
        with self._lock:
            self._faults.clear()

    def meet(self, method: str, path: str) -> Fault | None:
        """Note a request, and return its fault, or None."""
        table = _TABLE.match(path)
        request = f"{method} {table[1] if table else path}"
        self.before(request)
        with self._lock:
            self.seen.append(request)
            for index, (pattern, fault) in enumerate(self._faults):
                if pattern.fullmatch(request):
                    del self._faults[index]
                    return fault
        return None

    def forward(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """Forward the request, and return the emulator's answer."""
        connection = HTTPConnection("127.0.0.1", self._upstream, timeout=LIFE)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = LIFE
    wbufsize = -1  # one packet for head and body, else the system waits 40 ms between them

    def __init__(self, proxy: TableProxy, *arguments: Any) -> None:
        self._proxy = proxy
        super().__init__(*arguments)

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self._proxy.meet(self.command, self.path)
        answer: Answer = (0, {}, b"")
        if fault is None or fault.forward:
            answer = self._proxy.forward(self.command, self.path, dict(self.headers), body)
        if fault is not None:
            answer = (fault.status, {}, b"")
        if answer[0]:
            self._say(*answer)
        else:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

    def do_POST(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        self.do_GET()

    def do_DELETE(self) -> None:
        self.do_GET()

    def _say(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in _HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *_args: object) -> None:  # noqa: A002 - the name of the base
        pass
