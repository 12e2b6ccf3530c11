"""Where keys, the store or the turn cannot be had, a click is busy and nothing is recorded."""

import itertools
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import httpx
from pytest_httpx import HTTPXMock

from relay.model.case import Case
from relay.model.delivery import Delivery
from relay.store.sqlite.store import SqliteStore
from tests.support import click_answers, entra_tokens, road


def test_no_key_server_is_busy_and_records_nothing(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    with road.made(tmp_path, httpx_mock) as here:
        httpx_mock.reset()
        httpx_mock.add_exception(httpx.ConnectError("down"), url=entra_tokens.JWKS_URL)
        click = road.click()
        assert (503, "busy") == road.outcome(here.send(click.headers, click.body))
        assert road.NOTHING == here.recorded()


def test_no_store_is_busy_and_dispatches_nothing(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    with road.made(tmp_path, httpx_mock, RELAY_STORE="sqlite:////dev/null/relay.db") as here:
        click = road.click()
        assert (503, "busy") == road.outcome(here.send(click.headers, click.body))
        assert [] == road.dispatched(httpx_mock)


class Contested(SqliteStore):
    """A store where somebody else is always faster."""

    def write_case(self, case: Case, **_rows: object) -> bool:  # noqa: ARG002 - a store takes it
        return False


def test_a_click_that_is_never_the_fastest_gives_up_as_busy_within_its_budget(
    tmp_path: Path, here: road.Road, httpx_mock: HTTPXMock
) -> None:
    ticks = itertools.count(time.time())
    click = road.click()
    delivery = Delivery("messagecard", click.headers, b"", time.time())
    with closing(Contested(f"{tmp_path}/relay.db", time.time)) as store:
        payer = replace(here.world.payer, store=store)
        presses = replace(here.world.presses, store=store, payer=payer, clock=lambda: next(ticks))
        reply = presses.answer(here.world.channels["messagecard"], delivery)
    click_answers.check(reply)
    assert (503, "busy") == road.outcome(reply)
    assert [] == road.dispatched(httpx_mock)
