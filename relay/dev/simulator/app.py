"""The simulator as a WSGI application: its page, the API of that page, and the services that the relay calls."""

import hmac
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from relay.dev.simulator import (
    bot_framework,
    connector,
    environments,
    github,
    github_sign_in,
    hooks,
    job_tokens,
    policy_editor,
    slack_look,
    webhooks,
    workflows,
)
from relay.dev.simulator.answers import SECURITY, Answer, NotTaken, json_answer, refused
from relay.dev.simulator.chats import ENTRA, Chats
from relay.dev.simulator.environments import Environments
from relay.dev.simulator.event_stream import Live
from relay.dev.simulator.files import page_files
from relay.dev.simulator.github import GitHub
from relay.dev.simulator.github_modes import MODES
from relay.dev.simulator.github_sign_in import GitHubSignIn
from relay.dev.simulator.github_webhooks import GitHubWebhooks
from relay.dev.simulator.hooks import Hooks
from relay.dev.simulator.incoming import POLICY, Call, read_object
from relay.dev.simulator.job_tokens import JobTokens, owner_ids
from relay.dev.simulator.outbox import Outbox
from relay.dev.simulator.people import github_people, people_of, requester_of
from relay.dev.simulator.relay_settings import Relay
from relay.dev.simulator.samples import sample_forms, samples_of, shown_people
from relay.dev.simulator.verifying import Verifying
from relay.dev.simulator.workflow_runs import ENDS, WorkflowRuns

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

GITHUB: Final = "/simulator/github"
_EVENTS: Final = "/simulator/events"
_MAIL: Final = "/simulator/mail/"
_NOT_THIS_RUN: Final = "This page is of no run, or of an earlier one. Open the address that `relay dev` printed last."


