"""A relay for commands that wait: its answers go by the time that has passed, and tokens end after five minutes."""

import signal
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
from click.testing import Result
from pytest_httpx import HTTPXMock

from tests.cli.running import API_KEY, RELAY, Sleeper, make_edges, run
from tests.support.entra_tokens import NOW

ID = "a" * 32
LINK = f"{RELAY}/api/review/{ID}"
ENV = {"RELAY_URL": RELAY, "RELAY_API_KEY": API_KEY}
SERVICE = "https://pipelines.actions.githubusercontent.com/x/idtoken?api-version=2.0"
JOB = {
    "RELAY_URL": RELAY,
    "GITHUB_ACTIONS": "true",
    "ACTIONS_ID_TOKEN_REQUEST_URL": SERVICE,
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-token",
}
TOKEN_LIFE = 300  # seconds
NOT_GENUINE = {"error": "not-genuine", "message": "The OIDC token is not genuine for this relay."}


def review(name: str, verdict: str = "approve", stage: str = "release", comment: str = "") -> dict[str, Any]:
    by = {"id": "entra:t/o", "name": name}
    return {"verdict": verdict, "by": by, "stage": stage, "at": "2026-09-21T14:13:20Z", "comment": comment}


def stands(status: str = "pending", *reviews: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return an answer of GET /api/requests/{id}."""
    return {"id": ID, "status": status, "stage": "release", "reviews": [*reviews], "dispatch": sends("none"), **more}


def sends(status: str, error: str | None = None, run_url: str | None = None) -> dict[str, Any]:
    return {"status": status, "attempts": int(status != "none"), "last_error": error, "run_url": run_url}


DELIVERED = {"dispatch": sends("delivered")}
APPROVED = stands("approved", review("에이다"), **DELIVERED)


Answer = dict[str, Any] | httpx.Response | type[httpx.TransportError]


@dataclass
class FakeRelay:
    """The answers of GET by the second from which they hold, and those of POST cancel in their order.

    Signals come at their seconds, while the command sleeps or `while_asked`.
    """

    mock: HTTPXMock
    plan: Sequence[tuple[float, Answer]]
    cancels: list[Answer] = field(default_factory=list)
    signals: list[tuple[float, signal.Signals]] = field(default_factory=list)
    while_asked: bool = False
    service_away: tuple[float, float] = (0, 0)
    clock: Sleeper = field(default_factory=Sleeper)
    looks: list[float] = field(default_factory=list)
    tokens: int = 0

    def __post_init__(self) -> None:
        often: dict[str, Any] = {"is_optional": True, "is_reusable": True}
        self.mock.add_callback(self._show, method="GET", url=f"{RELAY}/api/requests/{ID}", **often)
        self.mock.add_callback(self._cancel, method="POST", url=f"{RELAY}/api/requests/{ID}/cancel", **often)
        self.mock.add_callback(self._token, url=f"{SERVICE}&audience=https%3A%2F%2Frelay.example", **often)

    @property
    def passed(self) -> float:
        return self.clock.at - NOW

    def run(self, *arguments: str, env: dict[str, str] | None = None) -> Result:
        context = replace(make_edges(self.clock), sleep=self._sleep_until_a_signal)
        return run(*arguments, env=ENV if env is None else env, context=context)

    def wait(self, *arguments: str, env: dict[str, str] | None = None) -> Result:
        return self.run("wait", ID, *arguments, env=env)

    def _show(self, asked: httpx.Request) -> httpx.Response:
        self.looks.append(self.passed)
        if self.while_asked:
            self._raise_signals(self.passed)
        return self._genuine(asked) or self._respond(
            [answer for since, answer in self.plan if since <= self.passed][-1]
        )

    def _cancel(self, asked: httpx.Request) -> httpx.Response:
        self._raise_signals(self.passed)
        return self._genuine(asked) or self._respond(self.cancels.pop(0))

    def _token(self, _: httpx.Request) -> httpx.Response:
        if self.service_away[0] < self.passed < self.service_away[1]:
            return httpx.Response(503)
        self.tokens += 1
        return httpx.Response(200, json={"value": f"{self.passed:.0f}.token"})

    def _genuine(self, asked: httpx.Request) -> httpx.Response | None:
        """Return a refusal of a token past its life, with the leeway left out."""
        token = asked.headers.get("Authorization", "").removeprefix("Bearer ")
        dead = token and self.passed - float(token.partition(".")[0]) > TOKEN_LIFE
        return httpx.Response(401, json=NOT_GENUINE) if dead else None

    def _respond(self, answer: Answer) -> httpx.Response:
        if isinstance(answer, type):
            raise answer("away")
        # a response is read once, so each look gets its own
        if isinstance(answer, httpx.Response):
            return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)
        return httpx.Response(200, json=answer)

    def _sleep_until_a_signal(self, seconds: float) -> None:
        self._raise_signals(self.passed + seconds)
        self.clock.sleep(seconds)

    def _raise_signals(self, until: float) -> None:
        while self.signals and self.signals[0][0] <= until:
            at, number = self.signals.pop(0)
            self.clock.at = max(self.clock.at, NOW + at)
            signal.raise_signal(number)


def outputs(text: str) -> dict[str, str]:
    """Return the outputs of a step from the file that it wrote."""
    lines = text.splitlines()
    return dict(zip((line.partition("<<")[0] for line in lines[::3]), lines[1::3], strict=True))
