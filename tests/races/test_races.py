"""Races: many people at once, two processes on one store, and killed processes. One decision and one debt each time."""

import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from relay.chats.table import kinds
from relay.model.case import Case
from relay.model.delivery import Reply
from relay.policy_toml import parse
from relay.store.sqlite.store import SqliteStore
from tests.races.starting import child
from tests.support import example_policy, road
from tests.support.at_once import at_once
from tests.support.chaos import promises
from tests.support.chaos.github import GitHub
from tests.support.chaos.neighbours import Neighbours
from tests.support.clicks import headers

CROWD = 50


@pytest.fixture
def outside() -> Iterator[Neighbours]:
    with Neighbours(GitHub(lambda _sender: time.time())) as server:
        yield server


def stranger(number: int) -> str:
    return f"bbbbbbbb-0000-4000-8000-{number:012}"


def pressed(here: road.Road, clicks: Sequence[dict[str, str]]) -> Counter[str]:
    """Press every click at the same moment, and count the outcomes."""
    return counted(at_once([partial(here.send, headers) for headers in clicks]))


def counted(replies: Sequence[Reply]) -> Counter[str]:
    return Counter(road.outcome(reply)[1] for reply in replies)


def truthful(outcomes: Counter[str]) -> Counter[str]:
    """Leave out the busy outcomes, which ask to press again. All others must be exact."""
    return Counter({code: count for code, count in outcomes.items() if code != "busy"})


@pytest.mark.parametrize(("status", "code"), [(204, "released"), (500, "approved-retrying")])
def test_fifty_people_pressing_at_once_are_one_dispatch(
    here: road.Road, httpx_mock: HTTPXMock, status: int, code: str
) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=status, is_reusable=True)
    request = road.offline()
    owners = ("ada", "grace", "octocat", "haneul")
    clicks = [headers(owners[number % 4], "approve", road.ticket(request)) for number in range(CROWD)]
    outcomes = pressed(here, clicks)
    assert CROWD == outcomes.total()
    assert {code, "already-approved"} >= set(truthful(outcomes))
    assert 1 == outcomes[code]
    assert 1 == len(road.dispatched(httpx_mock))
    case = here.case(request.id)
    assert ("approved", 1, 1) == (case.status, len(case.reviews), len(case.debts))


def test_where_two_are_required_of_fifty_one_is_counted_and_one_releases(
    here: road.Road, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204, is_reusable=True)
    request = road.offline("crowd")
    clicks = [headers(stranger(number), "approve", road.ticket(request)) for number in range(CROWD)]
    outcomes = pressed(here, clicks)
    assert (1, 1) == (outcomes["counted"], outcomes["released"])
    assert {"counted", "released", "already-approved"} >= set(truthful(outcomes))
    assert 1 == len(road.dispatched(httpx_mock))
    assert 2 == len(here.case(request.id).reviews)


def test_one_person_pressing_fifty_times_is_one_person(here: road.Road, httpx_mock: HTTPXMock) -> None:
    request = road.offline("crowd")
    clicks = [headers(stranger(1), "approve", road.ticket(request))] * CROWD
    outcomes = pressed(here, clicks)
    assert 1 == outcomes["counted"]
    assert {"counted", "already-counted"} >= set(truthful(outcomes))
    assert 1 == len(here.case(request.id).reviews)
    assert [] == road.dispatched(httpx_mock)


def test_approvals_and_rejections_at_once_are_one_decision(here: road.Road, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204, is_reusable=True, is_optional=True)
    request = road.offline()
    clicks = [
        headers("ada" if number % 2 else "grace", "approve" if number % 2 else "reject", road.ticket(request))
        for number in range(CROWD)
    ]
    outcomes = pressed(here, clicks)
    assert 1 == outcomes["released"] + outcomes["rejected"]
    assert outcomes["released"] == len(road.dispatched(httpx_mock))
    already = {"approved": "already-approved", "rejected": "already-rejected"}[here.case(request.id).status]
    assert {"released", "rejected", already} >= set(truthful(outcomes))


def test_fifty_calls_at_once_under_one_idempotency_key_are_one_request(here: road.Road) -> None:
    form = {"repository": "octo/api", "event_type": "deploy-api", "title": "t", "environment": "production"}
    replies = at_once([partial(here.ask, form, idempotency_key="run-1")] * CROWD)
    assert {200, 201} >= {reply.status for reply in replies}
    assert 1 == len({road.said(reply)["id"] for reply in replies})
    assert 1 == here.recorded()["cases"]


