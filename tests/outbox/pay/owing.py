"""Debts that are owed, leased or being paid, and stores that fail or are interrupted."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pytest_httpx import HTTPXMock

from relay.errors import Outage
from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.request import ApprovalRequest
from relay.outbox.commit import commit_and_lease
from relay.outbox.timer import TimerRun
from relay.store.sqlite.store import SqliteStore
from tests.support import road

HOUR = 3_600
DAY = 86_400


def answers(httpx_mock: HTTPXMock, *statuses: int, **answer: Any) -> None:
    for status in statuses:
        httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=status, **answer)


def approved(here: road.Road) -> ApprovalRequest:
    """Approve a request as Ada. The answer of GitHub does not matter."""
    request = road.offline()
    here.press("ada", "approve", road.ticket(request))
    return request


def dispatch_of(here: road.Road, request: ApprovalRequest) -> Any:
    return road.said(here.show(request.id))["dispatch"]


def leased(here: road.Road, **fields: Any) -> Case:
    """Commit an approval like a click that dies before it pays. Its lease runs for 19 s."""
    at = here.now()
    debt = Debt(event_type="deploy-api", created_at=int(at), due_at=at)
    case = Case(road.offline(**fields), "offline", status="approved", decided_at=int(at), debts=(debt,))
    return committed(here, case, at + 19)


def committed(here: road.Road, case: Case, until: float) -> Case:
    """Commit a new case whose debts are leased until then."""
    holder, now = f"a click {case.request.title}", here.now()
    after = commit_and_lease(
        here.world.store, here.world.policy, case, case, holder=holder, now=now, until=until, identity="token"
    )
    assert after is not None
    return after


def on(here: road.Road, store: SqliteStore) -> TimerRun:
    """Return a timer run on another store."""
    return replace(here.timer(), store=store, payer=replace(here.payer(), store=store))


class Interrupted(SqliteStore):
    """The SQLite store of a road, with one call of `then` just before a commit."""

    def __init__(self, here: road.Road, *, then: Callable[[], object]) -> None:
        super().__init__(str(here.path / "relay.db"), here.now)
        self._then = [then]

    def write_case(self, case: Case, **rows: Any) -> bool:
        while self._then:
            self._then.pop()()
        return super().write_case(case, **rows)


class Broken(SqliteStore):
    """The SQLite store of a road, which fails at each write after the first `writes`."""

    def __init__(self, here: road.Road, *, writes: int = 0) -> None:
        super().__init__(str(here.path / "relay.db"), here.now)
        self._writes = writes

    def write_case(self, case: Case, **rows: Any) -> bool:
        if not self._writes:
            raise Outage("the disk is full")
        self._writes -= 1
        return super().write_case(case, **rows)