class Simulator:
    """Serves loopback names of `port` alone. The page needs `token`, which is new in each run."""

    def __init__(self, port: int, *, token: str, relay: Relay) -> None:
        self._names = frozenset(f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]"))
        self._origins = frozenset(f"http://{name}" for name in self._names)
        self._token = token
        self._people = people_of(relay.policy)
        self._samples = samples_of(relay.policy)
        self._requester = requester_of(self._people)
        self._live = Live(self._snapshot)
        self.job_tokens = JobTokens(f"http://127.0.0.1:{port}", owner_ids(relay.policy))
        self._chats = Chats(
            f"http://127.0.0.1:{port}", relay, self._people, self._origins, self._live.wake, self.job_tokens
        )
        self._github = GitHub(
            relay.github_token,
            self._on_dispatch,
            accounts={each.github: each.github_id or 1 for each in self._people if each.github},
        )
        self._webhooks = GitHubWebhooks(f"http://127.0.0.1:{port}", relay.webhook_secret)
        self._runs = WorkflowRuns(self._webhooks, self._live.wake)
        self._verifying = Verifying(
            self._github, relay.public_url, self.job_tokens, self._runs, self._chats.wait_for_answers
        )
        self._environments = Environments(
            webhooks=self._webhooks,
            api_url=f"http://127.0.0.1:{port}{GITHUB}",
            key=relay.github_app_key,
            policy=relay.policy,
            requester=self._requester,
            on_change=self._live.wake,
        )
        self._hooks = Hooks(relay.hooks, self._live.wake)
        self._outbox = Outbox(relay.owed, relay.replay, self._live.wake)
        sign_in = relay.github_sign_in
        self._github_sign_in = GitHubSignIn(github_people(relay.policy), sign_in) if sign_in else None
        self._routes: dict[str, Callable[[Call], Answer]] = {
            GITHUB + "/": self._take_dispatch,
            **({github_sign_in.PATH: self._github_sign_in.take} if self._github_sign_in else {}),
            ENTRA + "/": self._chats.entra,
            job_tokens.PATH + "/": self.job_tokens.take,
            webhooks.PATH: self._chats.webhook.take,
            workflows.PATH: self._chats.workflows.take,
            bot_framework.PATH: self._chats.bot_framework.take,
            connector.PATH: self._chats.connector.take,
            slack_look.PATH: self._chats.slack.take,
            hooks.PATH: self._hooks.take,
            _MAIL: lambda call: self._chats.mail(call.path.removeprefix(_MAIL)),
        }
        self._actions: dict[tuple[str, str], Callable[[Mapping[str, Any]], Answer]] = {
            ("GET", _EVENTS): lambda _: self._follow(),
            ("GET", POLICY): lambda _: json_answer(200, {"text": relay.policy_text}),
            ("POST", POLICY): lambda body: json_answer(200, policy_editor.check(body.get("text"))),
            ("POST", "/simulator/requests"): self._chats.ask,
            ("POST", "/simulator/command"): self._chats.command,
            ("POST", "/simulator/presses"): self._chats.press,
            ("POST", "/simulator/commands"): self._chats.say,
            ("POST", "/simulator/refreshes"): self._chats.refresh,
            ("POST", "/simulator/switch"): self._switch,
            ("POST", "/simulator/runs"): self._end_runs,
            ("POST", "/simulator/replay"): self._replay,
            ("POST", "/simulator/environments"): self._environments.wait,
            ("POST", "/simulator/environments/end"): self._environments.end,
        }

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request. Raises ConnectionAbortedError where the built-in GitHub is down."""
        try:
            answer = self._answer(Call(str(environ["REQUEST_METHOD"]), str(environ["PATH_INFO"]), environ))
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
        """End all waiting and running work, so that the server can end at once."""
        self._live.close()
        self._github.close()
        self._verifying.close()

    def close(self) -> None:
        """End, wait for the threads, and close the connections. To be called when nothing is served any longer."""
        self.end()
        self._live.join()
        self._verifying.join()
        self._webhooks.close()
        self._chats.close()

    def _answer(self, call: Call) -> Answer:
        origin = str(call.environ.get("HTTP_ORIGIN", ""))
        if str(call.environ.get("HTTP_HOST", "")).lower() not in self._names:
            raise NotTaken(421, "This page is served under 127.0.0.1 and localhost only.")
        if origin and origin.lower() not in self._origins:
            raise NotTaken(403, "Another site's page may not do this.")
        route = next((route for prefix, route in self._routes.items() if call.path.startswith(prefix)), None)
        if route is not None:
            return route(call)
        action = self._actions.get((call.method, call.path))
        return self._page_file(call) if action is None else self._with_token(action, call)

    def _page_file(self, call: Call) -> Answer:
        """Return a file of the page, which needs no token."""
        found = page_files().get(call.path) if call.method in {"GET", "HEAD"} else None
        if found is None:
            raise NotTaken(404, "There is nothing at this address.")
        return found

    def _with_token(self, action: Callable[[Mapping[str, Any]], Answer], call: Call) -> Answer:
        given = str(call.environ.get("HTTP_X_SIMULATOR_TOKEN", ""))
        if not hmac.compare_digest(given.encode(), self._token.encode()):
            raise NotTaken(401, _NOT_THIS_RUN)
        return action(read_object(call) if call.method == "POST" else {})

    def _take_dispatch(self, call: Call) -> Answer:
        if self._github_sign_in and call.path == f"{GITHUB}/user":
            return self._github_sign_in.user(call)
        path, body = call.path.removeprefix(GITHUB), call.body(github.MAX_BODY)
        if not environments.is_of_the_app(path):
            return self._github.take(call.method, path, call.headers, body)
        return self._github.in_mode(lambda: self._environments.take(call.method, path, call.headers, body))

    def _on_dispatch(self) -> None:
        self._verifying.wake()
        self._live.wake()

    def _follow(self) -> Answer:
        self._chats.install()
        return Answer(200, {"Content-Type": "text/event-stream; charset=utf-8"}, stream=self._live.open())

    def _snapshot(self) -> dict[str, object]:
        """Return the whole state for the page."""
        modes = [{"key": key, "label": each.label, "note": each.note} for key, each in MODES.items()]
        return {
            "people": shown_people(self._people, self._samples),
            "places": self._chats.places(),
            "rooms": self._chats.rooms(),
            "samples": sample_forms(self._people, self._samples),
            "github": {"mode": self._github.mode, "modes": modes},
            "runs": {
                "end": self._runs.end,
                "text": self._runs.text,
                "ends": [{"key": key, "label": e[0], "note": e[1]} for key, e in ENDS.items()],
            },
            "cards": self._chats.cards(),
            "dispatches": self._github.received(),
            "outbox": self._outbox.rows(),
            "environments": self._environments.rows(),
            "hooks": {"channels": self._hooks.channels, "received": self._hooks.rows()},
        }

    def _switch(self, body: Mapping[str, Any]) -> Answer:
        self._github.switch(body.get("mode"))
        return json_answer(200, {})

    def _end_runs(self, body: Mapping[str, Any]) -> Answer:
        self._runs.choose(body.get("end"), body.get("text", ""))
        return json_answer(200, {})

    def _replay(self, body: Mapping[str, Any]) -> Answer:
        self._outbox.replay(body.get("id"))
        return json_answer(200, {})
