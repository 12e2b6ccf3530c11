"""The outbox over HTTP: listed, replayed and dropped by operators, with a key or from the page."""

import pytest
from pytest_httpx import HTTPXMock

from tests.pages.operator.asking import ADA, ASKER, HTML, KEY, ask, messages, press
from tests.pages.operator.debts import DENIED, owed, page, post, refuse, send, shown_text
from tests.support.functions import call
from tests.support.road import API_KEY, DISPATCHES, Road

KEYS = [
    "id",
    "kind",
    "request",
    "repository",
    "status",
    "age",
    "attempts",
    "last_error",
    "cause",
    "cure",
    "approved_by",
]


def test_a_refused_dispatch_is_listed_with_its_cause_and_cure_and_who_approved(road: Road, refused: str) -> None:
    (debt,) = owed()
    assert KEYS == [*debt]
    assert (refused, refused, "dispatch", "octo/api", "refused", 1, [ADA]) == (
        *(debt["id"], debt["request"], debt["kind"], debt["repository"], debt["status"]),
        *(debt["attempts"], debt["approved_by"]),
    )
    assert ("it does not accept the relay's credential", DENIED) == (debt["last_error"], debt["cause"])
    assert "RELAY_GITHUB_TOKEN" in debt["cure"]
    assert 0 <= debt["age"] < 60


def test_a_replayed_debt_is_owed_and_paid_by_the_next_round(road: Road, refused: str, httpx_mock: HTTPXMock) -> None:
    answer = post(f"{refused}/replay")
    assert (200, {"replayed": 1}) == (answer.status, answer.json)
    assert [("owed", None, None)] == [(each["status"], each["cause"], each["cure"]) for each in owed()]
    httpx_mock.add_response(url=DISPATCHES, method="POST", status_code=204)
    assert 1 == road.round()
    assert [] == owed()
    assert [("in", "replay", "replayed", "key:ops")] == [
        (each["direction"], each["what"], each["outcome"], each["person"]) for each in messages("?outcome=replayed")
    ]


def test_a_dropped_debt_is_gone_and_nothing_says_that_it_could_be_replayed(road: Road, refused: str) -> None:
    assert (200, {"dropped": 1}) == ((answer := post(f"{refused}/drop")).status, answer.json)
    assert [] == owed()
    for again in ("replay", "drop"):
        answer = post(f"{refused}/{again}")
        assert (409, "dropped") == (answer.status, answer.json["error"])
        assert "cannot be replayed" in answer.json["message"]
    assert [("drop", "dropped", "key:ops", refused)] == [
        (each["what"], each["outcome"], each["person"], each["request"])
        for each in messages("?channel=api")
        if each["status"] == 200 and each["what"] == "drop"
    ]
    story = call("GET", f"/api/messages/{refused}", KEY).json
    assert [("dropped", None)] == [(debt["status"], debt["cure"]) for debt in story["debts"]]
    told = shown_text(page(path=f"/api/messages/{refused}"))
    assert "dropped by an operator" in told
    assert "Replay " not in told.replace("Replay api dropped", "")


def test_all_debts_of_one_cause_are_replayed_together(road: Road, httpx_mock: HTTPXMock) -> None:
    for number in range(3):
        refuse(httpx_mock, 401, event_type=f"deploy-{number}")
    other = refuse(httpx_mock, 404, event_type="deploy-other")
    assert {"replayed": 3} == post("replay", {"cause": DENIED}).json
    assert [other] == [each["id"] for each in owed() if each["status"] == "refused"]
    assert {"replayed": 0} == post("replay", {"cause": "no-such-cause"}).json
    assert {"replayed": 1} == post("replay", {}).json
    assert {"replayed": 0} == post("replay").json


@pytest.mark.parametrize("body", [b"x", b"[]", b'{"cause": 1}', b'{"cause": ""}', b'{"case": "x"}'])
def test_a_body_of_another_form_moves_nothing(road: Road, refused: str, body: bytes) -> None:
    assert 400 == call("POST", "/api/outbox/replay", KEY, body).status
    assert ["refused"] == [each["status"] for each in owed()]


def test_an_unknown_id_and_a_paid_one_are_not_found(road: Road, github: HTTPXMock) -> None:
    made = ask()
    press("ada", "approve", made["ticket"])
    for id_ in ("unknown", made["id"]):
        assert 404 == post(f"{id_}/replay").status
        assert 404 == post(f"{id_}/drop").status
    assert 404 == post(f"{made['id']}/replay?card=nowhere").status
    assert 400 == post(f"{made['id']}/replay?card={'x' * 101}").status


def test_an_older_approval_is_not_replayed_over_a_newer_one(road: Road, refused: str, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=DISPATCHES, method="POST", status_code=204)
    road.ahead += 5
    press("ada", "approve", ask()["ticket"])
    assert (409, "overtaken") == ((answer := post(f"{refused}/replay")).status, answer.json["error"])
    assert {"replayed": 0} == post("replay", {}).json


@pytest.mark.parametrize("path", ["replay", "abc/replay", "abc/drop"])
def test_only_operators_move_debts(road: Road, path: str) -> None:
    assert 401 == post(path, headers={}).status
    assert 401 == post(path, headers={"x-relay-key": "wrong"}).status
    assert 403 == post(path, headers={"x-relay-key": API_KEY}).status
    assert 403 == send(path, {}, person="ada").status
    assert 302 == call("POST", f"/api/outbox/{path}", HTML).status


def test_a_debt_that_is_still_tried_is_shown_apart(road: Road, httpx_mock: HTTPXMock) -> None:
    refuse(httpx_mock, 502)
    assert "Still tried by the relay" in page().text
    assert [("owed", "it-answers-with-error-502")] == [(each["status"], each["cause"]) for each in owed()]
    assert {"replayed": 0} == post("replay", {}).json
    assert {"replayed": 1} == post("replay", {"cause": "it-answers-with-error-502"}).json


def test_asking_with_a_repositorys_key_shows_no_debt(road: Road) -> None:
    assert 403 == call("GET", "/api/outbox", ASKER).status
