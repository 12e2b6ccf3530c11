"""Runs again that wait for GitHub, while a newer approval of the same waits before them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from relay.github.dispatch import Dispatches
from relay.model.debts import RetryAfter
from tests.press.rerunning import FORM, RETRY, approved, failed
from tests.support import road
from tests.support.example_policy import POLICY


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[road.Road]:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204, is_reusable=True, is_optional=True)
    with road.made(tmp_path, httpx_mock, RELAY_POLICY=POLICY + RETRY) as made:
        yield made


def away(*_: Any, **__: Any) -> RetryAfter:
    return RetryAfter("it answers with error 502", answered=True)


def waiting(here: road.Road, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Return the ticket of a release whose run failed, and the id of a newer approval that GitHub has not taken yet."""
    older, ticket = approved(here)
    failed(here, older)
    here.ahead += 60
    newer = road.said(here.ask({**FORM, "environment": "again", "title": "newer"}))
    with monkeypatch.context() as patch:
        patch.setattr(Dispatches, "send", away)
        assert (200, "approved-retrying") == road.outcome(here.press("ada", "approve", newer["ticket"]))
    return ticket, newer["id"]


def sent(httpx_mock: HTTPXMock) -> list[tuple[str, int]]:
    told = [each["client_payload"]["approval"] for each in road.dispatched(httpx_mock)]
    return [(each["id"], each.get("run", 1)) for each in told]


def test_the_older_release_does_not_run_again_after_the_newer_one_that_waited(
    here: road.Road, httpx_mock: HTTPXMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket, newer = waiting(here, monkeypatch)
    assert (200, "approved-retrying") == road.outcome(here.press("ada", "again", ticket))
    here.ahead += 120
    here.round()
    older = sent(httpx_mock)[0][0]
    assert [(older, 1), (newer, 1)] == sent(httpx_mock)
    assert "cancelled" == here.case(older).debts[-1].status
    reply = here.press("ada", "approve", ticket)
    assert (
        "This was already approved. It was never sent to GitHub: a newer approval of the same came first."
        == (reply.headers["CARD-ACTION-STATUS"])
    )


def test_the_person_who_presses_while_the_newer_one_is_sent_is_told_so(
    here: road.Road, httpx_mock: HTTPXMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket, newer = waiting(here, monkeypatch)
    here.ahead += 120
    reply = here.press("ada", "again", ticket)
    assert (200, "approved-refused") == road.outcome(reply)
    assert (
        "Started again. But a newer approval of the same came first, so nothing was sent."
        == (reply.headers["CARD-ACTION-STATUS"])
    )
    assert (newer, 1) == sent(httpx_mock)[-1]


def test_an_operator_may_send_it_all_the_same(
    here: road.Road, httpx_mock: HTTPXMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket, _ = waiting(here, monkeypatch)
    here.ahead += 120
    here.press("ada", "again", ticket)
    older = sent(httpx_mock)[0][0]
    here.ahead += 10
    here.outbox().replay(older, anyway=True)
    here.round()
    assert (older, 2) == sent(httpx_mock)[-1]
