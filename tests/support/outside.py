"""The outside of a relay for real, on loopback: a web server in front of it, and each neighbour of the simulator."""

import http.client
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from relay.app import read_policy
from relay.dev.simulator import github_sign_in, slack_look
from relay.dev.simulator.app import GITHUB, Simulator
from relay.dev.simulator.bot_framework import METADATA
from relay.dev.simulator.chats import ENTRA
from relay.dev.simulator.choosing import Client
from relay.dev.simulator.mailbox import USER
from relay.dev.simulator.relay_settings import Bot, Relay, SlackApp
from relay.model.case import Case
from relay.pages.addresses import CALLBACK
from relay.serve.server import Server
from tests.support import entra_tokens

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

APP: Final = "6f1d0c5e-2b8a-4c37-9e64-d05b7a13c2f8"
TENANT: Final = "11111111-1111-4111-8111-111111111111"
# The values that a person would copy from the pages of GitHub, Entra and the chats.
COPIED: Final = {
    "RELAY_GITHUB_TOKEN": "github_pat_made_up",
    "RELAY_ENTRA_SIGN_IN_CLIENT_ID": APP,
    "RELAY_ENTRA_SIGN_IN_CLIENT_SECRET": "a-client-secret-made-up",
    "RELAY_GITHUB_SIGN_IN_CLIENT_ID": "Iv23.made-up",
    "RELAY_GITHUB_SIGN_IN_CLIENT_SECRET": "a-client-secret-made-up",
    "RELAY_TEAMS_APP_ID": APP,
    "RELAY_TEAMS_APP_PASSWORD": "a-client-secret-made-up",
    "RELAY_TEAMS_TENANT_ID": TENANT,
    "RELAY_SLACK_SIGNING_SECRET": "0123456789abcdef0123456789abcdef",
    "RELAY_SLACK_BOT_TOKEN": "xoxb-made-up-0123456789",
    "RELAY_CARD_AUDIENCE": f"api://auth-am-{TENANT}/{APP}",
}
_TIMEOUT: Final = 20  # seconds


