from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from relay.approval.wake_ups import WakeUp
from relay.github.rate_limit import CallBudget
from relay.model.case import Case
from relay.store.sqlite.store import SqliteStore
from tests.support import example_policy, road

HOUR = 3_600.0
FORM = {
    "repository": "octo/api",
    "event_type": "deploy-api",
    "title": "Deploy api",
    "environment": "production",
}
ANNOUNCED = 'event_types = ["deploy-*"]\non_request = "asked"\n'


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[road.Road]:
    policy = example_policy.POLICY.replace('event_types = ["deploy-*"]\n', ANNOUNCED, 1)
    with road.made(tmp_path, httpx_mock, RELAY_POLICY=policy) as made:
        yield made


def closed_since_it_was_read(here: road.Road, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each reader see the call budget as it was before GitHub limited the relay."""
    here.world.store.close_bucket("token", here.now() + 60)
    monkeypatch.setattr(SqliteStore, "bucket", lambda _store, _identity: CallBudget())


def test_a_request_is_made_although_the_bucket_was_closed_in_the_meantime(
    here: road.Road, monkeypatch: pytest.MonkeyPatch, httpx_mock: HTTPXMock
) -> None:
    closed_since_it_was_read(here, monkeypatch)
    reply = here.ask(FORM)
    assert 201 == reply.status
    case = here.case(road.said(reply)["id"])
    assert [("asked", "owed", "")] == [(debt.event_type, debt.status, debt.lease) for debt in case.debts]
    assert [] == road.dispatched(httpx_mock)
    assert {row.case_id for row in here.world.store.rows()} == {case.request.id}


def test_an_approval_counts_although_the_bucket_was_closed_in_the_meantime(
    here: road.Road, monkeypatch: pytest.MonkeyPatch, httpx_mock: HTTPXMock
) -> None:
    request = road.offline()
    closed_since_it_was_read(here, monkeypatch)
    reply = here.press("ada", "approve", road.ticket(request))
    assert (200, "approved-retrying") == road.outcome(reply)
    assert "approved" == here.case(request.id).status
    assert [] == road.dispatched(httpx_mock)


@pytest.mark.parametrize("form", [FORM, {"repository": "octo/api", "title": "Only to tell"}])
def test_nobody_is_told_of_a_request_that_the_store_did_not_take(
    here: road.Road, monkeypatch: pytest.MonkeyPatch, form: dict[str, str]
) -> None:
    monkeypatch.setattr(SqliteStore, "write_case", lambda *_, **__: False)
    reply = here.ask(form)
    assert (503, "busy") == (reply.status, road.said(reply)["error"])


def test_nobody_is_told_of_a_plain_dispatch_that_the_store_did_not_take(
    here: road.Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SqliteStore, "write_case", lambda *_, **__: False)
    assert (503, "busy") == road.outcome(here.run(b'{"event_type": "publish"}'))


def test_a_parked_row_that_a_cut_off_commit_left_is_removed_when_the_operator_looks(here: road.Road) -> None:
    known = Case(road.offline(), "offline", version=1, commit_id="c")
    fresh = WakeUp(here.now(), known.request.id, "c.0", "g", here.now(), parked=True)
    left, unknown = replace(fresh, due_at=here.now() - 2 * HOUR), road.offline(nonce="m" * 22)
    stray = replace(left, case_id=unknown.id)
    assert here.world.store.write_case(known, to_set=[fresh, left, stray])
    assert [] == here.outbox().owed()
    assert [fresh] == list(here.world.store.rows())
