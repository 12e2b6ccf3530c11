"""Requests to the storage account, counted on the wire: each costs a person some milliseconds."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from relay.approval.wake_ups import LIFE, WakeUp
from relay.model.case import Case
from relay.signed import tickets
from tests.support import azurite, road, stores
from tests.support.table_proxy import TableProxy

azurite.need()

RELEASED = ["GET cases", "POST $batch", "PUT cases", "GET due", "GET groups", "PUT cases"]
COUNTED = ["GET cases", "PUT cases"]
REFUSED = ["GET cases"]
IDLE = ["PUT marks", "GET claims", "GET due", "GET due"]


@pytest.fixture
def proxy() -> Iterator[TableProxy]:
    with TableProxy(azurite.port()) as here:
        yield here


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock, proxy: TableProxy) -> Iterator[road.Road]:
    """Yield a relay that has released once, so that its store is open and its call budget read."""
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204, is_reusable=True)
    storage = stores.new_tables(proxy.port)
    settings = {"AzureWebJobsStorage": storage.connection, "RELAY_TABLE_PREFIX": storage.prefix}
    with road.made(tmp_path, httpx_mock, RELAY_STORE="tables", **settings) as made:
        assert (200, "released") == road.outcome(made.press("ada", "approve", asked(made)))
        yield made


def asked(here: road.Road, environment: str = "production", **fields: Any) -> str:
    """Return the ticket of a registered request."""
    form = {"repository": "octo/api", "event_type": "deploy-api", "title": "Deploy", "environment": environment}
    reply = here.ask(form | fields)
    assert 201 == reply.status
    return str(road.said(reply)["ticket"])


def counted(here: road.Road, proxy: TableProxy, person: str, verdict: str, ticket: str) -> tuple[str, list[str]]:
    """Return the outcome of a click, and its requests to the storage account."""
    proxy.seen.clear()
    reply = here.press(person, verdict, ticket)
    # The newest release of the group is read, and written unless a newer one is there, which the clock decides.
    return road.outcome(reply)[1], [call for call in proxy.seen if call not in ("POST groups", "PUT groups")]


def round_of(here: road.Road, proxy: TableProxy) -> list[str]:
    proxy.seen.clear()
    here.round()
    return list(proxy.seen)


def test_a_click_that_releases_takes_six_operations_and_one_for_a_newer_release(
    here: road.Road, proxy: TableProxy
) -> None:
    for _ in range(3):  # one after another in one group: what is left of those before costs nothing
        assert ("released", RELEASED) == counted(here, proxy, "ada", "approve", asked(here))


def test_a_click_that_counts_takes_two_and_one_that_changes_nothing_takes_one(
    here: road.Road, proxy: TableProxy
) -> None:
    ticket = asked(here, "staged")
    assert ("not-allowed", REFUSED) == counted(here, proxy, "grace", "approve", ticket)
    assert ("counted", COUNTED) == counted(here, proxy, "lin", "approve", ticket)
    assert ("counted", COUNTED) == counted(here, proxy, "grace", "approve", ticket)
    assert ("already-counted", REFUSED) == counted(here, proxy, "grace", "approve", ticket)
    assert ("released", RELEASED) == counted(here, proxy, "ada", "approve", ticket)
    assert ("already-approved", REFUSED) == counted(here, proxy, "ada", "approve", ticket)
    assert ("rejected", COUNTED) == counted(here, proxy, "ada", "reject", asked(here))
    unknown = tickets.sign(road.offline(), road.MASTER, road.ORIGIN, self_contained=False)
    assert ("unknown-request", REFUSED) == counted(here, proxy, "ada", "approve", unknown)
    assert ("malformed", []) == counted(here, proxy, "ada", "maybe", ticket)


def test_the_first_click_of_a_request_made_offline_takes_one_more_for_its_life(
    here: road.Road, proxy: TableProxy
) -> None:
    first = ["GET cases", "POST $batch", "PUT due", "POST cases", "GET due", "GET groups", "PUT cases"]
    assert ("released", first) == counted(here, proxy, "ada", "approve", road.ticket(road.offline()))


def test_the_first_click_of_a_cold_relay_takes_two_more(here: road.Road, proxy: TableProxy) -> None:
    ticket = asked(here)
    here.ahead = 60
    here.round()  # what other instances have released and no round has met would each take one more
    here.world.store.close()
    cold = ["GET marks", "GET cases", "GET due", *RELEASED[1:]]
    assert ("released", cold) == counted(here, proxy, "ada", "approve", ticket)


def test_a_round_takes_four_operations_and_two_for_each_row_that_a_click_left(
    here: road.Road, proxy: TableProxy
) -> None:
    # Once an hour it looks for old messages and audit lines.
    assert [*IDLE, "GET messages", "GET audit"] == round_of(here, proxy)
    here.press("ada", "approve", asked(here))
    here.ahead = 60
    left = ["GET cases", "DELETE due"]
    assert [*IDLE[:3], *left, *left, IDLE[3]] == round_of(here, proxy)
    assert IDLE == round_of(here, proxy)


def test_what_was_decided_before_costs_neither_a_click_nor_a_round(here: road.Road, proxy: TableProxy) -> None:
    """Store 10 or 300 decided cases, each with the wake-up of its life, in the group of the click and in others."""
    here.ahead = 60
    round_of(here, proxy)
    found = []
    for number, more in ((10, 10), (300, 290)):
        decide(here, start=number - more, number=more)
        found.append((counted(here, proxy, "ada", "approve", asked(here)), round_of(here, proxy)))
        here.ahead += 60
        here.round()  # it meets what the click left, however long the storing of the next cases takes
    assert found[0] == found[1] == (("released", RELEASED), IDLE)


def decide(here: road.Road, *, start: int, number: int) -> None:
    """Put decided cases into the store as they are after their timer run."""

    def put(place: int) -> bool:
        environment = "production" if place % 2 else "staged"
        request = road.offline(environment, nonce=f"{place:022}")
        case = Case(request, "key", "approved", decided_at=request.issued_at, version=1, commit_id="c")
        life = WakeUp(request.expires_at + 86_400.0, request.id, LIFE)
        return here.world.store.write_case(replace(case, life_at=life.due_at), to_set=[life])

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(put, range(start, start + number)))


def test_wake_ups_of_many_debts_are_removed_together_even_if_another_has_dropped_one(proxy: TableProxy) -> None:
    storage = stores.new_tables(proxy.port)
    rows = [WakeUp(stores.NOW + number, stores.ID, f"n{number}", "group") for number in range(30)]
    with stores.tables(storage) as make:
        store, other = make(), make()
        assert store.write_case(stores.CASE, to_set=rows)
        later = stores.owing(stores.case(version=2))
        proxy.seen.clear()
        assert store.write_case(later, to_set=[stores.LATER], to_clear=rows[:20])
        assert ["POST $batch", "PUT cases", "POST $batch"] == proxy.seen
        other.drop_row(rows[25])
        assert store.write_case(stores.owing(stores.case(version=3)), to_clear=rows[20:])
        assert [stores.LATER] == store.rows()
