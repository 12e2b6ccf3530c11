"""Requests to the storage account for the log of messages: they do not grow with it."""

from collections.abc import Iterator

import pytest

from relay.journal.messages import DAY, Message, key
from relay.journal.search import Search
from relay.store.tables.store import TableStore
from tests.support import azurite, stores
from tests.support.stores import NOW
from tests.support.table_proxy import TableProxy

azurite.need()

PAGE = 51
SEARCHES = (
    Search(),
    Search(request="r1"),
    Search(since=float(NOW - 3 * DAY), until=float(NOW)),
    Search(channel="slack", since=float(NOW - 3 * DAY)),
)


@pytest.fixture
def proxy() -> Iterator[TableProxy]:
    with TableProxy(azurite.port()) as here:
        yield here


def said(number: int, request: str = "") -> Message:
    at = NOW - number * 60.0
    return Message(at, "in", "slack", "press", "counted", request=request, key=key(at, number, f"{number:08x}"))


def filled(store: TableStore, messages: int) -> None:
    for start in range(0, messages, 100):
        store.add_messages([said(start + number) for number in range(100)])
    store.add_messages([said(number, "r1") for number in range(5)])


def calls(store: TableStore, proxy: TableProxy) -> list[list[str]]:
    """Return the requests for each page, for one more message, and for a message with its request."""
    found = []
    for search in SEARCHES:
        proxy.seen.clear()
        store.messages(search, PAGE)
        found.append([*proxy.seen])
    for message in (said(900_001), said(900_002, "r2")):
        proxy.seen.clear()
        store.add_messages([message])
        found.append([*proxy.seen])
    return found


def counted(proxy: TableProxy, messages: int) -> list[list[str]]:
    with stores.tables(stores.new_tables(proxy.port)) as make:
        store = make()
        assert isinstance(store, TableStore)
        filled(store, messages)
        return calls(store, proxy)


PAGES_AND_INSERTS = [*[["GET messages"]] * len(SEARCHES), ["POST $batch"], ["POST $batch"] * 2]


def test_a_page_is_one_query_and_a_message_one_insert_with_one_more_for_its_request(proxy: TableProxy) -> None:
    assert PAGES_AND_INSERTS == counted(proxy, 100)
    assert PAGES_AND_INSERTS == counted(proxy, 2_000)


@pytest.mark.full
def test_a_hundred_thousand_messages_cost_no_more_requests(proxy: TableProxy) -> None:
    assert PAGES_AND_INSERTS == counted(proxy, 100_000)
