import json
import logging
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from relay.model.case import Case
from relay.model.delivery import Delivery, Reply
from relay.store.sqlite.store import SqliteStore
from tests.support import example_policy, road
from tests.support.logged import logged


def body(
    event_type: str = "publish", repository: str = "octo/site", payload: Mapping[str, Any] | None = None, **more: Any
) -> bytes:
    owner, _, name = repository.partition("/")
    where = {"repository": {"owner": owner, "name": name}} if repository else {}
    return json.dumps(
        {"event_type": event_type, "client_payload": {**(payload or {}), **more, **where}}, ensure_ascii=False
    ).encode()


def answers(httpx_mock: HTTPXMock, *statuses: int) -> None:
    for status in statuses:
        httpx_mock.add_response(url=road.SITE_DISPATCHES, method="POST", status_code=status)


def test_the_event_goes_to_github_as_it_came_and_the_body_comes_back(here: road.Road, httpx_mock: HTTPXMock) -> None:
    answers(httpx_mock, 204)
    sent = body(제목="배포", ratio=0.25, nested={"a": [None, True]}).replace(b'": ', b'" :  ')
    reply = here.run(sent)
    assert (202, "released") == road.outcome(reply)
    assert sent == reply.body
    assert "https://github.com/octo/site/actions" == reply.headers["Location"]
    assert "Accepted. GitHub has taken it." == reply.headers["CARD-ACTION-STATUS"]
    assert [json.loads(sent)] == road.dispatched(httpx_mock)


def test_on_another_github_the_address_of_the_runs_is_there(here: road.Road, httpx_mock: HTTPXMock) -> None:
    answers(httpx_mock, 204)
    with road.made(here.path, httpx_mock, RELAY_GITHUB_URL="https://github.octo.example") as other:
        reply = other.run(body())
    assert "https://github.octo.example/octo/site/actions" == reply.headers["Location"]


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (204, "released", "GitHub has taken it"),
        (500, "approved-retrying", "keeps trying"),
        (404, "approved-refused", "refused it"),
    ],
)
def test_the_answer_is_githubs_real_one_and_the_same_the_second_time(
    here: road.Road, httpx_mock: HTTPXMock, status: int, code: str, said: str
) -> None:
    answers(httpx_mock, status)
    first, again = here.run(body()), here.run(body())
    assert [(202, code)] * 2 == [road.outcome(first), road.outcome(again)]
    assert said in first.headers["CARD-ACTION-STATUS"]
    assert first == again
    assert 1 == len(road.dispatched(httpx_mock))


def test_the_same_json_in_another_spelling_is_the_same(here: road.Road, httpx_mock: HTTPXMock) -> None:
    answers(httpx_mock, 204)
    here.run(body(a=1, b="배포"))
    other = json.dumps(json.loads(body(b="배포", a=1)), indent=2).encode()
    assert other == here.run(other).body
    assert 1 == len(road.dispatched(httpx_mock))


def test_another_json_or_a_later_one_is_another_dispatch(here: road.Road, httpx_mock: HTTPXMock) -> None:
    answers(httpx_mock, 204, 204, 204)
    here.run(body(a=1))
    here.run(body(a=2))
    here.ahead = 601
    here.run(body(a=1))
    assert 3 == len(road.dispatched(httpx_mock))


def test_what_github_did_not_take_is_paid_by_the_timer(here: road.Road, httpx_mock: HTTPXMock) -> None:
    answers(httpx_mock, 500, 204)
    here.run(body())
    here.ahead = 60
    assert 1 == here.round()
    assert (202, "released") == road.outcome(here.run(body()))
    assert [json.loads(body())] * 2 == road.dispatched(httpx_mock)


def run_on(here: road.Road, store: SqliteStore) -> Reply:
    """Run a plain dispatch on another store."""
    plain = replace(here.world.plain(), store=store, payer=replace(here.payer(), store=store))
    return plain.run(Delivery("", {}, body(), time.time()))


class Beaten(SqliteStore):
    """A store in which another call commits the same JSON at this moment."""

    def write_case(self, case: Case, **_rows: object) -> bool:
        return not super().write_case(case)


def test_of_two_at_once_the_second_says_that_github_was_not_told_yet(here: road.Road, httpx_mock: HTTPXMock) -> None:
    with closing(Beaten(str(here.path / "relay.db"), time.time)) as store:
        reply = run_on(here, store)
    assert (202, "approved-retrying") == road.outcome(reply)
    assert [] == road.dispatched(httpx_mock)


class Cut(SqliteStore):
    """A store that takes no case."""

    def write_case(self, case: Case, **_rows: object) -> bool:  # noqa: ARG002 - a store takes it
        return False


def test_one_that_died_before_its_commit_is_dispatched_by_the_next(here: road.Road, httpx_mock: HTTPXMock) -> None:
    with closing(Cut(str(here.path / "relay.db"), time.time)) as store:
        assert (503, "busy") == road.outcome(run_on(here, store))
    answers(httpx_mock, 204)
    assert (202, "released") == road.outcome(here.run(body()))
    assert 1 == len(road.dispatched(httpx_mock))


