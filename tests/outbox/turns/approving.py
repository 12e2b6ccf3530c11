"""Approvals, one of them without its relay, and the status of their debts."""

from typing import Any

from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.request import ApprovalRequest
from relay.outbox.commit import commit_and_lease
from tests.support import road
from tests.support.groups import ask, press

HOUR = 3_600
DAY = 86_400


def offline(title: str, environment: str = "production", **fields: Any) -> ApprovalRequest:
    return road.offline(environment, title=title, **fields)


def approve(here: road.Road, title: str, environment: str = "production", **fields: Any) -> tuple[str, str]:
    """Approve an offline request. Return its id and the outcome code."""
    request = offline(title, environment, **fields)
    return request.id, press(here, request)


def approve_newest(here: road.Road, title: str) -> tuple[str, str]:
    """Approve a registered request that closes the older ones."""
    made = ask(here, title)
    return made["id"], press(here, made)


def debts(here: road.Road, *ids: str) -> list[str]:
    return [here.case(case_id).debts[-1].status for case_id in ids]


def left_behind(here: road.Road, title: str, environment: str = "production") -> str:
    """Approve a request whose relay stops before it pays. Its lease runs for 19 s. Return the id."""
    at, request = here.now(), offline(title, environment)
    debt = Debt(event_type="deploy-api", created_at=int(at), due_at=at, since=at)
    case = Case(request, "offline", status="approved", decided_at=int(at), debts=(debt,))
    holder = f"the relay of {title}"
    after = commit_and_lease(
        here.world.store, here.world.policy, case, case, holder=holder, now=at, until=at + 19, identity="token"
    )
    assert after
    return request.id
