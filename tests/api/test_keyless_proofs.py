"""Requests by tokens of workflows: who sees and cancels them, and which tokens prove nothing."""

from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from tests.api.asking import FORM
from tests.api.keyless import ask, refusal
from tests.support import github_tokens, road
from tests.support.github_tokens import bearer


def test_the_same_token_and_body_are_one_request(here: road.Road) -> None:
    token = bearer()
    body = road.encoded(FORM)
    first, again = (here.post(body, x_relay_key="", authorization=token) for _ in range(2))
    assert (201, 200) == (first.status, again.status)
    assert road.said(first)["id"] == road.said(again)["id"]
    other = here.post(road.encoded(FORM | {"title": "x"}), x_relay_key="", authorization=token)
    assert (409, "key-reused", "") == refusal(other)
    named = here.post(road.encoded(FORM), x_relay_key="", authorization=token, idempotency_key="another")
    assert 201 == named.status


def test_an_idempotency_key_is_of_one_repository(here: road.Road) -> None:
    keyed = here.ask(FORM, idempotency_key="run-1")
    by_token = here.post(road.encoded(FORM), x_relay_key="", authorization=bearer(), idempotency_key="run-1")
    assert (201, 201) == (keyed.status, by_token.status)


def test_a_token_sees_and_cancels_the_requests_of_its_own_repository(here: road.Road) -> None:
    keyed, own = (road.said(reply)["id"] for reply in (here.ask(FORM), ask(here)))
    for case_id in (keyed, own):
        assert 200 == here.get(case_id, authorization=bearer("schedule")).status
        assert 200 == here.end(case_id, authorization=bearer("schedule")).status
        assert "cancelled" == here.case(case_id).status


def test_another_repository_s_token_neither_sees_nor_cancels(here: road.Road) -> None:
    own = road.said(ask(here))["id"]
    reborn = bearer(repository_id="1")  # deleted and made again under the same name
    for other in (bearer("transferred-repository", repository_id="2"), reborn):
        assert (404, 404) == (here.get(own, authorization=other).status, here.end(own, authorization=other).status)
    renamed = bearer("renamed-repository")
    assert 200 == here.get(own, authorization=renamed).status
    assert "pending" == here.case(own).status


def test_a_pull_request_may_look_and_cancels_nothing(here: road.Road) -> None:
    own, pull_request = road.said(ask(here))["id"], bearer("pull-request-of-fork")
    assert (200, 403) == (
        here.get(own, authorization=pull_request).status,
        here.end(own, authorization=pull_request).status,
    )


def test_two_proofs_at_once_are_malformed(here: road.Road) -> None:
    reply = here.post(road.encoded(FORM), authorization=bearer())
    assert (400, "malformed", "") == refusal(reply)
    assert road.NOTHING == here.recorded()


def test_a_scheme_that_is_no_bearer_is_no_token(here: road.Road) -> None:
    assert 201 == here.ask(FORM, authorization="Basic YTpi").status


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer x", "Basic YTpi", "Bearer a.b.c"])
def test_without_a_genuine_proof_nothing_is_recorded(here: road.Road, authorization: str) -> None:
    reply = here.post(road.encoded(FORM), x_relay_key="", authorization=authorization)
    assert (401, "not-genuine", "") == refusal(reply)
    assert road.NOTHING == here.recorded()


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://other.example"},
        {"aud": f"{github_tokens.ORIGIN}/"},
        {"aud": [github_tokens.ORIGIN, "https://other.example"]},
        {"iss": f"{github_tokens.ISSUER}/octo-inc"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"jti": None},
        {"run_id": None},
        {"actor_id": 583231},
    ],
)
def test_a_token_that_is_not_genuine_here_is_refused(here: road.Road, changes: dict[str, Any]) -> None:
    reply = ask(here, **changes)
    assert (401, "not-genuine", "") == refusal(reply)
    assert "RELAY_GITHUB_OIDC_ISSUER" in road.said(reply)["message"]
    assert road.NOTHING == here.recorded()


def test_a_key_server_that_is_down_is_busy_and_not_a_false_token(here: road.Road, httpx_mock: HTTPXMock) -> None:
    issuer = f"{github_tokens.ISSUER}/octo-inc"
    httpx_mock.add_response(url=f"{issuer}/.well-known/jwks", status_code=503)
    with road.made(here.path, httpx_mock, RELAY_GITHUB_OIDC_ISSUER=issuer) as other:
        assert (503, "busy", "") == refusal(ask(other, iss=issuer))
    assert road.NOTHING == here.recorded()


@pytest.mark.parametrize(
    ("settings", "issuer", "web_url", "foreign"),
    [
        (
            {"RELAY_GITHUB_OIDC_ISSUER": f"{github_tokens.ISSUER}/octo-inc"},
            f"{github_tokens.ISSUER}/octo-inc",
            "https://github.com",
            github_tokens.ISSUER,
        ),
        (
            {"RELAY_GITHUB_API_URL": "https://ghe.example/api/v3", "RELAY_GITHUB_URL": "https://ghe.example"},
            "https://ghe.example/_services/token",
            "https://ghe.example",
            github_tokens.ISSUER,
        ),
    ],
)
def test_an_enterprise_and_an_enterprise_server_have_issuers_of_their_own(
    settings: dict[str, str], issuer: str, web_url: str, foreign: str, tmp_path: Path, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(url=f"{issuer}/.well-known/jwks", json=github_tokens.jwks())
    with road.made(tmp_path, httpx_mock, **settings) as here:
        assert (401, "not-genuine", "") == refusal(ask(here, iss=foreign))
        made = ask(here, iss=issuer)
        assert 201 == made.status, made.body
        case = here.case(road.said(made)["id"])
        assert "oidc" == case.proof
        assert case.request.run_url.startswith(f"{web_url}/octo/api/actions/runs/")


def test_an_idempotency_key_of_one_commit_is_no_answer_for_another(here: road.Road) -> None:
    def ask_for(**claims: Any) -> tuple[int, str]:
        token = bearer(**claims)
        reply = here.post(road.encoded(FORM), x_relay_key="", authorization=token, idempotency_key="nightly")
        return reply.status, road.said(reply).get("error", "")

    assert (201, "") == ask_for()
    assert (200, "") == ask_for(run_id="18200345672", actor="ada", actor_id="1001")
    assert (409, "key-reused") == ask_for(sha="f" * 40)
    assert (409, "key-reused") == ask_for(ref="refs/heads/other")