class Outside:
    """Serves at `origin`: the paths of the relay are passed on to `port`, all others are the neighbours'."""

    def __init__(self) -> None:
        self._server = Server(0)
        self.origin = f"http://127.0.0.1:{self._server.port}"
        self.port = 0
        self.port_file: Path | None = None  # in place of `port`: the relay is started anew, each time on another one
        self.simulator: Simulator | None = None
        self._thread = Thread(target=self._server.run, args=[self])

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a call, as a proxy or as a neighbour."""
        if str(environ["PATH_INFO"]).startswith("/api/"):
            return self._pass_on(environ, start_response)
        assert self.simulator is not None
        return self.simulator(environ, start_response)

    def meet(self, folder: Path) -> dict[str, str]:
        """Set up the neighbours of the relay in `folder` anew, and return the settings that make it call them."""
        if self.simulator:
            self.simulator.close()
        policy = read_policy(str(folder / "policy.toml"))
        relay = Relay(
            public_url=self.origin,
            policy=policy,
            policy_text=(folder / "policy.toml").read_text("utf-8"),
            audience=COPIED["RELAY_CARD_AUDIENCE"],
            caller="48af08dc-f6d2-435f-b2a7-069abd99c086",
            bot=Bot(APP, COPIED["RELAY_TEAMS_APP_PASSWORD"], TENANT),
            sign_in=Client(APP, COPIED["RELAY_ENTRA_SIGN_IN_CLIENT_SECRET"], self.origin + CALLBACK),
            slack=SlackApp(COPIED["RELAY_SLACK_BOT_TOKEN"], COPIED["RELAY_SLACK_SIGNING_SECRET"]),
            github_token=COPIED["RELAY_GITHUB_TOKEN"],
            webhook_secret="a secret of the webhook",
            api_key="",
            hooks={},
            owed=list,
            replay=_not_here,
            github_sign_in=Client(
                COPIED["RELAY_GITHUB_SIGN_IN_CLIENT_ID"],
                COPIED["RELAY_GITHUB_SIGN_IN_CLIENT_SECRET"],
                self.origin + CALLBACK,
            ),
            github_app_key=entra_tokens.PUBLIC,
        )
        self.simulator = Simulator(self._server.port, token="", relay=relay)
        self.simulator._verifying.close()  # the test runs the released workflow itself
        return {
            "RELAY_ENTRA_AUTHORITY": self.origin + ENTRA,
            "RELAY_ENTRA_V1_ISSUER": f"{self.origin}/simulator/sts/",
            "RELAY_TEAMS_OPENID_URL": self.origin + METADATA,
            "RELAY_SLACK_API_URL": f"{self.origin}{slack_look.PATH}api",
            "RELAY_GITHUB_URL": self.origin + github_sign_in.PATH.rstrip("/"),
            "RELAY_GITHUB_API_URL": self.origin + GITHUB,
            "RELAY_GITHUB_OIDC_ISSUER": f"{self.origin}/_services/token",
        }

    def given(self) -> dict[str, str]:
        """Return the values that the repository keeps: its variables and secrets."""
        assert self.simulator is not None
        chats = self.simulator._chats
        return {
            "RELAY_URL": self.origin,
            "RELAY_WEBHOOK_URL": chats.workflows.url,
            "RELAY_SMTP": chats._mailbox.address,
            "RELAY_SMTP_USER": USER,
            "RELAY_SMTP_PASSWORD": chats._mailbox.password,
            "RELAY_MAIL_FROM": "relay@octo.example",
            "RELAY_MAIL_TO": "ada@octo.example",
            "RELAY_ORIGINATOR": APP,
        }

    def job(self, repository: str, folder: Path, **claims: str) -> dict[str, str]:
        """Return the environment of a job of GitHub Actions with the permission id-token: write."""
        assert self.simulator is not None
        return {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            **self.simulator.job_tokens.environment(repository, **claims),
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTOR": "octocat",
            "GITHUB_ACTOR_ID": "583231",
            "GITHUB_REPOSITORY": repository,
            "GITHUB_RUN_ID": claims.get("run_id", "18200345671"),
            "GITHUB_SERVER_URL": self.origin + github_sign_in.PATH.rstrip("/"),
            "GITHUB_SHA": "5f0c1d9e8b7a6543210fedcba9876543210fedcb",
            "GITHUB_REF": "refs/heads/main",
            "GITHUB_OUTPUT": str(folder / "output"),
        }

    def install(self) -> None:
        """Add the relay's bot to the team, as a person does once."""
        assert self.simulator is not None
        self.simulator._chats.install()

    def dispatched(self) -> list[dict[str, Any]]:
        """Return the dispatches that GitHub received, the newest first."""
        assert self.simulator is not None
        return [dict(each) for each in self.simulator._github.received()]

    def close(self) -> None:
        """End the server and the neighbours."""
        self._server.stop()
        self._thread.join()
        if self.simulator:
            self.simulator.close()

    def _pass_on(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        headers = {name[5:].replace("_", "-"): value for name, value in environ.items() if name.startswith("HTTP_")}
        headers |= {"Content-Type": str(environ["CONTENT_TYPE"])} if environ.get("CONTENT_TYPE") else {}
        query = f"?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else ""
        port = int(self.port_file.read_text("ascii")) if self.port_file and self.port_file.exists() else self.port
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
        try:
            connection.request(environ["REQUEST_METHOD"], environ["PATH_INFO"] + query, body, headers)
            answer = connection.getresponse()
            kept = [pair for pair in answer.getheaders() if pair[0].lower() not in {"connection", "transfer-encoding"}]
            start_response(f"{answer.status} {answer.reason}", kept)
            return [answer.read()]
        except ConnectionError:
            start_response("502 Bad Gateway", [("Content-Length", "0")])
            return []
        finally:
            connection.close()

    @classmethod
    @contextmanager
    def serving(cls) -> Iterator["Outside"]:
        """Serve until the test ends."""
        made = cls()
        made._thread.start()
        try:
            yield made
        finally:
            made.close()


def _not_here(_id: str) -> Case:
    raise AssertionError("these neighbours have no page")


def fill_in(folder: Path) -> list[str]:
    """Fill in the empty values of local.settings.json as a person does, and return their names."""
    path = folder / "local.settings.json"
    settings = json.loads(path.read_text("utf-8"))
    empty = [name for name, value in settings["Values"].items() if not value]
    settings["Values"] |= {name: COPIED[name] for name in empty}
    path.write_text(json.dumps(settings), "utf-8")
    return empty
