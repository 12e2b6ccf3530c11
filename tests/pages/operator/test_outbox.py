"""The outbox over HTTP: listed, replayed and dropped by operators, with a key or from the page."""

import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from pytest_httpx import HTTPXMock

from tests.pages.browsing import FORM, shown
from tests.pages.operator.asking import ASKER, HTML, KEY, ask, browser, messages, press
from tests.support.entra_tokens import TENANT
from tests.support.example_policy import PEOPLE
from tests.support.functions import Answer, call
from tests.support.road import API_KEY, ORIGIN, Road

GITHUB = "https://api.github.com/repos/octo/api/dispatches"
ADA, GRACE = (f"entra:{TENANT}/{PEOPLE[name]}" for name in ("ada", "grace"))
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
SENT = {"origin": ORIGIN, "sec-fetch-site": "same-origin", "content-type": FORM}
DENIED = "it-does-not-accept-the-relay-s-credential"
EXPIRED = (401, DENIED)


@pytest.fixture
def refused(road: Road, httpx_mock: HTTPXMock) -> str:
    """Return the id of a request whose dispatch GitHub refused."""
    return refuse(httpx_mock)


def refuse(httpx_mock: HTTPXMock, status: int = 401, **fields: Any) -> str:
    httpx_mock.add_response(url=GITHUB, method="POST", status_code=status)
    made = ask(**fields)
    press("ada", "approve", made["ticket"])
    return str(made["id"])


def owed() -> list[dict[str, Any]]:
    answer = call("GET", "/api/outbox", KEY)
    assert 200 == answer.status
    found: list[dict[str, Any]] = answer.json["debts"]
    return found


def post(path: str, body: object = None, headers: dict[str, str] | None = None) -> Answer:
    sent = b"" if body is None else json.dumps(body).encode()
    return call("POST", f"/api/outbox/{path}", KEY if headers is None else headers, sent)


def page(person: str = "grace", path: str = "/api/outbox") -> Answer:
    return call("GET", path, browser(person))


def token(drawn: Answer) -> str:
    return str(re.findall(r'name="token" value="([^"]+)"', drawn.text)[0])


def send(path: str, fields: dict[str, str], headers: dict[str, str] | None = None, person: str = "grace") -> Answer:
    said = SENT if headers is None else headers
    return call("POST", f"/api/outbox/{path}", browser(person) | said, urlencode(fields).encode())


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
    httpx_mock.add_response(url=GITHUB, method="POST", status_code=204)
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


def shown_text(drawn: Answer) -> str:
    from relay.model.delivery import Reply  # noqa: PLC0415

    return shown(Reply(drawn.status, {}, drawn.body))


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
    httpx_mock.add_response(url=GITHUB, method="POST", status_code=204)
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


def test_a_second_click_on_replay_shows_what_the_first_one_did(road: Road, refused: str, httpx_mock: HTTPXMock) -> None:
    fields = {"token": token(page()), "back": "/api/outbox"}
    assert 303 == send(f"{refused}/replay", fields).status
    httpx_mock.add_response(url=GITHUB, method="POST", status_code=204)
    assert 1 == road.round()
    again = send(f"{refused}/replay", fields)
    assert (303, "/api/outbox") == (again.status, again.headers["location"])
    assert 404 == post(f"{refused}/replay").status


def test_an_operator_replays_from_the_page_and_comes_back_to_it(road: Road, refused: str) -> None:
    drawn = page()
    assert "Replay" in drawn.text
    assert "Ada" in shown_text(drawn)
    answer = send(f"{refused}/replay", {"token": token(drawn), "back": "/api/outbox"})
    assert (303, "/api/outbox") == (answer.status, answer.headers["location"])
    assert ["owed"] == [each["status"] for each in owed()]
    assert [("page", "replay", GRACE)] == [
        (each["channel"], each["what"], each["person"]) for each in messages("?channel=page")
    ]


def test_an_operator_drops_from_the_story_after_being_asked(road: Road, refused: str) -> None:
    path = f"/api/messages/{refused}"
    drawn = page(path=path)
    assert "Give it up for good?" in drawn.text
    answer = send(f"{refused}/drop", {"token": token(drawn), "back": path})
    assert (303, path) == (answer.status, answer.headers["location"])
    assert [] == owed()


def test_one_button_replays_all_of_a_cause(road: Road, httpx_mock: HTTPXMock) -> None:
    for number in range(2):
        refuse(httpx_mock, 401, event_type=f"deploy-{number}")
    drawn = page()
    assert "Replay all 2" in drawn.text
    answer = send("replay", {"token": token(drawn), "cause": DENIED, "back": "https://evil.example/"})
    assert (303, "/api/outbox") == (answer.status, answer.headers["location"])
    assert ["owed", "owed"] == [each["status"] for each in owed()]


@pytest.mark.parametrize(
    ("headers", "given"),
    [
        ({"content-type": FORM}, True),
        (SENT | {"origin": "https://evil.example"}, True),
        (SENT | {"sec-fetch-site": "cross-site"}, True),
        (SENT, False),
    ],
    ids=["no origin", "another origin", "another site", "no token"],
)
def test_a_form_of_another_page_moves_nothing(road: Road, refused: str, headers: dict[str, str], given: bool) -> None:
    fields = {"token": token(page())} if given else {}
    answer = send(f"{refused}/drop", fields, headers)
    assert (403, True) == (answer.status, answer.headers["content-type"].startswith("text/html"))
    assert ["refused"] == [each["status"] for each in owed()]


def test_a_token_of_another_operator_and_a_body_that_is_no_form_move_nothing(road: Road, refused: str) -> None:
    stolen = re.sub(r"[A-Za-z0-9_-]{43}$", "A" * 43, token(page()))
    assert 403 == send(f"{refused}/drop", {"token": stolen}).status
    assert 400 == call("POST", f"/api/outbox/{refused}/drop", browser() | SENT, b"\xff").status
    assert 413 == call("POST", f"/api/outbox/{refused}/drop", browser() | SENT, b"x" * 5_000).status
    assert ["refused"] == [each["status"] for each in owed()]


def test_a_key_that_asks_for_the_page_sees_it_without_buttons(road: Road, refused: str) -> None:
    drawn = call("GET", "/api/outbox", KEY | HTML)
    assert (200, False) == (drawn.status, "<form" in drawn.text)


def test_an_empty_outbox_says_so(road: Road) -> None:
    assert "Nothing is owed." in page().text
    assert "보낼 것이 없습니다." in call("GET", "/api/outbox", browser() | {"accept-language": "ko"}).text


def test_a_debt_that_is_still_tried_is_shown_apart(road: Road, httpx_mock: HTTPXMock) -> None:
    refuse(httpx_mock, 502)
    assert "Still tried by the relay" in page().text
    assert [("owed", "it-answers-with-error-502")] == [(each["status"], each["cause"]) for each in owed()]
    assert {"replayed": 0} == post("replay", {}).json
    assert {"replayed": 1} == post("replay", {"cause": "it-answers-with-error-502"}).json


def test_asking_with_a_repositorys_key_shows_no_debt(road: Road) -> None:
    assert 403 == call("GET", "/api/outbox", ASKER).status
