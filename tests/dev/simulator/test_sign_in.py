"""The stand-in for Entra's sign-in: a person signs in at the relay by the real protocol."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from relay.signed.canonical_json import base64url
from tests.dev.simulator.here import Here
from tests.dev.simulator.running import running
from tests.pages.browsing import principal as hand_made
from tests.support import entra_tokens, example_policy

REVIEW = "/api/review/" + "a" * 32


@pytest.fixture
def browser(simulator: Here) -> Iterator[httpx.Client]:
    """Call as somebody's browser does, without the token of the run."""
    with httpx.Client(base_url=simulator.origin, trust_env=False, timeout=60) as client:
        yield client


def led(browser: httpx.Client, to: str = REVIEW) -> tuple[str, dict[str, str]]:
    """Start a sign-in, and return the address of the sign-in page and what it was asked with."""
    address = browser.get("/api/sign-in", params={"to": to}).headers["location"]
    return address.partition("?")[0], dict(parse_qsl(urlsplit(address).query))


def sign_in(browser: httpx.Client, person: str, to: str = REVIEW) -> httpx.Response:
    """Sign in, and return the answer of the relay's callback."""
    page, query = led(browser, to)
    chosen = browser.post(page, data=query | {"person": person})
    assert 303 == chosen.status_code, chosen.text
    return browser.get(chosen.headers["location"])


def test_whoever_opens_a_review_is_asked_who_they_are_and_led_back(browser: httpx.Client) -> None:
    opened = browser.get(REVIEW)
    assert (302, True) == (opened.status_code, opened.headers["location"].startswith("/api/sign-in?to="))
    asked = browser.get(opened.headers["location"])
    page = browser.get(asked.headers["location"])
    assert 200 == page.status_code
    for name in ("Ada Lovelace", "Grace Hopper", "A stranger", "An outsider"):
        assert name in page.text
    back = sign_in(browser, "ada")
    assert (303, REVIEW) == (back.status_code, back.headers["location"])
    known = browser.get(REVIEW)
    assert (404, True) == (known.status_code, "This request is not known" in known.text)


def test_an_outsider_signs_in_and_is_refused_by_the_relay(browser: httpx.Client) -> None:
    answer = sign_in(browser, "outsider")
    assert (403, True) == (answer.status_code, "is not accepted here" in answer.text)
    assert 302 == browser.get(REVIEW).status_code


def test_somebody_who_cancels_is_told_and_not_signed_in(browser: httpx.Client) -> None:
    answer = sign_in(browser, "")
    assert (400, True) == (answer.status_code, "You did not sign in" in answer.text)
    assert 302 == browser.get(REVIEW).status_code


def test_signing_out_ends_the_session(browser: httpx.Client, simulator: Here) -> None:
    sign_in(browser, "ada")
    assert "Signed in as Ada Lovelace" in browser.get("/api/sign-out").text
    left = browser.post("/api/sign-out", headers={"Origin": simulator.origin})
    assert (303, "/api/sign-out") == (left.status_code, left.headers["location"])
    assert "You are signed out" in browser.get("/api/sign-out").text
    assert 302 == browser.get(REVIEW).status_code


def test_a_code_is_good_for_one_use_by_the_browser_that_asked(browser: httpx.Client, simulator: Here) -> None:
    page, query = led(browser)
    back = browser.post(page, data=query | {"person": "ada"}).headers["location"]
    with httpx.Client(base_url=simulator.origin, trust_env=False, timeout=60) as another:
        assert "This sign-in is over" in another.get(back).text
    kept = dict(browser.cookies)
    assert 303 == browser.get(back).status_code
    assert "This sign-in is over" in browser.get(back).text
    browser.cookies.clear()
    browser.cookies.update(kept)
    assert "The sign-in did not work" in browser.get(back).text


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "x"},
        {"redirect_uri": "https://evil.example/api/sign-in/callback"},
        {"code_challenge": "short"},
        {"state": ""},
        {"nonce": ""},
        {"person": "nobody"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_request_that_entra_would_refuse_gets_no_code(browser: httpx.Client, changes: dict[str, str]) -> None:
    page, query = led(browser)
    assert 400 == browser.post(page, data=query | {"person": "ada"} | changes).status_code


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code": "x"}, "invalid_grant"),
        ({"code_verifier": "x"}, "invalid_grant"),
        ({"redirect_uri": "x"}, "invalid_grant"),
        ({"client_secret": "x"}, "invalid_client"),
        ({"client_id": "x"}, "unauthorized_client"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_the_token_endpoint_takes_a_code_with_its_proofs_alone(
    browser: httpx.Client, changes: dict[str, str], error: str
) -> None:
    page, query = led(browser)
    query["code_challenge"] = base64url(hashlib.sha256(b"verifier").digest())
    back = browser.post(page, data=query | {"person": "ada"}).headers["location"]
    form = {
        "client_id": query["client_id"],
        "client_secret": os.environ["RELAY_ENTRA_SIGN_IN_CLIENT_SECRET"],
        "grant_type": "authorization_code",
        "code": dict(parse_qsl(urlsplit(back).query))["code"],
        "redirect_uri": query["redirect_uri"],
        "code_verifier": "verifier",
    }
    answer = browser.post(page.replace("authorize", "token"), data=form | changes)
    assert (True, error) == (answer.status_code >= 400, answer.json()["error"])


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_another_site_signs_nobody_in(browser: httpx.Client, origin: str) -> None:
    page, query = led(browser)
    answer = browser.post(page, data=query | {"person": "ada"}, headers={"Origin": origin})
    assert (403, False) == (answer.status_code, "location" in answer.headers)


def test_there_are_no_other_ways(browser: httpx.Client) -> None:
    page, query = led(browser)
    assert 404 == browser.put(page, params=query).status_code
    for path in ("/.auth/login/aad", "/.auth/logout", "/.auth/me"):
        assert 404 == browser.get(path).status_code


def test_its_page_is_shut_in_and_may_send_its_form(browser: httpx.Client, simulator: Here) -> None:
    page, query = led(browser)
    headers = browser.get(page, params=query).headers
    assert f"form-action 'self' {simulator.origin}" in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert ("same-origin", "DENY") == (headers["referrer-policy"], headers["x-frame-options"])


def test_what_it_is_asked_with_is_text_in_its_page(browser: httpx.Client) -> None:
    page, query = led(browser)
    found = browser.get(page, params=query | {"state": '"><script>'})
    assert 'value="&quot;&gt;&lt;script&gt;"' in found.text


def test_headers_from_outside_reach_nobody(browser: httpx.Client) -> None:
    assert 302 == browser.get(REVIEW, headers=hand_made()).status_code


@pytest.mark.parametrize("options", [(), ("--no-simulator",)], ids=["simulator", "alone"])
def test_who_starts_it_with_app_service_may_write_the_headers_and_is_warned(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    environ = {"RELAY_SIGN_IN": "app-service", "RELAY_ENTRA_TENANTS": entra_tokens.TENANT, "RELAY_GITHUB_TOKEN": "x"}
    own = environ | {"RELAY_POLICY": example_policy.POLICY, "RELAY_STORE": f"sqlite:///{tmp_path}/relay.db"}
    with running(tmp_path, *options, environ=own) as started, started.client() as client:
        assert "can choose an identity by the header X-MS-CLIENT-PRINCIPAL" in started.printed
        assert [302, 404] == [client.get(REVIEW, headers=given).status_code for given in ({}, hand_made())]
