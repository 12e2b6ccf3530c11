"""Rules where the newest request counts, a GitHub that keeps each event, and a store with hooks at its calls."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

import httpx
from pytest_httpx import HTTPXMock

from relay.errors import Outage
from relay.model.request import ApprovalRequest
from relay.store.contract import Store
from relay.store.sqlite.store import SqliteStore
from tests.support import example_policy, road
from tests.support.example_policy import RELEASE, rule, stage

_REJECTS: Final = ["refused-*"]
_TOLD: Final = (stage("qa", "group:qa", on_pass="staged"), stage("release", "group:owners", required=2))
POLICY: Final = (
    example_policy.POLICY
    + rule("newest", RELEASE, reject_event_types=_REJECTS, supersede=True)
    + rule("told", *_TOLD, reject_event_types=_REJECTS, supersede=True, on_request="preview")
    + rule("untold", RELEASE, on_request="preview")
    + rule("staging", stage("qa", "group:qa", on_pass="staged"), stage("release", "grace"))
)
CALLS: Final = frozenset(name for name in vars(Store) if not name.startswith("_") and name != "close")
GONE: Final = httpx.ConnectError("refused")
SLOW: Final = httpx.ReadTimeout("no answer")


@contextmanager
def made(tmp_path: Any, httpx_mock: HTTPXMock) -> Iterator[road.Road]:
    """Yield a road under these rules."""
    with road.made(tmp_path, httpx_mock, RELAY_POLICY=POLICY) as here:
        yield here


def ask(here: road.Road, title: str = "Deploy", environment: str = "newest", key: str = "", **more: Any) -> Any:
    """Register a request and return the answer, with its status as `http`."""
    form = {"repository": "octo/api", "event_type": "deploy-api", "title": title, "environment": environment, **more}
    reply = here.ask(form, **({"idempotency_key": key} if key else {}))
    return road.said(reply) | {"http": reply.status}


def press(here: road.Road, made: Any, person: str = "ada", verdict: str = "approve") -> str:
    """Press a button of a registered or offline request, and return the outcome code."""
    ticket = road.ticket(made) if isinstance(made, ApprovalRequest) else made["ticket"]
    return road.outcome(here.press(person, verdict, ticket))[1]


def waiting(here: road.Road, jitter: float) -> None:
    """Let every back-off from now on be as short as possible (0), or as long (towards 1)."""
    here.world = replace(here.world, payer=replace(here.world.payer, jitter=lambda: jitter))


def never_pausing(here: road.Road) -> None:
    """Let each pause return at once, with the clock moved on."""

    def pause(seconds: float) -> None:
        here.ahead += seconds

    here.world = replace(here.world, payer=replace(here.world.payer, pause=pause))


@dataclass
class GitHub:
    """Takes every event, unless a test sets answers: statuses, responses, errors, or functions that return one."""

    httpx_mock: HTTPXMock
    answers: list[Any] = field(default_factory=list)
    sent: list[tuple[str, str]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        url = re.compile(r"https://api\.github\.com/repos/octo/[a-z]+/dispatches")
        self.httpx_mock.add_callback(self._take, url=url, method="POST", is_optional=True, is_reusable=True)

    def _take(self, request: httpx.Request) -> httpx.Response:
        event = json.loads(request.content)
        self.events.append({"action": event["event_type"], "client_payload": event["client_payload"]})
        self.sent.append((event["event_type"], event["client_payload"]["approval"]["id"]))
        answer = self.answers.pop(0) if self.answers else 204
        while callable(answer):
            answer = answer()
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(answer, json={})

    def ids(self) -> list[str]:
        """Return the id of the request of each event, in order of arrival."""
        return [case_id for _, case_id in self.sent]


class Hooked(SqliteStore):
    """The SQLite store of a road, with a hook before each call and one after."""

    def __init__(self, here: road.Road, *, before: Callable[[int], object], after: Callable[[int], object]) -> None:
        super().__init__(str(here.path / "relay.db"), here.now)
        self.calls = 0
        self._before, self._after = before, after

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name not in CALLS:
            return found

        def call(*arguments: Any, **named: Any) -> Any:
            self.calls += 1
            number = self.calls
            self._before(number)
            answer = found(*arguments, **named)
            self._after(number)
            return answer

        return call


def _nothing(_number: int) -> None:
    """Do nothing."""


@contextmanager
def hooked(
    here: road.Road, *, before: Callable[[int], object] = _nothing, after: Callable[[int], object] = _nothing
) -> Iterator[road.Road]:
    """Yield the road on a store with hooks. The hooks themselves use the road as it was."""
    with closing(Hooked(here, before=before, after=after)) as store:
        world = here.world
        payer = replace(world.payer, store=store)
        supersession = replace(world.supersession, store=store)
        presses = replace(world.presses, store=store)
        changed = replace(world, store=store, payer=payer, supersession=supersession, presses=presses)
        there = road.Road(changed, here.path, here.ahead)
        if payer.pause is not time.sleep:
            never_pausing(there)
        yield there


def at(number: int, work: Callable[[], object]) -> Callable[[int], object]:
    """Return a hook that does `work` at one call."""
    return lambda call: work() if call == number else None


def into(found: list[Any], work: Callable[[], object]) -> Callable[[], object]:
    """Return `work` as a hook that appends its answer to a list."""
    return lambda: found.append(work())


def outage() -> None:
    """Raise the Outage of a store that cannot be reached."""
    raise Outage("the store does not work: made up")


def reached(here: road.Road) -> int:
    """Return how many calls a hooked store has seen."""
    store: Any = here.world.store
    return int(store.calls)
