"""Webhooks that GitHub could not deliver: found in its list, and sent again, by one instance in ten minutes."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from relay.errors import Outage
from relay.github.api import GitHubApi
from relay.github.deliveries import TRIES, FailedDeliveries, Sent, failed_in
from relay.net.client import Client
from tests.support import gates

LIST = "https://api.github.com/app/hook/deliveries?per_page=30"
NOW = 1_780_000_000.0


class Marks:
    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def put_if_absent(self, key: str, value: str, *, now: float, until: float) -> str:
        assert 600 == until - now
        return self.kept.setdefault(key, value)


def entry(number: int, guid: str, code: int) -> dict[str, Any]:
    return {"id": number, "guid": guid, "status_code": code, "status": "x", "event": "workflow_run"}


@pytest.fixture
def failed(client: Client) -> FailedDeliveries:
    numbers = count()
    api = GitHubApi(lambda: client, "https://api.github.com", "2022-11-28", lambda: NOW)
    return FailedDeliveries(Marks(), api, lambda: "jwt", lambda: f"nonce-{next(numbers)}")


def attempts(httpx_mock: HTTPXMock) -> list[str]:
    return [str(each.url).rsplit("/", 2)[1] for each in httpx_mock.get_requests(method="POST")]


def takes(httpx_mock: HTTPXMock, *numbers: int) -> None:
    for number in numbers:
        httpx_mock.add_response(
            method="POST", url=f"https://api.github.com/app/hook/deliveries/{number}/attempts", status_code=202, json={}
        )


def test_the_last_try_of_each_delivery_that_was_never_taken_is_sent_again_the_oldest_first() -> None:
    newest_first = [
        Sent(9, "c", was_taken=False),
        Sent(8, "b", was_taken=True),
        Sent(7, "a", was_taken=False),
        Sent(6, "b", was_taken=False),
        Sent(5, "a", was_taken=False),
        Sent(4, "d", was_taken=True),
    ]
    assert [7, 9] == [*failed_in(newest_first)]


def test_a_delivery_that_failed_many_times_is_left_to_the_operator() -> None:
    tries = [Sent(number, "a", was_taken=False) for number in range(TRIES)]
    assert [] == [*failed_in(tries)]
    assert [1] == [*failed_in(tries[1:])]


def test_failed_deliveries_are_sent_again_once_in_ten_minutes(failed: FailedDeliveries, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=LIST, json=[entry(3, "a", 503), entry(2, "b", 202), entry(1, "c", 0)])
    takes(httpx_mock, 1, 3)
    assert 2 == failed.send_again()
    assert 0 == failed.send_again()
    assert ["1", "3"] == attempts(httpx_mock)


def test_pages_are_followed_by_the_cursor_alone(failed: FailedDeliveries, httpx_mock: HTTPXMock) -> None:
    link = '<https://evil.example/app/hook/deliveries?per_page=30&cursor=v1_16>; rel="next"'
    httpx_mock.add_response(url=LIST, json=[entry(3, "a", 202)], headers={"link": link})
    httpx_mock.add_response(url=f"{LIST}&cursor=v1_16", json=[entry(2, "b", 500), entry(1, "a", 500)])
    takes(httpx_mock, 2)
    assert 1 == failed.send_again()


def test_the_pages_have_an_end(failed: FailedDeliveries, httpx_mock: HTTPXMock) -> None:
    link = '<https://api.github.com/app/hook/deliveries?cursor=again>; rel="next"'
    httpx_mock.add_response(json=[entry(1, "a", 202)], headers={"link": link}, is_reusable=True)
    assert 0 == failed.send_again()
    assert 10 == len(httpx_mock.get_requests())


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'["x", {"id": "1"}, {"id": 1, "guid": "a", "status_code": null}]'])
def test_a_list_of_another_form_is_no_list(body: bytes, failed: FailedDeliveries, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(content=body)
    assert 0 == failed.send_again()


@pytest.mark.parametrize("status", [401, 403, 500])
def test_a_refusal_is_tried_again_in_ten_minutes(status: int, failed: FailedDeliveries, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=status)
    assert 0 == failed.send_again()


def test_an_app_that_may_not_send_again_counts_none(failed: FailedDeliveries, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=LIST, json=[entry(1, "c", 0)])
    httpx_mock.add_response(method="POST", status_code=404)
    assert 0 == failed.send_again()


def test_connections_that_cannot_be_made_are_left_to_the_next_look(httpx_mock: HTTPXMock) -> None:
    def unusable() -> Client:
        raise Outage("SSL_CERT_FILE cannot be read", permanent=True)

    api = GitHubApi(unusable, "https://api.github.com", "2022-11-28", lambda: NOW)
    assert 0 == FailedDeliveries(Marks(), api, lambda: "jwt", lambda: "n").send_again()
    assert [] == httpx_mock.get_requests()


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[gates.Here]:
    with gates.made(tmp_path, httpx_mock) as made:
        yield made


def test_the_timer_of_a_relay_with_an_app_looks_for_them(here: gates.Here) -> None:
    here.github.deliveries = [entry(5, "a", 503)]
    here.road.round()
    here.road.round()
    assert [5] == here.github.redelivered
