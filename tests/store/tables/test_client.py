"""Answers of the storage account on the wire, and the Outage of each."""

import pytest

from relay.errors import Outage
from relay.store.tables import client
from relay.store.tables.account import Storage
from relay.store.tables.store import TableStore
from tests.support import azurite
from tests.support.loopback_server import Loopback, says, stalls
from tests.support.stores import ID, NOW


def at(port: int) -> TableStore:
    return TableStore(Storage(prefix="relay", connection=azurite.connection(port)), lambda: float(NOW))


def port_of(server: Loopback) -> int:
    return int(server.url.rpartition(":")[2])


def failing(server: Loopback) -> Outage:
    store = at(port_of(server))
    try:
        with pytest.raises(Outage) as caught:
            store.load(ID)
    finally:
        store.close()
    return caught.value


def test_an_account_that_stalls_is_an_outage_after_the_second_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "TIMES", ((0.2, 0.05), (0.2, 0.05)))
    for beginning in (b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Type: application/json\r\n\r\n{"):
        with Loopback(stalls(beginning), stalls(beginning)) as server:
            outage = failing(server)
        assert "the storage account does not answer: " in outage.what
        assert not outage.permanent


def test_nobody_there_is_an_outage() -> None:
    with Loopback() as server:
        port = port_of(server)
    store = at(port)
    with pytest.raises(Outage, match="does not answer: ServiceRequestError"):
        store.load(ID)
    store.close()


def test_a_body_that_breaks_off_or_is_no_json_is_an_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PAUSE", 0.0)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 90\r\nConnection: close\r\n\r\n"
    for answer in (head + b'{"a": 1', head.replace(b"90", b"4") + b"<htm"):
        with Loopback(says(answer, stays=False), says(answer, stays=False)) as server:
            assert "does not answer" in failing(server).what


def test_no_redirect_is_followed_and_no_time_to_wait_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PAUSE", 0.0)
    with Loopback() as elsewhere:
        moved = f"HTTP/1.1 302 Found\r\nLocation: {elsewhere.url}/\r\nContent-Length: 0\r\n\r\n".encode()
        with Loopback(says(moved), says(moved)) as server:
            assert "does not answer" in failing(server).what
        assert [] == elsewhere.requests
    busy = b"HTTP/1.1 503 Busy\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n"
    with Loopback(says(busy), says(busy)) as server:
        assert "the storage account answers 503" == failing(server).what
        assert 2 == len(server.requests)


def test_a_word_of_the_service_is_told_and_nothing_else_of_its_answer() -> None:
    body = b'{"odata.error":{"code":"OutOfRangeInput","message":{"lang":"en","value":"s3cr3t"}}}'
    answer = b"HTTP/1.1 400 Bad\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    with Loopback(says(answer + body)) as server:
        outage = failing(server)
    assert ("the storage account answers 400 OutOfRangeInput", True) == (outage.what, outage.permanent)
    body = body.replace(b"OutOfRangeInput", b"http://s3cr3t/%")
    answer = b"HTTP/1.1 400 Bad\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    with Loopback(says(answer + body)) as server:
        assert "the storage account answers 400" == failing(server).what
