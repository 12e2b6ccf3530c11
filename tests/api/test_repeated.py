"""Calls that are repeated, that come at once, or that were cut short: one request under one key."""

import json
import time
from contextlib import closing
from dataclasses import replace

import pytest

from relay.errors import Outage
from relay.model.case import Case
from relay.model.delivery import Delivery
from relay.store.sqlite.store import SqliteStore
from tests.api.asking import FORM
from tests.support import road


def test_a_repeated_call_answers_with_the_same_request(here: road.Road) -> None:
    first = here.ask(FORM, idempotency_key="run-1")
    again = here.ask(FORM, idempotency_key="run-1")
    assert (201, 200) == (first.status, again.status)
    assert road.said(first) == road.said(again)
    assert 1 == here.recorded()["cases"]


def test_without_an_idempotency_key_each_call_is_another_request(here: road.Road) -> None:
    assert road.said(here.ask(FORM))["id"] != road.said(here.ask(FORM))["id"]


def test_a_repeated_call_tells_what_became_of_the_request(here: road.Road) -> None:
    made = road.said(here.ask(FORM, idempotency_key="run-1"))
    here.cancel(made["id"])
    assert "cancelled" == road.said(here.ask(FORM, idempotency_key="run-1"))["status"]


def test_another_body_under_the_same_key_is_a_conflict(here: road.Road) -> None:
    here.ask(FORM, idempotency_key="run-1")
    reply = here.ask(FORM | {"title": "Another"}, idempotency_key="run-1")
    assert (409, "key-reused") == (reply.status, road.said(reply)["error"])
    assert 1 == here.recorded()["cases"]


def test_an_idempotency_key_is_its_askers_own(here: road.Road) -> None:
    here.ask(FORM, idempotency_key="run-1")
    other = here.ask(FORM | {"repository": "hexa/api"}, idempotency_key="run-1", x_relay_key=road.FOREIGN_KEY)
    assert 403 == other.status  # and not 409: its rule is missing, its key is new


@pytest.mark.parametrize("key", ["x" * 256, "키", "a\nb", "\udc80"])
def test_an_odd_idempotency_key_is_malformed(here: road.Road, key: str) -> None:
    reply = here.ask(FORM, idempotency_key=key)
    assert (400, "Idempotency-Key") == (reply.status, road.said(reply)["field"])
    assert road.NOTHING == here.recorded()


class Dying(SqliteStore):
    """A store whose process dies between Idempotency-Key and commit."""

    def write_case(self, case: Case, **_rows: object) -> bool:  # noqa: ARG002 - a store takes it
        raise Outage("the process was killed")


def test_a_crash_between_claim_and_commit_does_not_lose_the_request(here: road.Road) -> None:
    headers = {"x-relay-key": road.API_KEY, "idempotency-key": "run-1"}
    delivery = Delivery("", headers, json.dumps(FORM).encode(), time.time())
    with closing(Dying(str(here.path / "relay.db"), time.time)) as store:
        cases = replace(here.world.new_cases(), store=store, payer=replace(here.world.payer, store=store))
        intake = replace(here.world.registration(), store=store, new_cases=cases)
        reply = intake.register(delivery)
    assert (503, "busy") == (reply.status, road.said(reply)["error"])
    assert road.NOTHING | {"claims": 1} == here.recorded()
    here.ahead = 60
    first, again = (here.ask(FORM, idempotency_key="run-1") for _ in range(2))
    assert (201, 200) == (first.status, again.status)
    assert road.said(first)["id"] == road.said(again)["id"]
    assert 1 == here.recorded()["cases"]


class Late(SqliteStore):
    """A store that shows the case of another call only at the second look."""

    looks = 0

    def load(self, case_id: str) -> Case | None:
        self.looks += 1
        return super().load(case_id) if self.looks > 1 else None


def test_of_two_calls_at_once_both_answer_the_one_request(here: road.Road) -> None:
    first = road.said(here.ask(FORM, idempotency_key="run-1"))
    headers = {"x-relay-key": road.API_KEY, "idempotency-key": "run-1"}
    delivery = Delivery("", headers, json.dumps(FORM).encode(), time.time())
    with closing(Late(str(here.path / "relay.db"), time.time)) as store:
        reply = replace(here.world.registration(), store=store).register(delivery)
    assert (201, first) == (reply.status, road.said(reply))
    assert 1 == here.recorded()["cases"]
