"""The fake GitHub, a key server, Slack and a receiver of events on loopback, for relays in processes of their own."""

import json
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, Final, Self

from tests.support import entra_tokens, github_tokens
from tests.support.chaos.channels import Receiver, Slack
from tests.support.chaos.github import MANNERS, GitHub, Mood
from tests.support.hook_server import KEY

ENTRA_KEYS: Final = "/discovery/v2.0/keys"
OIDC: Final = "/_services/token"  # the path of the issuer of workflows' tokens
OIDC_KEYS: Final = f"{OIDC}/.well-known/jwks"
SLACK: Final = "/slack/"
HOOKS: Final = "/hooks/"
LIFE: Final = 60.0  # seconds that no connection outlives
_REVIEW: Final = re.compile(r"/repos/([^/]+/[^/]+)/actions/runs/(\d+)/deployment_protection_rule")
_INSTALLATION: Final = {"id": 41, "suspended_at": None}
_TOKEN: Final = {"token": "ghs_made_up", "expires_at": "2099-01-01T00:00:00Z"}
_FIRST: Final = {"run_attempt": 1}
_SETTLED: Final = {"message": "No pending custom deployment gate request to approve or reject", "status": "422"}


class Neighbours:
    """Serve `github` with its App, `slack`, `receiver`, and the keys of Entra and of tokens unless `keys_fail`."""

    def __init__(self, github: GitHub, clock: Callable[[], float] = time.time) -> None:
        self.github = github
        self.keys_fail: Callable[[], bool] = bool
        self.over = Event()
        self._server = _Server(self)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.issuer = f"{self.url}/{entra_tokens.TENANT}/v2.0"
        self.slack = Slack(f"{self.url}{SLACK.rstrip('/')}", clock)
        self.receiver = Receiver()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def fair(self) -> None:
        """End all faults."""
        self.github.always("takes")
        self.keys_fail = bool
        self.slack.plan = self.receiver.plan = lambda: "takes"

    def settings(self) -> dict[str, str]:
        """Return the settings that point a relay here."""
        return {"RELAY_GITHUB_API_URL": self.url, "RELAY_ENTRA_AUTHORITY": self.url}

    def channels(self) -> dict[str, str]:
        """Return the settings of Slack, of the receiver of the channel `events`, and of the GitHub App."""
        slack = self.slack.fake
        return {
            "RELAY_SLACK_SIGNING_SECRET": slack.secret,
            "RELAY_SLACK_BOT_TOKEN": slack.token,
            "RELAY_SLACK_TEAMS": slack.team,
            "RELAY_SLACK_API_URL": slack.api_url,
            "RELAY_HOOKS": f"events:{KEY}:{self.url}{HOOKS}events",
            "RELAY_GITHUB_APP_CLIENT_ID": "Iv23liExample",
            "RELAY_GITHUB_APP_PRIVATE_KEY": entra_tokens.PEM,
        }


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"
    protocol_version = "HTTP/1.1"
    timeout = LIFE

    def do_GET(self) -> None:
        known = {
            ENTRA_KEYS: entra_tokens.jwks(),
            OIDC_KEYS: github_tokens.jwks(),
            "/installation": _INSTALLATION,
            "/app/hook/deliveries?per_page=30": [],
        }
        found = [body for path, body in known.items() if self.path.endswith(path)]
        if "/actions/runs/" in self.path:
            self._answer(200, _FIRST)
        elif self.path.endswith((ENTRA_KEYS, OIDC_KEYS)) and self.server.here.keys_fail():
            self._answer(503)
        else:
            self._answer(200 if found else 404, found[0] if found else None)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        sender = _number(self.headers["User-Agent"])
        if self.path.startswith(SLACK):
            self._slack(body, sender)
        elif self.path.startswith(HOOKS):
            self._meet(self.server.here.receiver.take(body, sender))
        elif self.path.startswith("/app/"):
            self._answer(201, _TOKEN)
        else:
            self.server.here.github.count(sender)
            self._meet(self._github(json.loads(body), sender))

    def _github(self, said: dict[str, Any], sender: int) -> Mood:
        if found := _REVIEW.fullmatch(self.path):
            return self.server.here.github.review(found[1], found[2], said, sender).mood
        repository = self.path.removeprefix("/repos/").removesuffix("/dispatches")
        return self.server.here.github.meet(repository, said["event_type"], said["client_payload"], sender).mood

    def _slack(self, body: bytes, sender: int) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.here.slack.take(self.path.removeprefix(SLACK), headers, body, sender)
        if answer.body is None:
            self.close_connection = True
        else:
            self._send(answer.status, answer.body, answer.headers)

    def _meet(self, mood: Mood) -> None:
        manner = MANNERS[mood]
        self.server.here.over.wait(manner.wait)
        if manner.status:
            self._answer(manner.status, _SETTLED if mood == "is settled" else None, manner.headers)
        else:
            self.close_connection = True

    def _answer(self, status: int, body: object = None, headers: Mapping[str, str] | None = None) -> None:
        self._send(status, b"" if body is None else json.dumps(body).encode(), headers or {})

    def _send(self, status: int, content: bytes, headers: Mapping[str, str]) -> None:
        with suppress(OSError):  # the client may have been killed
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, format: str, *_args: object) -> None:  # noqa: A002 - the name of the base
        pass


def _number(user_agent: str) -> int:
    """Return the number of a relay under torture, or 0 if it has none."""
    name, _, number = user_agent.rpartition("/")
    return int(number) if name == "torture" else 0


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, here: Neighbours) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.here = here

    def handle_error(self, _request: object, _address: object) -> None:
        """Ignore the connections that a killed relay left behind."""
