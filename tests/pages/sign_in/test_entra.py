"""Sign-in at Entra: the road there and back, and every way in which it can end without a person."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from relay.model.people import Actor
from tests.pages.sign_in.visitor import (
    CLIENT,
    ENTRA,
    REFUSED,
    REVIEW,
    SECRET,
    TOKEN_URL,
    Visitor,
    asked,
    entra_answers,
    id_token,
    sent,
    signed_in,
    told,
)
from tests.support import entra_tokens, example_policy
from tests.support.entra_tokens import OTHER_TENANT, TENANT, foreign_key
from tests.support.logged import logged
from tests.support.road import ORIGIN, made

ADA = Actor(f"entra:{TENANT}/{example_policy.PEOPLE['ada']}", "Ada")


def test_a_browser_brings_code_flow_pkce_state_and_nonce_to_the_only_tenant(visitor: Visitor) -> None:
    reply = visitor.start(to=REVIEW)
    assert reply.headers["Location"].startswith(f"{entra_tokens.AUTHORITY}/{TENANT}/oauth2/v2.0/authorize?")
    brought = asked(reply)
    expected = {
        "client_id": CLIENT,
        "response_type": "code",
        "response_mode": "query",
        "redirect_uri": f"{ORIGIN}/api/sign-in/callback",
        "scope": "openid profile",
        "code_challenge_method": "S256",
    }
    assert expected == {name: brought[name] for name in expected}
    assert (22, 22, 43) == tuple(len(brought[name]) for name in ("state", "nonce", "code_challenge"))
    assert [f"__Secure-relay-sign-in-{brought['state']}"] == visitor.cookies()
    assert [] == visitor.cookies("/api/review/x")


def test_a_person_comes_back_with_a_session_and_to_the_page_they_wanted(
    visitor: Visitor, httpx_mock: HTTPXMock
) -> None:
    reply = signed_in(visitor, httpx_mock)
    assert (303, REVIEW) == (reply.status, reply.headers["Location"])
    assert ["__Host-relay-session"] == visitor.cookies()
    assert ADA == visitor.sign_in.entrance.person(visitor.headers(REVIEW))
    form = sent(httpx_mock, TOKEN_URL)[0]
    assert ("authorization_code", "the-code", CLIENT, SECRET) == tuple(
        form[name] for name in ("grant_type", "code", "client_id", "client_secret")
    )
    assert 44 == len(form["code_verifier"])


def test_of_several_tenants_a_person_chooses_theirs_and_another_is_told(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    with made(tmp_path, httpx_mock, **ENTRA, RELAY_ENTRA_TENANTS=f"{TENANT},{OTHER_TENANT}") as here:
        brought = asked(reply := Visitor(here).start())
        assert "/organizations/oauth2/v2.0/authorize?" in reply.headers["Location"]
        assert "prompt" not in brought
        assert "select_account" == asked(Visitor(here).start(choose="1"))["prompt"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"iss": f"{entra_tokens.AUTHORITY}/{OTHER_TENANT}/v2.0", "tid": OTHER_TENANT}, (403, "This account is not")),
        ({"tid": OTHER_TENANT}, REFUSED),
        ({"aud": "11111111-2222-4333-8444-555566667777"}, REFUSED),
        ({"nonce": "n" * 22}, REFUSED),
        ({"nonce": None}, REFUSED),
        ({"oid": None}, REFUSED),
        ({"idtyp": "app"}, REFUSED),
        ({"iat": 4_000_000_000}, (400, "The clocks differ")),
        ({"nbf": 4_000_000_000}, (400, "The clocks differ")),
        ({"exp": 1_000_000_000}, (400, "The clocks differ")),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_a_token_that_is_not_of_this_person_attempt_and_time_signs_nobody_in(
    visitor: Visitor, httpx_mock: HTTPXMock, changes: dict[str, Any], expected: tuple[int, str]
) -> None:
    status, heading = told(signed_in(visitor, httpx_mock, **changes))
    assert (expected[0], True) == (status, heading.startswith(expected[1]))
    assert [] == visitor.cookies("/api/sign-in")


def test_a_token_signed_by_another_key_signs_nobody_in(visitor: Visitor, httpx_mock: HTTPXMock) -> None:
    brought = asked(visitor.start())
    forged = entra_tokens.sign(
        entra_tokens.header(), {"iss": f"{entra_tokens.AUTHORITY}/{TENANT}/v2.0"}, key=foreign_key()
    )
    entra_answers(httpx_mock, forged)
    assert REFUSED == told(visitor.back(code="c", state=brought["state"]))


def test_a_wrong_account_is_offered_another_and_asked_for_it(visitor: Visitor, httpx_mock: HTTPXMock) -> None:
    foreign = {"iss": f"{entra_tokens.AUTHORITY}/{OTHER_TENANT}/v2.0", "tid": OTHER_TENANT}
    page = signed_in(visitor, httpx_mock, **foreign).body.decode()
    assert 'href="/api/sign-in?provider=entra&amp;to=%2Fapi%2Freview%2F' in page
    assert "choose=1" in page


@pytest.mark.parametrize("error", ["access_denied", "consent_required"])
def test_denied_consent_is_told_and_nothing_is_asked_of_entra(visitor: Visitor, error: str) -> None:
    brought = asked(visitor.start(to=REVIEW))
    reply = visitor.back(error=error, error_description="<script>", state=brought["state"])
    assert (400, "You did not sign in") == told(reply)
    assert "script" not in reply.body.decode().partition("</style>")[2]
    assert [] == visitor.cookies()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("server_error", (503, "The sign-in does not answer")),
        ("temporarily_unavailable", (503, "The sign-in does not answer")),
        ("unauthorized_client", (503, "The relay cannot sign people in")),
        ("invalid_request", REFUSED),
        ("<b>", REFUSED),
    ],
)
def test_an_error_of_entra_is_a_page(visitor: Visitor, error: str, expected: tuple[int, str]) -> None:
    assert expected == told(visitor.back(error=error, state=asked(visitor.start())["state"]))


@pytest.mark.parametrize(
    ("status", "answer", "expected"),
    [
        (400, {"error": "invalid_grant", "error_codes": [54005]}, REFUSED),
        (401, {"error": "invalid_client", "error_codes": [7000215]}, (503, "The relay cannot sign people in")),
        (400, {"error": "unauthorized_client"}, (503, "The relay cannot sign people in")),
        (503, {"error": "temporarily_unavailable"}, (503, "The sign-in does not answer")),
        (500, {}, (503, "The sign-in does not answer")),
        (200, {"access_token": "x"}, REFUSED),
        (200, {"id_token": 1}, REFUSED),
        (200, {"id_token": "a.b.c"}, REFUSED),
        (200, [], (503, "The sign-in does not answer")),
    ],
)
def test_an_answer_of_the_token_endpoint_that_proves_nobody_is_a_page(
    visitor: Visitor, httpx_mock: HTTPXMock, status: int, answer: object, expected: tuple[int, str]
) -> None:
    httpx_mock.add_response(url=TOKEN_URL, method="POST", status_code=status, json=answer)
    assert expected == told(visitor.back(code="c", state=asked(visitor.start())["state"]))


def test_an_unreachable_entra_is_told_and_not_asked_twice(visitor: Visitor, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_exception(httpx.ConnectError("no route"), url=TOKEN_URL)
    assert (503, "The sign-in does not answer") == told(visitor.back(code="c", state=asked(visitor.start())["state"]))
    assert 1 == len(httpx_mock.get_requests())


@pytest.mark.parametrize("code", ["", "a b", "ü", "x" * 4_097])
def test_a_callback_without_a_code_asks_nothing_of_entra(visitor: Visitor, code: str) -> None:
    assert REFUSED == told(visitor.back(code=code, state=asked(visitor.start())["state"]))


def test_without_a_secret_the_managed_identity_proves_the_relay(
    tmp_path: Path, httpx_mock: HTTPXMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.identity.managed_identity.assertion", lambda client_id: f"assertion of {client_id}")
    identity = "99999999-2222-4333-8444-555566667777"
    on_azure = {"WEBSITE_POD_NAME": "x", "AzureWebJobsStorage__clientId": identity}
    storage = {"RELAY_STORE": "tables", "AzureWebJobsStorage__accountName": "octostore"}
    own = ENTRA | {"RELAY_ENTRA_SIGN_IN_CLIENT_SECRET": ""} | on_azure | storage
    with made(tmp_path, httpx_mock, **own) as here:
        visitor = Visitor(here)
        brought = asked(visitor.start())
        entra_answers(httpx_mock, id_token(brought))
        assert 303 == visitor.back(code="c", state=brought["state"]).status
    form = sent(httpx_mock, TOKEN_URL)[0]
    assert (f"assertion of {identity}", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", None) == tuple(
        form.get(name) for name in ("client_assertion", "client_assertion_type", "client_secret")
    )


def test_the_log_names_the_check_and_holds_neither_code_nor_token(
    visitor: Visitor, httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture
) -> None:
    signed_in(visitor, httpx_mock, nonce="n" * 22)
    visitor.back(code="the-code", state="s" * 22)
    assert [
        ("sign_in", "sign-in-refused", "token: claim nonce is of another attempt"),
        ("sign_in", "sign-in-expired", "no attempt of this state"),
    ] == [(line["event"], line["outcome"], line["check"]) for line in logged(caplog)]
    assert [] == [secret for secret in ("the-code", SECRET, "eyJ") if secret in caplog.text]
