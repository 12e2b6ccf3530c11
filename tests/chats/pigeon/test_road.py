"""A chat of one folder and one line, on its whole road: asked, posted, pressed, dispatched, updated."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import azure.functions as func
import pytest
from pytest_httpx import HTTPXMock

import function_app
from relay.chats.lint import lint, platforms
from relay.chats.table import MODULES, kinds
from relay.model.delivery import Delivery
from relay.policy_toml.parse import PolicyError, parse
from relay.settings import Settings, SettingsError
from tests.chats.pigeon.clicks import signed
from tests.chats.pigeon.genuine import ENVIRON, SECRET, genuine
from tests.chats.pigeon.post import API
from tests.support import example_policy, road, this_process
from tests.support.logged import logged

FORM = {"repository": "octo/api", "event_type": "deploy-api", "environment": "production", "title": "Deploy"}
NO_MESSAGE_CARD = {"potentialAction": [{"@type": "Unknown", "name": "x"}]}  # no MessageCard takes such a section
POLICY = example_policy.POLICY + '\n[channels.loft]\nkind = "pigeon"\nplace = "north"\n'


@pytest.fixture
def _line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MODULES, "pigeon", "tests.chats.pigeon.chat")


@pytest.fixture
def _relay(_line: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set up a relay whose policy has a channel of the new kind."""
    with this_process.set_up(tmp_path, monkeypatch):
        for name, value in {**ENVIRON, "RELAY_POLICY": POLICY}.items():
            monkeypatch.setenv(name, value)
        yield


def call(headers: Mapping[str, str], body: bytes, **route: str) -> func.HttpRequest:
    return func.HttpRequest(method="POST", url=road.ORIGIN, headers=dict(headers), route_params=route, body=body)


def ask(**fields: object) -> func.HttpResponse:
    body = json.dumps({**FORM, "channels": ["loft"], **fields}).encode()
    answer: func.HttpResponse = function_app.make_request(
        call({"X-Relay-Key": road.API_KEY, "Content-Type": "application/json"}, body)
    )
    return answer


def press(delivery: Delivery) -> func.HttpResponse:
    answer: func.HttpResponse = function_app.interactions(call(delivery.headers, delivery.body, channel="pigeon"))
    return answer


@pytest.mark.usefixtures("_relay")
def test_a_request_is_posted_pressed_dispatched_and_its_card_updated(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="POST", url=f"{API}/north", json={"id": "note-1"})
    httpx_mock.add_response(method="POST", url=road.DISPATCHES, status_code=204)
    httpx_mock.add_response(method="PUT", url=f"{API}/north/note-1", json={"id": "note-1"})
    assert 201 == ask().status_code
    (posted,) = (json.loads(each.content) for each in httpx_mock.get_requests(url=f"{API}/north"))
    assert "north: Deploy is pending" == posted["text"]
    answer = press(genuine(posted["ticket"], int(time.time())))
    assert (200, "released") == (answer.status_code, answer.headers["Relay-Outcome"])
    (updated,) = (json.loads(each.content) for each in httpx_mock.get_requests(method="PUT"))
    assert ("north: Deploy is approved", "") == (updated["text"], updated["ticket"])


@pytest.mark.usefixtures("_relay")
def test_a_press_with_another_secret_is_not_genuine_and_fetches_no_keys() -> None:
    answer = press(signed("another secret of pigeons", ticket="a.b.c", verdict="approve"))
    assert (400, "not-genuine") == (answer.status_code, answer.headers["Relay-Outcome"])


@pytest.mark.usefixtures("_relay")
def test_an_aside_is_sent_to_its_thread_once_and_owed_to_nobody(
    httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture
) -> None:
    httpx_mock.add_response(method="POST", url=f"{API}/south", json={"id": "note-1"})
    httpx_mock.add_response(method="POST", url=f"{API}/south", content=b"")
    for _ in range(2):
        assert 200 == press(signed(SECRET, greeting="Coo?", loft="south")).status_code
    assert [{"channel": "pigeon", "reason": "no pigeon came back"}] == logged(caplog, "channel", "reason")


@pytest.mark.usefixtures("_relay")
def test_its_own_limits_count_and_those_of_other_chats_do_not(httpx_mock: HTTPXMock) -> None:
    without = ask(channels=[], sections=[NO_MESSAGE_CARD])
    assert (400, "sections") == (without.status_code, json.loads(without.get_body())["field"])
    refused = ask(title="x" * 150)
    assert (400, "text") == (refused.status_code, json.loads(refused.get_body())["field"])
    httpx_mock.add_response(method="POST", url=f"{API}/north", json={"id": "note-1"})
    assert 201 == ask(sections=[NO_MESSAGE_CARD]).status_code


@pytest.mark.usefixtures("_line")
def test_its_settings_are_read_with_all_others(tmp_path: Path) -> None:
    environ = road.environ(tmp_path, RELAY_PIGEON_SECRET="short", RELAY_STORE="x")
    with pytest.raises(SettingsError) as raised:
        Settings.read(environ)
    assert {"RELAY_STORE", "RELAY_PIGEON_SECRET"} == set(raised.value.problems)


@pytest.mark.usefixtures("_line")
def test_its_place_is_checked_by_itself() -> None:
    assert "north" == parse(POLICY, kinds()).channels["loft"].place
    with pytest.raises(PolicyError, match='place is the name of a loft \\(as in "north"\\)'):
        parse(POLICY.replace('"north"', '"19:x"'), kinds())


@pytest.mark.usefixtures("_line")
def test_lint_knows_its_cards() -> None:
    assert ("pigeon",) == platforms({"type": "note"})
    assert () == lint({"type": "note"}, "pigeon")
    assert 1 == len(lint({}, "pigeon"))


def test_without_its_line_it_is_not_there() -> None:
    delivery = replace(genuine("a.b.c", 0), channel="")
    assert 404 == press(delivery).status_code
