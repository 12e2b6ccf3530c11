"""Status and cancellation: for which keys, and with a click at the same moment."""

import time
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from relay.model.case import Case
from relay.model.delivery import Delivery
from relay.store.sqlite.store import SqliteStore
from tests.api.asking import FORM
from tests.support import road


@pytest.mark.parametrize(
    ("key", "shown", "cancelled"),
    [(road.API_KEY, 200, 200), (road.OPERATOR_KEY, 200, 200), (road.FOREIGN_KEY, 404, 404), ("", 401, 401)],
)
def test_a_request_is_shown_and_cancelled_to_its_own_and_to_operators(
    here: road.Road, key: str, shown: int, cancelled: int
) -> None:
    made = road.said(here.ask(FORM))
    assert shown == here.show(made["id"], key).status
    assert cancelled == here.cancel(made["id"], key).status


@pytest.mark.parametrize("case_id", ["", "a" * 32, "../../etc/passwd", "요청"])
def test_an_unknown_id_is_not_found(here: road.Road, case_id: str) -> None:
    assert (404, "unknown-request") == (here.show(case_id).status, road.said(here.show(case_id))["error"])
    assert 404 == here.cancel(case_id).status


def test_a_pending_request_is_cancelled_once_and_stays_so(here: road.Road) -> None:
    made = road.said(here.ask(FORM))
    first, again = here.cancel(made["id"]), here.cancel(made["id"])
    assert (200, 200) == (first.status, again.status)
    assert ("cancelled", 2) == (road.said(again)["status"], here.case(made["id"]).version)
    assert road.said(first) == road.said(again)


@pytest.mark.parametrize("verdict", ["approve", "reject"])
def test_a_decided_request_is_not_cancelled(here: road.Road, httpx_mock: HTTPXMock, verdict: str) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204, is_optional=True)
    made = road.said(here.ask(FORM))
    here.press("ada", verdict, made["ticket"])
    reply = here.cancel(made["id"])
    assert (409, "already-decided") == (reply.status, road.said(reply)["error"])
    assert here.case(made["id"]).status in {"approved", "rejected"}


class Contested(SqliteStore):
    """A store in which a click commits first, once."""

    beaten = False

    def write_case(self, case: Case, **rows: Any) -> bool:
        if not self.beaten:
            self.beaten = True
            return False
        return super().write_case(case, **rows)


def test_a_cancellation_starts_anew_when_a_click_came_first(here: road.Road) -> None:
    made = road.said(here.ask(FORM))
    delivery = Delivery("", {"x-relay-key": road.API_KEY}, b"", time.time())
    with closing(Contested(str(here.path / "relay.db"), time.time)) as store:
        payer = replace(here.world.payer, store=store)
        reply = replace(here.world.request_status(), store=store, payer=payer).cancel(delivery, made["id"])
    assert (200, "cancelled") == (reply.status, road.said(reply)["status"])
    assert store.beaten
