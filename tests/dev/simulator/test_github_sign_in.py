"""The stand-in for GitHub's sign-in: beside Entra's, by the real protocol, where RELAY_SIGN_IN has github."""

import hashlib
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from relay.signed.canonical_json import base64url
from tests.dev.simulator.here import Here, here

REVIEW = "/api/review/" + "a" * 32
TOKEN = "/simulator/github.com/login/oauth/access_token"


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    with here(tmp_path_factory.mktemp("both"), RELAY_SIGN_IN="entra, github") as started:
        yield started


@pytest.fixture
def browser(both: Here) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=both.origin, trust_env=False, timeout=60) as client:
        yield client


def led(browser: httpx.Client) -> tuple[str, dict[str, str]]:
    """Start a sign-in at GitHub, and return the address of its page and what it was asked with."""
    address = browser.get("/api/sign-in", params={"to": REVIEW, "provider": "github"}).headers["location"]
    return address.partition("?")[0], dict(parse_qsl(urlsplit(address).query))


def chosen(browser: httpx.Client, person: str) -> httpx.Response:
    """Choose a person, and return the answer of the relay's callback."""
    page, query = led(browser)
    answer = browser.post(page, data=query | {"person": person})
    assert 303 == answer.status_code, answer.text
    return browser.get(answer.headers["location"])


def redeem(browser: httpx.Client, **changes: str) -> httpx.Response:
    """Exchange a code of a person as a program does, with one field spoilt."""
    verifier = "v" * 43
    page, query = led(browser)
    asked = query | {"code_challenge": base64url(hashlib.sha256(verifier.encode()).digest())}
    back = browser.post(page, data=asked | {"person": "ada"}).headers["location"]
    code = dict(parse_qsl(urlsplit(back).query))["code"]
    form = {"client_id": query["client_id"], "client_secret": secret(), "code": code, "code_verifier": verifier}
    return browser.post(TOKEN, data=form | changes)


def secret() -> str:
    import os  # noqa: PLC0415 - the simulator makes it at its start

    return os.environ["RELAY_GITHUB_SIGN_IN_CLIENT_SECRET"]


def test_both_ways_are_offered(browser: httpx.Client) -> None:
    offered = browser.get("/api/sign-in", params={"to": REVIEW})
    assert all(name in offered.text for name in ("GitHub", "Microsoft"))
    page = browser.get(browser.get("/api/sign-in", params={"provider": "github"}).headers["location"])
    assert (200, True) == (page.status_code, "GitHub asks this" in page.text)
    assert all(name in page.text for name in ("Ada Lovelace", "Grace Hopper", "A stranger"))


def test_a_person_signs_in_by_their_account_at_github(browser: httpx.Client) -> None:
    assert 303 == chosen(browser, "ada").status_code
    assert "Signed in as Ada Lovelace" in browser.get("/api/sign-out").text


@pytest.mark.parametrize(
    ("person", "status", "told"), [("stranger", 403, "not accepted here"), ("", 400, "did not sign in")]
)
def test_an_account_that_the_policy_does_not_know_and_a_denial_are_told(
    browser: httpx.Client, person: str, status: int, told: str
) -> None:
    answer = chosen(browser, person)
    assert (status, True) == (answer.status_code, told in answer.text)


def test_a_token_is_of_the_person_who_was_chosen(browser: httpx.Client) -> None:
    token = redeem(browser).json()["access_token"]
    for scheme, status in ((f"Bearer {token}", 200), (f"token {token}", 401), ("Bearer x", 401), ("", 401)):
        assert status == browser.get("/simulator/github/user", headers={"Authorization": scheme}).status_code


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("client_id", "incorrect_client_credentials"),
        ("client_secret", "incorrect_client_credentials"),
        ("code", "bad_verification_code"),
        ("code_verifier", "bad_verification_code"),
    ],
)
def test_a_spoilt_field_brings_no_token(browser: httpx.Client, name: str, error: str) -> None:
    answer = redeem(browser, **{name: "spoilt"})
    assert (200, {"error": error}) == (answer.status_code, answer.json())


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"client_id": "x"}, 404),
        ({"redirect_uri": "https://evil.example/"}, 400),
        ({"state": ""}, 400),
        ({"person": "nobody"}, 400),
    ],
)
def test_a_spoilt_request_leads_nowhere(browser: httpx.Client, changes: dict[str, str], status: int) -> None:
    page, query = led(browser)
    answer = browser.post(page, data=query | {"person": "ada"} | changes)
    assert (status, False) == (answer.status_code, "location" in answer.headers)


def test_a_run_has_an_address_there_and_no_page(browser: httpx.Client) -> None:
    assert 404 == browser.get("/simulator/github.com/octo/shop/actions/runs/1").status_code
    assert 404 == browser.delete("/simulator/github.com/login/oauth/authorize").status_code


def test_by_default_people_sign_in_at_entra_alone(simulator: Here) -> None:
    with httpx.Client(base_url=simulator.origin, trust_env=False, timeout=60) as browser:
        assert 404 == browser.get("/simulator/github.com/login/oauth/authorize").status_code
        assert 401 == browser.get("/simulator/github/user").status_code
