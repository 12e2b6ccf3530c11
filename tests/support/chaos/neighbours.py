"""The fake GitHub and a key server over HTTP on loopback, for relays that run in processes of their own."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Final, Self

from tests.support import entra_tokens, github_tokens
from tests.support.chaos.github import MANNERS, GitHub

OIDC: Final = "/_services/token"  # the path of the issuer of workflows' tokens
OIDC_KEYS: Final = f"{OIDC}/.well-known/jwks"
LIFE: Final = 60.0  # seconds that no connection outlives


class Neighbours:
    """Serve `github`, and the keys of Entra and of workflows' tokens unless `keys_fail`."""

    def __init__(self, github: GitHub) -> None:
        self.github = github
        self.keys_fail: Callable[[], bool] = bool
        self.over = Event()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
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

    def _handler(here) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - self is the handler's here
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = LIFE

            def do_GET(self) -> None:
                known = {"/discovery/v2.0/keys": entra_tokens.jwks(), OIDC_KEYS: github_tokens.jwks()}
                found = [key_set for path, key_set in known.items() if self.path.endswith(path)]
                self._answer(503 if here.keys_fail() else 200 if found else 404, found[0] if found else None)

            def do_POST(self) -> None:
                event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                repository = self.path.removeprefix("/repos/").removesuffix("/dispatches")
                sender = _number(self.headers["User-Agent"])
                here.github.count(sender)
                arrival = here.github.meet(repository, event["event_type"], event["client_payload"], sender)
                manner = MANNERS[arrival.mood]
                here.over.wait(manner.wait)
                if manner.status:
                    self._answer(manner.status, headers=manner.headers)
                else:
                    self.close_connection = True

            def _answer(self, status: int, body: object = None, headers: Mapping[str, str] | None = None) -> None:
                content = b"" if body is None else json.dumps(body).encode()
                with suppress(OSError):  # the client may have been killed
                    self.send_response(status)
                    for name, value in (headers or {}).items():
                        self.send_header(name, value)
                    if status != 204:
                        self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)

            def log_message(self, format: str, *_args: object) -> None:  # noqa: A002 - the name of the base
                pass

        return Handler


def _number(user_agent: str) -> int:
    """Return the number of a relay under torture, or 0 if it has none."""
    name, _, number = user_agent.rpartition("/")
    return int(number) if name == "torture" else 0


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, _request: object, _address: object) -> None:
        """Ignore the connections that a killed relay left behind."""