def test_the_same_plain_json_from_fifty_cards_at_once_is_one_dispatch(here: road.Road, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=road.SITE_DISPATCHES, method="POST", status_code=204, is_reusable=True)
    outcomes = counted(at_once([partial(here.run, b'{"event_type": "publish"}')] * CROWD))
    assert {"released", "approved-retrying"} >= set(truthful(outcomes))
    assert 1 == len(road.dispatched(httpx_mock))


def clicks(outside: Neighbours, people: Sequence[str], environment: str) -> tuple[str, list[dict[str, str]]]:
    request = road.offline(environment)
    ticket = road.ticket(request)
    return request.id, [headers(person, "approve", ticket, iss=outside.issuer) for person in people]


def ids(outside: Neighbours) -> list[str]:
    return [arrival.id for arrival in outside.github.arrivals]


def stored(tmp_path: Path, case_id: str) -> Case:
    with closing(SqliteStore(str(tmp_path / "relay.db"), lambda: 0.0)) as store:
        case = store.load(case_id)
    assert case is not None
    return case


def broken(tmp_path: Path, outside: Neighbours, case_id: str) -> list[tuple[str, str]]:
    """Return the promises that are broken at the end."""
    with closing(SqliteStore(str(tmp_path / "relay.db"), lambda: 0.0)) as store:
        record = promises.read(store, [case_id], parse.parse(example_policy.POLICY, kinds()), outside.github.arrivals)
        return list(record.violations())


@pytest.mark.parametrize(("environment", "counted"), [("production", 0), ("crowd", 1)])
def test_two_processes_on_one_store_are_one_dispatch(
    tmp_path: Path, outside: Neighbours, environment: str, counted: int
) -> None:
    environ = road.environ(tmp_path, **outside.settings())
    people = ["ada", "grace", "octocat", "haneul"] * 6
    case_id, presses = clicks(outside, people, environment)
    with (
        child("pressing", environ=environ, clicks=presses, dies=False) as one,
        child("pressing", environ=environ, clicks=presses, dies=False) as two,
    ):
        assert ["ready", "ready"] == [one.hear(), two.hear()]
        one.say("go")
        two.say("go")
        outcomes = Counter(json.loads(one.hear()) + json.loads(two.hear()))
    assert 48 == outcomes.total()
    assert (1, counted) == (outcomes["released"], outcomes["counted"])
    assert {"released", "counted", "already-approved", "already-counted"} >= set(truthful(outcomes))
    assert [case_id] == ids(outside)
    assert ("approved", "delivered") == (stored(tmp_path, case_id).status, stored(tmp_path, case_id).debts[0].status)
    assert [] == broken(tmp_path, outside, case_id)


def paid(environ: dict[str, str], ahead: float) -> int:
    """Run the timer of a newly started relay."""
    with child("paying", environ=environ, ahead=ahead) as relay:
        return int(relay.hear())


def test_one_killed_between_commit_and_payment_is_paid_after_the_restart_exactly_once(
    tmp_path: Path, outside: Neighbours
) -> None:
    environ = road.environ(tmp_path, **outside.settings())
    case_id, presses = clicks(outside, ["ada"], "production")
    with child("pressing", environ=environ, clicks=presses, dies=True) as relay:
        assert "ready" == relay.hear()
        relay.say("go")
        assert "committed" == relay.hear()
        relay.kill()
    assert ("approved", "owed", 0) == (
        stored(tmp_path, case_id).status,
        stored(tmp_path, case_id).debts[0].status,
        stored(tmp_path, case_id).debts[0].attempts,
    )
    assert 0 == paid(environ, 10)  # the lease of the dead still runs
    assert [] == ids(outside)
    assert [1, 0] == [paid(environ, 30), paid(environ, 90_000)]
    assert [case_id] == ids(outside)
    assert "delivered" == stored(tmp_path, case_id).debts[0].status
    assert [] == broken(tmp_path, outside, case_id)


def test_one_killed_after_github_took_it_is_paid_again_under_the_same_id(tmp_path: Path, outside: Neighbours) -> None:
    environ = road.environ(tmp_path, **outside.settings())
    case_id, presses = clicks(outside, ["ada"], "production")
    outside.github.always("takes and stalls")
    with child("pressing", environ=environ, clicks=presses, dies=False) as relay:
        assert "ready" == relay.hear()
        relay.say("go")
        assert outside.github.arrived.wait(60)
        relay.kill()
    outside.github.arrived.clear()
    with child("paying", environ=environ, ahead=30) as timer:
        assert outside.github.arrived.wait(60)
        timer.kill()
    outside.github.always("takes")
    assert 0 == paid(environ, 45)  # the lease of the killed timer still runs
    assert 1 == paid(environ, 65)
    assert [case_id] * 3 == ids(outside)
    assert "delivered" == stored(tmp_path, case_id).debts[0].status
    assert [] == broken(tmp_path, outside, case_id)
