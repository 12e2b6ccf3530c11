"""The simulator as a WSGI application: its page, what the page asks for, and the outside that the relay calls."""

import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from relay.core.policy import Policy
from relay.simulator import github
from relay.simulator.answers import SECURITY, Answer, json_answer
from relay.simulator.chat import Chat
from relay.simulator.entra import Entra
from relay.simulator.github import GitHub
from relay.simulator.people import people_of, requester_of
from relay.simulator.samples import SAMPLES, sample_form

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

ENTRA: Final = "/simulator/entra"
GITHUB: Final = "/simulator/github"
_PAGE: Final = Path(__file__).parent / "page"
_TYPES: Final = MappingProxyType(
    {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
)
_MAX_BODY: Final = 64 * 1024


class Simulator:
    """Serves loopback names of `port` only; `token` is the run's, asked for whatever the page does or reads."""

    def __init__(
        self, port: int, *, token: str, policy: Policy, audience: str, caller: str, github_token: str, api_key: str
    ) -> None:
        self._names = frozenset(f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]"))
        self._origins = frozenset(f"http://{name}" for name in self._names)
        self._token = token
        self._people = people_of(policy)
        origin = f"http://127.0.0.1:{port}"
        self._entra = Entra(origin + ENTRA, audience, caller)
        self._github = GitHub(github_token)
        self._chat = Chat(origin, api_key=api_key, entra=self._entra)
        self._asked: dict[tuple[str, str], Callable[[Mapping[str, Any]], Answer]] = {
            ("GET", "/simulator/state"): self._state,
            ("POST", "/simulator/requests"): self._ask,
            ("POST", "/simulator/presses"): self._press,
            ("POST", "/simulator/switch"): self._switch,
        }

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        answer = self._answer(environ)
        headers = {**SECURITY, **answer.headers, "Content-Length": str(len(answer.body))}
        start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", list(headers.items()))
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.body]

    def close(self) -> None:
        """Close the connections."""
        self._chat.close()

    def _answer(self, environ: "WSGIEnvironment") -> Answer:
        method, path = str(environ["REQUEST_METHOD"]), str(environ["PATH_INFO"])
        origin = str(environ.get("HTTP_ORIGIN", ""))
        if str(environ.get("HTTP_HOST", "")).lower() not in self._names:
            return _refused(421, "This page is served under 127.0.0.1 and localhost only.")
        if origin and origin.lower() not in self._origins and method not in {"GET", "HEAD"}:
            return _refused(403, "Another site's page may not do this.")
        if path.startswith(GITHUB + "/"):
            return self._github.take(method, path[len(GITHUB) :], _headers(environ), _body(environ, github.MAX_BODY))
        asked = self._asked.get((method, path))
        return self._open(method, path) if asked is None else self._guarded(asked, environ)

    def _open(self, method: str, path: str) -> Answer:
        """Answer what needs no token: the page's files, and the public key that the relay fetches."""
        if method not in {"GET", "HEAD"}:
            return _nothing()
        if path.startswith(ENTRA + "/") and path.endswith("/discovery/v2.0/keys"):
            return json_answer(200, self._entra.jwks())
        return _files().get(path) or _nothing()

    def _guarded(self, asked: Callable[[Mapping[str, Any]], Answer], environ: "WSGIEnvironment") -> Answer:
        given = str(environ.get("HTTP_X_SIMULATOR_TOKEN", ""))
        if not hmac.compare_digest(given.encode(), self._token.encode()):
            return _refused(401, "The token of this run is missing. Open the address that `relay dev` printed.")
        try:
            return asked(_json(environ) if environ["REQUEST_METHOD"] == "POST" else {})
        except ValueError as error:
            return _refused(400, str(error))

    def _state(self, _asked: Mapping[str, Any]) -> Answer:
        return json_answer(
            200,
            {
                "people": [{"key": each.key, "name": each.name, "part": each.part} for each in self._people],
                "samples": [{"key": key, "label": each.label} for key, each in SAMPLES.items()],
                "modes": [{"key": key, "label": label} for key, label in github.MODES.items()],
                "mode": self._github.mode,
                "cards": self._chat.cards(),
                "dispatches": self._github.received(),
            },
        )

    def _ask(self, asked: Mapping[str, Any]) -> Answer:
        refusal = self._chat.ask(sample_form(asked.get("sample"), requester_of(self._people)))
        return json_answer(400, refusal) if refusal else json_answer(201, {})

    def _press(self, asked: Mapping[str, Any]) -> Answer:
        person = next((each for each in self._people if each.key == asked.get("person")), None)
        inputs = asked.get("inputs", {})
        if person is None:
            raise ValueError("no such person")
        if not isinstance(inputs, dict) or not all(isinstance(value, str) for value in inputs.values()):
            raise ValueError("inputs must be an object of strings")
        self._chat.press(asked.get("card"), asked.get("path"), person, inputs)
        return json_answer(200, {})

    def _switch(self, asked: Mapping[str, Any]) -> Answer:
        self._github.switch(asked.get("mode"))
        return json_answer(200, {})


@cache
def _files() -> Mapping[str, Answer]:
    found = {
        f"/simulator/page/{each.name}": Answer(
            200, {"Content-Type": f"{_TYPES[each.suffix]}; charset=utf-8"}, each.read_bytes()
        )
        for each in _PAGE.iterdir()
        if each.suffix in _TYPES
    }
    return {**found, "/": found["/simulator/page/index.html"]}


def _headers(environ: "WSGIEnvironment") -> dict[str, str]:
    named = {key[5:]: str(value) for key, value in environ.items() if key.startswith("HTTP_")}
    named["CONTENT_TYPE"] = str(environ.get("CONTENT_TYPE", ""))
    return {name.replace("_", "-").lower(): value for name, value in named.items() if value}


def _body(environ: "WSGIEnvironment", limit: int) -> bytes:
    """Return at most `limit` bytes and one, so that a body that is too long is seen to be."""
    return bytes(environ["wsgi.input"].read(min(int(environ.get("CONTENT_LENGTH") or 0), limit + 1)))


def _json(environ: "WSGIEnvironment") -> Mapping[str, Any]:
    body = _body(environ, _MAX_BODY)
    try:
        asked = json.loads(body) if len(body) <= _MAX_BODY else None
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        raise ValueError("the body must be a JSON object of at most 64 KiB")
    return asked


def _refused(status: int, message: str) -> Answer:
    return json_answer(status, {"error": status, "message": message})


def _nothing() -> Answer:
    return _refused(404, "There is nothing at this address.")
