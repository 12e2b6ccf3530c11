"""Sixty-four runs of one approval on two processes: one wins, and it wins again after a kill."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from relay.model.case import Case
from relay.model.debts import Debt
from relay.signed import dispatch_payload, receipt_keys
from tests.races.starting import Child, child
from tests.support import azurite, github_tokens, road, stores
from tests.support.chaos.github import GitHub
from tests.support.chaos.neighbours import OIDC, Neighbours
from tests.support.left_out import may_leave_nothing_out

RUNS = 64
STORES = ["sqlite", *(["tables"] if azurite.is_here() or may_leave_nothing_out() else [])]


@pytest.fixture
def outside() -> Iterator[Neighbours]:
    with Neighbours(GitHub(lambda _sender: time.time())) as server:
        yield server


@pytest.fixture(params=STORES)
def environ(request: pytest.FixtureRequest, tmp_path: Path, outside: Neighbours) -> dict[str, str]:
    """Return the settings of two relays that share a store of each kind."""
    settings = road.environ(tmp_path, **outside.settings())
    if request.param == "sqlite":
        return settings
    storage = stores.new_tables()
    return settings | {
        "RELAY_STORE": "tables",
        "RELAY_TABLE_PREFIX": storage.prefix,
        "AzureWebJobsStorage": storage.connection,
    }


@pytest.fixture
def receipt() -> str:
    """Return the receipt of an approval of octo/api that was dispatched now."""
    now = int(time.time())
    case = Case(road.offline(), "offline", status="approved", decided_at=now)
    debt = Debt(event_type="deploy-api", created_at=now, due_at=now, since=now)
    key = receipt_keys.parse_key(road.RECEIPT_KEY)
    payload: Any = dispatch_payload.dispatch_payload(case, debt, key, issuer=road.ORIGIN, policy_sha256="", now=now)
    return str(payload["approval"]["receipt"])


def token(outside: Neighbours, run_id: int) -> str:
    made = github_tokens.fresh("repository-dispatch", iss=outside.url + OIDC, run_id=str(run_id))
    return github_tokens.token(made)


@pytest.fixture
def start(environ: dict[str, str], receipt: str) -> Iterator[Callable[..., Child]]:
    """Return the start of a relay that redeems the receipt for some tokens."""
    with ExitStack() as started:

        def one(tokens: list[str], *, dies: bool = False) -> Child:
            relay = started.enter_context(
                child("redeeming", environ=environ, receipt=receipt, tokens=tokens, dies=dies)
            )
            assert "ready" == relay.hear()
            return relay

        yield one


def test_of_sixty_four_runs_at_once_on_two_processes_one_wins(start: Callable[..., Child], outside: Neighbours) -> None:
    tokens = [token(outside, run_id) for run_id in range(1, RUNS + 1)]
    relays = [start(tokens[::2]), start(tokens[1::2])]
    for relay in relays:
        relay.say("go")
    answers = [answer for relay in relays for answer in json.loads(relay.hear())]
    assert {200: 1, 409: RUNS - 1} == Counter(answer["http"] for answer in answers)
    winner = next(answer for answer in answers if answer["http"] == 200)
    assert winner["first"]
    assert {winner["redeemed_by"]["run_id"]} == {answer["redeemed_by"]["run_id"] for answer in answers}


def test_a_run_whose_relay_was_killed_before_the_answer_wins_when_it_asks_again(
    start: Callable[..., Child], outside: Neighbours
) -> None:
    mine, other = token(outside, 1), token(outside, 2)
    relay = start([mine], dies=True)
    relay.say("go")
    assert "written" == relay.hear()
    relay.kill()
    again = start([other, mine])
    again.say("go")
    lost, won = json.loads(again.hear())
    assert (409, "already-redeemed") == (lost["http"], lost["error"])
    assert (200, "1") == (won["http"], won["redeemed_by"]["run_id"])
