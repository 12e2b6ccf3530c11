"""GitHub on loopback, as slow as a test asks: it counts the dispatches that reached it whole."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

LIFE = 12.0  # seconds that no connection outlives


class GitHubServer:
    """Answers each dispatch with `status` after `delay` seconds."""

    def __init__(self) -> None:
        self.delay = 0.0
        self.status = 204
        self.dispatched: list[dict[str, Any]] = []
        self.over = Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(LIFE)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = LIFE

            def do_POST(self) -> None:
                server.dispatched.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                if server.delay:
                    server.over.wait(server.delay)
                self.send_response(server.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                """Keep the output of the tests to the tests."""

        return Handler