def test_without_a_repository_the_one_of_the_policy_is_meant(here: road.Road, httpx_mock: HTTPXMock) -> None:
    answers(httpx_mock, 204)
    reply = here.run(b'{"event_type": "publish"}')
    assert (202, "released") == road.outcome(reply)
    assert [{"event_type": "publish", "client_payload": {}}] == road.dispatched(httpx_mock)


def test_without_a_repository_and_without_one_in_the_policy_it_is_malformed(
    tmp_path: Path, httpx_mock: HTTPXMock
) -> None:
    policy = example_policy.POLICY.replace('plain_repository = "octo/site"', "")
    with road.made(tmp_path, httpx_mock, RELAY_POLICY=policy) as here:
        assert (400, "malformed") == road.outcome(here.run(b'{"event_type": "publish"}'))


@pytest.mark.parametrize(
    ("event_type", "repository"),
    [
        ("deploy-site", "octo/site"),  # guarded by a rule with approvers, in some environment
        ("deploy-api", "octo/api"),
        ("publish", "octo/api"),
        ("publish", "hexa/site"),
        ("unheard-of", "octo/site"),
    ],
)
def test_what_no_plain_rule_takes_or_another_rule_guards_is_forbidden(
    here: road.Road, httpx_mock: HTTPXMock, event_type: str, repository: str
) -> None:
    reply = here.run(body(event_type, repository))
    assert (403, "no-rule") == road.outcome(reply)
    assert {"error", "message"} == set(road.said(reply))
    assert road.NOTHING == here.recorded()
    assert [] == road.dispatched(httpx_mock)


WRONG = [
    (b"", "body"),
    (b"\xff", "body"),
    (b"[]", "body"),
    (b"[" * 100_000, "body"),
    (b'{"event_type": "publish", "event_type": "publish"}', "body"),
    (b'{"event_type": "publish", "client_payload": {"x": NaN}}', "body"),
    (b'{"event_type": "publish", "client_payload": {"x": 1e999}}', "client_payload"),
    (b'{"event_type": "publish", "client_payload": {"x": "\\ud800"}}', "client_payload"),
    (b'{"event_type": "publish", "client_payload": {"x": ["\\udc00"]}}', "client_payload"),
    (b'{"event_type": "\\ud800"}', "event_type"),
    (b"{}", "event_type"),
    (b'{"event_type": ""}', "event_type"),
    (b'{"event_type": 7}', "event_type"),
    (body("x" * 101), "event_type"),
    (body("publish\n"), "event_type"),
    (body(" publish"), "event_type"),
    (body("publish\u200b"), "event_type"),
    (b'{"event_type": "publish", "client_payload": []}', "client_payload"),
    (b'{"event_type": "publish", "more": 1}', "body"),
    (body(approval={"decision": "approved"}), "client_payload"),
    (body(Approval={"decision": "approved"}), "client_payload"),
    (body(payload=dict.fromkeys("0123456789", 1)), "client_payload"),
    (body(repository="", payload=dict.fromkeys("0123456789a", 1)), "client_payload"),
    (b'{"event_type": "publish", "client_payload": {"repository": "octo/site"}}', "repository"),
    (b'{"event_type": "publish", "client_payload": {"repository": {"owner": "octo"}}}', "name"),
    (b'{"event_type": "publish", "client_payload": {"repository": {"name": "site"}}}', "owner"),
    (body(repository="octo/.."), "name"),
    (body(repository="octo/site.git"), "name"),
    (body(repository="octo/si te"), "name"),
    (body(repository="-octo/site"), "owner"),
    (body(repository="octo/site\n"), "name"),
]


@pytest.mark.parametrize(("sent", "field"), WRONG, ids=[str(number) for number in range(len(WRONG))])
def test_a_body_that_is_wrong_is_malformed_by_field_and_nothing_happens(
    here: road.Road, httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture, sent: bytes, field: str
) -> None:
    caplog.set_level(logging.DEBUG)
    reply = here.run(sent)
    assert (400, "malformed") == road.outcome(reply)
    assert field == road.said(reply)["field"]
    assert [{"event": "http", "outcome": "malformed", "channel": "api", "check": f"field {field}"}] == logged(caplog)
    assert road.NOTHING == here.recorded()
    assert [] == road.dispatched(httpx_mock)


def test_a_body_that_is_too_large_is_told_so(here: road.Road) -> None:
    assert (413, "too-large") == road.outcome(here.run(b" " * (1024 * 1024 + 1)))
    assert road.NOTHING == here.recorded()


@pytest.mark.parametrize("sent", [body(x="y" * 66_000), body(repository="", x="y" * 66_000), body(x="가" * 22_000)])
def test_a_payload_that_is_too_large_for_github_is_told_so(here: road.Road, sent: bytes) -> None:
    reply = here.run(sent)
    assert (400, "malformed") == road.outcome(reply)
    assert "client_payload" == road.said(reply)["field"]
    assert "65,000 bytes" in road.said(reply)["message"]
    assert road.NOTHING == here.recorded()


def test_no_store_is_busy_and_says_it_to_the_chat(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    with road.made(tmp_path, httpx_mock, RELAY_STORE="sqlite:////dev/null/relay.db") as here:
        assert (503, "busy") == road.outcome(here.run(body()))
