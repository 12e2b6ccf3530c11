"""Proxy on loopback before the storage emulator. It counts requests, and spoils those that a test names."""

import re
from http.client import HTTPConnection
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple

from tests.support.http_server import LIFE, Answer, Call, HttpServer

if TYPE_CHECKING:
    from collections.abc import Callable

_TABLE: Final = re.compile(r"/devstoreaccount1/(?:t[0-9a-f]{16})?(\$batch|\w+)")
_HOP: Final = ("connection", "transfer-encoding", "keep-alive", "content-length")


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


class TableProxy(HttpServer):
    """Forwards to `upstream`, a port of this machine. `seen` are the requests so far, each as `PUT cases`."""

    def __init__(self, upstream: int) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.before: Callable[[str], None] = lambda _request: None  # called as each request comes
        self._upstream = upstream
        self._faults: list[tuple[re.Pattern[str], Fault]] = []
        self._lock = Lock()

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

    def answer(self, call: Call) -> Answer:
        fault = self.meet(call.method, call.path)
        forwarded = self.forward(call) if fault is None or fault.forward else None
        if fault is not None:
            return Answer(fault.status, b"" if fault.status else None)
        assert forwarded is not None
        return forwarded

    def forward(self, call: Call) -> Answer:
        """Return the answer of the emulator."""
        connection = HTTPConnection("127.0.0.1", self._upstream, timeout=LIFE)
        try:
            connection.request(call.method, call.path, call.body, dict(call.headers))
            answer = connection.getresponse()
            headers = {name: value for name, value in answer.getheaders() if name.lower() not in _HOP}
            return Answer(answer.status, answer.read(), headers)
        finally:
            connection.close()
