"""A GitHub and a key server on loopback that fail in every way there is, and remember all that reached them."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any, Final, Self

from tests.support import entra_tokens
from tests.torture import rules

LONG: Final = 12.0  # seconds; longer than the relay waits for any answer
TAKEN: Final = ("well", "slow", "late", "swallowed", "stalled", "taken-502")
ANSWERED: Final = ("well", "slow")  # the sender cannot but know that it was taken
WAYS: Final = (
    *("well", "slow", "late", "swallowed", "stalled", "taken-502"),
    *("cut", "deaf", "limited-429", "error-500"),
)
_STATUS: Final = {"well": 204, "slow": 204, "late": 204, "taken-502": 502, "limited-429": 429, "error-500": 500}

Plan = Callable[[], str]


@dataclass(frozen=True)
class Arrival:
    """A dispatch that reached GitHub; `at` on the machine's clock, `clock` on the relay's, `life` is the sender."""

    at: float
    clock: float
    life: int
    repository: str
    event_type: str
    environment: str
    id: str
    decision: str
    way: str

    @property
    def taken(self) -> bool:
        """Tell whether workflows were started."""
        return self.way in TAKEN


def well() -> str:
    """Answer as one would wish."""
    return "well"


class GitHub:
    """Meets each dispatch in the way that `plan` says; `clock` tells what time it is for the relay of a number."""

    def __init__(self, clock: Callable[[int], float]) -> None:
        self.arrivals: list[Arrival] = []
        self.plan: Plan = well
        self.keys_fail: Callable[[], bool] = bool
        self.over = Event()
        self._clock = clock
        self._lock = Lock()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.issuer = f"{self.url}/{entra_tokens.TENANT}/v2.0"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def settings(self) -> dict[str, str]:
        """Return the settings that point a relay here."""
        return {"RELAY_GITHUB_API_URL": self.url, "RELAY_ENTRA_AUTHORITY": self.url}

    def take(self, path: str, body: Any, sender: str) -> str:
        """Note a dispatch, and return the way in which it is met."""
        repository = path.removeprefix("/repos/").removesuffix("/dispatches")
        approval, life = body["client_payload"]["approval"], int(sender.rpartition("/")[2])
        with self._lock:
            arrival = Arrival(
                at=time.monotonic(),
                clock=self._clock(life),
                life=life,
                repository=repository,
                event_type=body["event_type"],
                environment=approval["environment"],
                id=approval["id"],
                decision=approval["decision"],
                way="unknown" if repository == rules.GONE else self.plan(),
            )
            self.arrivals.append(arrival)
        return arrival.way

    def _handler(github) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - self is the handler's here
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 60

            def do_GET(self) -> None:
                self._answer(503 if github.keys_fail() else 200, entra_tokens.jwks())

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                way = github.take(self.path, body, self.headers["User-Agent"])
                wait = {"slow": 0.2, "late": 5.0, "stalled": LONG, "deaf": LONG}.get(way, 0.0)
                github.over.wait(wait)
                if way in _STATUS or way == "unknown":
                    self._answer(_STATUS.get(way, 404))
                else:
                    self.close_connection = True

            def _answer(self, status: int, body: object = None) -> None:
                content = b"" if body is None else json.dumps(body).encode()
                with suppress(OSError):  # who asked may be dead
                    self.send_response(status)
                    if status == 429:
                        self.send_header("Retry-After", "20")
                    if status != 204:
                        self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)

            def log_message(self, format: str, *_args: object) -> None:  # noqa: A002 - the name of the base
                pass

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, _request: object, _address: object) -> None:
        """Say nothing of connections that a killed relay left behind."""
