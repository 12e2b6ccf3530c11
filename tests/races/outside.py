"""GitHub and the key server on loopback, for relays that run in processes of their own."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any, Final, Self

from tests.support import entra_tokens, github_tokens

ISSUER: Final = "/_services/token"
LIFE: Final = 20.0  # seconds that nothing here outlives


class Outside:
    """Remembers every dispatch it got; while `silent` it takes them and never answers."""

    def __init__(self) -> None:
        self.dispatches: list[dict[str, Any]] = []
        self.arrived = Event()
        self.silent = False
        self.over = Event()
        self.lock = Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.issuer = f"{self.url}/{entra_tokens.TENANT}/v2.0"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(LIFE)

    def settings(self) -> dict[str, str]:
        """Return the settings that point a relay here."""
        return {"RELAY_GITHUB_API_URL": self.url, "RELAY_ENTRA_AUTHORITY": self.url}

    def _handler(outside) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - self is the handler's here
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = LIFE

            def do_GET(self) -> None:
                keys = {"/discovery/v2.0/keys": entra_tokens.jwks(), f"{ISSUER}/.well-known/jwks": github_tokens.jwks()}
                found = [key_set for path, key_set in keys.items() if self.path.endswith(path)]
                self._answer(200 if found else 404, *found)

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with outside.lock:
                    outside.dispatches.append(body)
                outside.arrived.set()
                if outside.silent:
                    outside.over.wait(LIFE)
                    self.close_connection = True
                else:
                    self._answer(204 if self.path == "/repos/octo/api/dispatches" else 404)

            def _answer(self, status: int, body: object = None) -> None:
                content = b"" if body is None else json.dumps(body).encode()
                self.send_response(status)
                if status != 204:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *_args: object) -> None:  # noqa: A002 - the name of the base
                pass

        return Handler
