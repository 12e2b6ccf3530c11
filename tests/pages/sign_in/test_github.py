"""Sign-in at GitHub: a person is their numeric id, and must be in the policy."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from relay.approval.approvers import allow_review
from relay.approval.policy import Rule, Stage
from relay.errors import Refusal
from relay.model.people import Actor
from tests.pages.sign_in.visitor import GITHUB, REVIEW, SECRET, Visitor, asked, sent, told
from tests.support.road import ORIGIN, Road, made, offline

TOKEN_URL = "https://github.com/login/oauth/access_token"
USER_URL = "https://api.github.com/user"
NOT_ACCEPTED = (403, "This account is not accepted here")


@pytest.fixture
def road(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[Road]:
    with made(tmp_path, httpx_mock, **GITHUB) as here:
        yield here


def signed_in(visitor: Visitor, mock: HTTPXMock, **user: Any) -> Any:
    brought = asked(visitor.start(to=REVIEW))
    mock.add_response(url=TOKEN_URL, json={"access_token": "ghu_made_up", "token_type": "bearer"})
    mock.add_response(url=USER_URL, json={"id": 1001, "login": "ada", "name": None} | user)
    return visitor.back(code="the-code", state=brought["state"])


def test_a_browser_brings_pkce_and_asks_for_no_scope(visitor: Visitor) -> None:
    reply = visitor.start(to=REVIEW)
    assert reply.headers["Location"].startswith("https://github.com/login/oauth/authorize?")
    brought = asked(reply)
    assert {"client_id", "redirect_uri", "state", "allow_signup", "code_challenge", "code_challenge_method"} == set(
        brought
    )
    assert ("Iv1.made-up", f"{ORIGIN}/api/sign-in/callback") == (brought["client_id"], brought["redirect_uri"])


def test_a_person_of_the_policy_comes_back_by_their_id(visitor: Visitor, httpx_mock: HTTPXMock) -> None:
    reply = signed_in(visitor, httpx_mock)
    assert (303, REVIEW) == (reply.status, reply.headers["Location"])
    assert Actor("github:1001", "ada") == visitor.sign_in.entrance.person(visitor.headers(REVIEW))
    form = sent(httpx_mock, TOKEN_URL)[0]
    assert (SECRET, "the-code", 44) == (form["client_secret"], form["code"], len(form["code_verifier"]))
    assert "Bearer ghu_made_up" == httpx_mock.get_requests(url=USER_URL)[0].headers["Authorization"]


def test_a_login_of_the_policy_with_another_id_is_another_person(visitor: Visitor, httpx_mock: HTTPXMock) -> None:
    assert NOT_ACCEPTED == told(signed_in(visitor, httpx_mock, id=4711, login="ada"))
    assert [] == visitor.cookies()


def test_the_session_of_a_removed_person_is_told(visitor: Visitor, httpx_mock: HTTPXMock) -> None:
    signed_in(visitor, httpx_mock)
    world = visitor.road.world
    by_id = {key: person for key, person in world.policy.by_id.items() if key != "github:1001"}
    visitor.road.world = replace(world, policy=replace(world.policy, by_id=by_id))
    assert NOT_ACCEPTED == told(visitor.whoami())
    with pytest.raises(Refusal, match="not-allowed"):
        visitor.sign_in.entrance.person(visitor.headers(REVIEW))


@pytest.mark.parametrize(
    ("status", "answer", "expected"),
    [
        (200, {"error": "bad_verification_code"}, (400, "The sign-in did not work")),
        (200, {"error": "incorrect_client_credentials"}, (503, "The relay cannot sign people in")),
        (200, {"access_token": "a\nb"}, (400, "The sign-in did not work")),
        (502, {}, (503, "The sign-in does not answer")),
    ],
)
def test_a_refused_code_is_a_page(
    visitor: Visitor, httpx_mock: HTTPXMock, status: int, answer: object, expected: tuple[int, str]
) -> None:
    httpx_mock.add_response(url=TOKEN_URL, status_code=status, json=answer)
    assert expected == told(visitor.back(code="c", state=asked(visitor.start())["state"]))


@pytest.mark.parametrize("user", [{"id": True}, {"id": "1001"}, {"id": None}, {"id": -1}, {"id": 2**60}])
def test_an_answer_without_a_numeric_id_proves_nobody(
    visitor: Visitor, httpx_mock: HTTPXMock, user: dict[str, object]
) -> None:
    assert (503, "The sign-in does not answer") == told(signed_in(visitor, httpx_mock, **user))


@pytest.mark.parametrize(("approvers", "expected"), [(["anyone"], "not-allowed"), (["anyone", "ada"], "")])
def test_a_person_of_github_is_not_anyone(road: Road, approvers: list[str], expected: str) -> None:
    policy = road.world.policy
    stage = Stage("s", tuple(approvers))
    rule = Rule("octo/*", ("deploy-api",), stages=(stage,), self_approval=True)
    actor = Actor("github:1001", "ada")
    try:
        allow_review(policy, rule, stage, offline(), actor)
        found = ""
    except Refusal as refusal:
        found = refusal.code
    assert expected == found
