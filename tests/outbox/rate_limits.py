"""A GitHub that counts what it is sent, and debts to be sent to it."""

from dataclasses import dataclass, field, replace
from typing import Any

from relay.approval import debts
from relay.github.rate_limit import Spending
from relay.model.case import Case
from relay.model.debts import Debt, Delivered, Outcome
from relay.model.values import Json
from relay.outbox.commit import write
from tests.support import road
from tests.support.dispatches_only import DispatchesOnly

HOUR = 3_600
GROUPS = 40


@dataclass
class Counting(DispatchesOnly):
    """Takes every event at once and keeps its time. Each owner is an identity of its own."""

    here: road.Road
    sent: list[tuple[float, str, str]] = field(default_factory=list)

    def identity(self, repository: str) -> str:
        return repository.partition("/")[0]

    def send(self, _repository: str, event_type: str, client_payload: Json, *, deadline: float) -> Outcome:
        approval: Any = client_payload["approval"]
        self.sent.append((self.here.now(), event_type, approval["id"]))
        assert self.here.now() < deadline
        self.here.ahead += 0.05
        return Delivered()

    def ids(self) -> list[str]:
        return [case_id for _, _, case_id in self.sent]


def counting(here: road.Road) -> Counting:
    """Replace the dispatches of a road by those that count."""
    dispatches = Counting(here)
    here.world = replace(here.world, payer=replace(here.world.payer, dispatches=dispatches))
    return dispatches


def owed(here: road.Road, number: int, repository: str = "octo/api") -> str:
    """Leave a debt behind as an outage does. Return the id of its request."""
    since = here.now() - 600 + number / 10
    request = replace(road.offline(nonce=f"{number:022}", title=str(number)), repository=repository)
    debt = Debt(event_type=f"deploy-{number % GROUPS}", created_at=int(since), due_at=since, since=since)
    case = Case(request, "offline", status="approved", decided_at=int(since))
    after = debts.postpone(replace(case, debts=(debt,)), 0, nonce=str(number), until=since + 30)
    assert write(here.world.store, here.world.policy, case, after, nonce=str(number), now=since)
    return request.id


def spend(here: road.Road, calls: int, identity: str = "token") -> None:
    """Use up some of an identity's calls now."""
    case = Case(road.offline(nonce=f"{int(here.now() * 1e6):022}", title="spent"), "offline", version=1)
    while calls:
        some = min(calls, 80)
        assert here.world.store.write_case(case, spending=Spending(identity, some, here.now()))
        case = replace(case, version=case.version + 1)
        calls -= some
        here.ahead += 80 if calls else 0
