"""The simulator as a WSGI application: its page, what the page asks for, and the outside that the relay calls."""

import hmac
import secrets
import shlex
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from relay.simulator import github, policy_editor
from relay.simulator.answers import SECURITY, Answer, NotTaken, json_answer, refused
from relay.simulator.around import Relay
from relay.simulator.cards import MAX_CARD, read_card
from relay.simulator.chat import Chat
from relay.simulator.command import command
from relay.simulator.entra import Entra
from relay.simulator.files import page_files
from relay.simulator.github import GitHub
from relay.simulator.github_modes import MODES
from relay.simulator.incoming import POLICY, read_body, read_headers, read_object
from relay.simulator.live import Live
from relay.simulator.outbox import Outbox
from relay.simulator.people import people_of, requester_of
from relay.simulator.relay_api import RelayApi
from relay.simulator.samples import sample_forms
from relay.simulator.verifying import Verifying

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

ENTRA: Final = "/simulator/entra"
GITHUB: Final = "/simulator/github"
WEBHOOK: Final = "/simulator/webhook/"
_EVENTS: Final = "/simulator/events"


class Simulator:
    """Serves loopback names of `port` only; `token` is the run's, asked for whatever the page does or reads."""

    def __init__(self, port: int, *, token: str, relay: Relay) -> None:
        self._names = frozenset(f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]"))
        self._origins = frozenset(f"http://{name}" for name in self._names)
        self._token = token
        self._relay = relay
        self._webhook = WEBHOOK + secrets.token_urlsafe(24)
        self._people = people_of(relay.policy)
        origin = f"http://127.0.0.1:{port}"
        self._webhook_url = origin + self._webhook
        self._entra = Entra(origin + ENTRA, relay.audience, relay.caller)
        self._live = Live(self._look)
        self._github = GitHub(relay.github_token, self._received)
        self._verifying = Verifying(self._github, relay.public_url)
        self._api = RelayApi(origin, relay.api_key)
        targets = self._origins | {relay.public_url.lower()}
        self._chat = Chat(self._api, self._entra, targets, self._live.wake)
        self._outbox = Outbox(relay.owed, relay.replay, self._live.wake)
        self._asked: dict[tuple[str, str], Callable[[Mapping[str, Any]], Answer]] = {
            ("GET", _EVENTS): lambda _: Answer(
                200, {"Content-Type": "text/event-stream; charset=utf-8"}, stream=self._live.open()
            ),
            ("GET", POLICY): lambda _: json_answer(200, {"text": relay.policy_text}),
            ("POST", POLICY): lambda asked: json_answer(200, policy_editor.check(asked.get("text"))),
            ("POST", "/simulator/requests"): self._ask,
            ("POST", "/simulator/command"): self._command,
            ("POST", "/simulator/presses"): self._press,
            ("POST", "/simulator/switch"): self._switch,
            ("POST", "/simulator/replay"): self._replay,
        }

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request. Raises ConnectionAbortedError where the built-in GitHub is down."""
        try:
            answer = self._answer(environ)
        except NotTaken as error:
            answer = refused(error.status, error.message, error.field)
        headers = {**SECURITY, **answer.headers}
        if answer.stream is None:
            headers["Content-Length"] = str(len(answer.body))
        start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", list(headers.items()))
        if answer.stream is not None:
            return answer.stream
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.body]

    def end(self) -> None:
        """End what waits and what runs, so that the server can end at once."""
        self._live.close()
        self._github.close()
        self._verifying.close()

    def close(self) -> None:
        """End, wait for the threads, and close the connections. For when nothing is served any longer."""
        self.end()
        self._live.join()
        self._verifying.join()
        self._api.close()

    def _answer(self, environ: "WSGIEnvironment") -> Answer:
        method, path = str(environ["REQUEST_METHOD"]), str(environ["PATH_INFO"])
        origin = str(environ.get("HTTP_ORIGIN", ""))
        if str(environ.get("HTTP_HOST", "")).lower() not in self._names:
            raise NotTaken(421, "This page is served under 127.0.0.1 and localhost only.")
        if origin and origin.lower() not in self._origins:
            raise NotTaken(403, "Another site's page may not do this.")
        if path.startswith(GITHUB + "/"):
            return self._github.take(
                method, path[len(GITHUB) :], read_headers(environ), read_body(environ, github.MAX_BODY)
            )
        if path.startswith(WEBHOOK) and method == "POST":
            return self._receive(path, environ)
        asked = self._asked.get((method, path))
        return self._open(method, path) if asked is None else self._guarded(asked, environ)

    def _open(self, method: str, path: str) -> Answer:
        """Answer what needs no token: the page's files, and the public key that the relay fetches."""
        if method in {"GET", "HEAD"} and path.startswith(ENTRA + "/") and path.endswith("/discovery/v2.0/keys"):
            return json_answer(200, self._entra.jwks())
        found = page_files().get(path) if method in {"GET", "HEAD"} else None
        if found is None:
            raise NotTaken(404, "There is nothing at this address.")
        return found

    def _guarded(self, asked: Callable[[Mapping[str, Any]], Answer], environ: "WSGIEnvironment") -> Answer:
        given = str(environ.get("HTTP_X_SIMULATOR_TOKEN", ""))
        if not hmac.compare_digest(given.encode(), self._token.encode()):
            raise NotTaken(401, "The token of this run is missing. Open the address that `relay dev` printed.")
        return asked(read_object(environ) if environ["REQUEST_METHOD"] == "POST" else {})

    def _receive(self, path: str, environ: "WSGIEnvironment") -> Answer:
        """Take a card at the webhook, whose address is the proof, and answer as connectors do: with a 1, or a sentence.

        https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
        """
        text = {"Content-Type": "text/plain; charset=utf-8"}
        if not hmac.compare_digest(path.encode(), self._webhook.encode()):
            return Answer(404, text, b"There is no webhook at this address.")
        try:
            self._chat.receive(read_card(read_body(environ, MAX_CARD)))
        except NotTaken as error:
            return Answer(error.status, text, error.message.encode(errors="replace"))
        return Answer(200, text, b"1")

    def _received(self) -> None:
        self._verifying.wake()
        self._live.wake()

    def _look(self) -> dict[str, object]:
        """Return how things stand, for the page."""
        modes = [{"key": key, "label": each.label, "note": each.note} for key, each in MODES.items()]
        return {
            "people": [{"key": each.key, "name": each.name, "part": each.part} for each in self._people],
            "samples": sample_forms(requester_of(self._people)),
            "github": {"mode": self._github.mode, "modes": modes},
            "cards": self._chat.cards(),
            "dispatches": self._github.received(),
            "outbox": self._outbox.rows(),
        }

    def _ask(self, asked: Mapping[str, Any]) -> Answer:
        self._chat.ask(_form(asked), self._relay.public_url)
        return json_answer(201, {})

    def _command(self, asked: Mapping[str, Any]) -> Answer:
        environ = {
            "RELAY_URL": self._relay.public_url,
            "RELAY_API_KEY": self._relay.api_key,
            "RELAY_WEBHOOK_URL": self._webhook_url,
        }
        exports = "\n".join(f"export {name}={shlex.quote(value)}" for name, value in environ.items())
        return json_answer(200, {"command": command(_form(asked)), "environment": exports})

    def _press(self, asked: Mapping[str, Any]) -> Answer:
        person = next((each for each in self._people if each.key == asked.get("person")), None)
        inputs = asked.get("inputs", {})
        if person is None:
            raise NotTaken(400, "no such person", "person")
        if not isinstance(inputs, dict) or not all(isinstance(value, str) for value in inputs.values()):
            raise NotTaken(400, "inputs must be an object of strings", "inputs")
        self._chat.press(asked.get("card"), asked.get("path"), person, inputs)
        return json_answer(200, {})

    def _switch(self, asked: Mapping[str, Any]) -> Answer:
        self._github.switch(asked.get("mode"))
        return json_answer(200, {})

    def _replay(self, asked: Mapping[str, Any]) -> Answer:
        self._outbox.replay(asked.get("id"))
        return json_answer(200, {})


def _form(asked: Mapping[str, Any]) -> Mapping[str, object]:
    form = asked.get("form")
    if not isinstance(form, dict):
        raise NotTaken(400, "form must be an object", "form")
    return form
