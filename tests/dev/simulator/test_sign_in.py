"""What stands in for App Service authentication: who signs in, and whose headers reach the relay."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from relay.dev.simulator.people import TENANT, Person
from relay.dev.simulator.sign_in import COOKIE, OUTSIDER, SignIn, principal
from relay.identity.app_service import read_principal
from relay.model import Actor
from tests.dev.simulator.here import Here
from tests.dev.simulator.running import running
from tests.pages.browsing import principal as hand_made
from tests.support import entra_tokens, example_policy

ADA = Person("ada", "Ada", "owners", TENANT, "a1b2c3d4-0001-4a00-8a00-000000000001")
LOGIN = "/.auth/login/aad"
REVIEW = "/api/review/" + "a" * 32


@pytest.fixture
def browser(simulator: Here) -> Iterator[httpx.Client]:
    """Call as somebody's browser does, without the token of the run."""
    with httpx.Client(base_url=simulator.origin, trust_env=False, timeout=20) as client:
        yield client


def sign_in(browser: httpx.Client, person: str, back: str = REVIEW) -> httpx.Response:
    return browser.post(LOGIN, data={"person": person, "post_login_redirect_uri": back})


def test_whoever_opens_a_review_is_asked_who_they_are_and_led_back(browser: httpx.Client) -> None:
    led = browser.get(REVIEW)
    assert (302, f"{LOGIN}?post_login_redirect_uri={REVIEW}") == (led.status_code, led.headers["location"])
    page = browser.get(led.headers["location"])
    assert 200 == page.status_code
    for name in ("Ada Lovelace", "Grace Hopper", "A stranger", "An outsider"):
        assert name in page.text
    signed_in = sign_in(browser, "ada")
    assert (303, REVIEW) == (signed_in.status_code, signed_in.headers["location"])
    known = browser.get(REVIEW)
    assert (404, True) == (known.status_code, "This request is not known" in known.text)


def test_an_outsider_signs_in_and_is_refused_by_the_relay(browser: httpx.Client) -> None:
    sign_in(browser, "outsider")
    assert (403, True) == ((answer := browser.get(REVIEW)).status_code, "is not accepted here" in answer.text)


def test_signing_out_ends_the_session_for_good(browser: httpx.Client) -> None:
    sign_in(browser, "ada")
    session = browser.cookies[COOKIE]
    out = browser.get("/.auth/logout", params={"post_logout_redirect_uri": REVIEW})
    assert (303, REVIEW) == (out.status_code, out.headers["location"])
    assert COOKIE not in browser.cookies
    browser.cookies.set(COOKIE, session)
    assert 302 == browser.get(REVIEW).status_code


@pytest.mark.parametrize(
    "back", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "", "/a\tb", "/é"]
)
def test_it_leads_back_to_paths_of_its_own_alone(browser: httpx.Client, back: str) -> None:
    assert "/" == sign_in(browser, "ada", back).headers["location"]
    assert "/" == browser.get("/.auth/logout", params={"post_logout_redirect_uri": back}).headers["location"]
    page = browser.get(LOGIN, params={"post_login_redirect_uri": back})
    assert 'name="post_login_redirect_uri" value="/"' in page.text


def test_where_it_leads_back_to_is_text_in_its_page(browser: httpx.Client) -> None:
    page = browser.get(LOGIN, params={"post_login_redirect_uri": '/"><script>'})
    assert 'value="/&quot;&gt;&lt;script&gt;"' in page.text


@pytest.mark.parametrize("form", [{}, {"person": "nobody"}, {"person": ""}])
def test_nobody_else_signs_in(browser: httpx.Client, form: dict[str, str]) -> None:
    assert 400 == browser.post(LOGIN, data=form).status_code
    assert COOKIE not in browser.cookies


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_another_site_signs_nobody_in(browser: httpx.Client, origin: str) -> None:
    answer = browser.post(LOGIN, data={"person": "ada"}, headers={"Origin": origin})
    assert (403, False) == (answer.status_code, "set-cookie" in answer.headers)


@pytest.mark.parametrize(("method", "path"), [("GET", "/.auth/me"), ("PUT", LOGIN), ("POST", "/.auth/logout")])
def test_there_are_no_other_ways(browser: httpx.Client, method: str, path: str) -> None:
    assert 404 == browser.request(method, path).status_code


def test_its_page_is_shut_in_and_may_send_its_form(browser: httpx.Client) -> None:
    headers = browser.get(LOGIN).headers
    assert "form-action 'self'" in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert ("same-origin", "DENY") == (headers["referrer-policy"], headers["x-frame-options"])


def test_headers_from_outside_reach_nobody(browser: httpx.Client) -> None:
    forged = browser.get(REVIEW, headers=hand_made())
    assert 302 == forged.status_code
    sign_in(browser, "outsider")
    assert 403 == browser.get(REVIEW, headers=hand_made()).status_code


SIGN_IN = SignIn([ADA], lets_through=False)


@pytest.mark.parametrize(
    "name",
    [
        *("x-ms-client-principal", "x-ms-client-principal-id", "x-ms-client-principal-idp"),
        *("x-ms-client-principal-name", "x-ms-token-aad-id-token", "x-ms-token-aad-access-token"),
    ],
)
def test_what_only_the_platform_may_say_is_taken_away(name: str) -> None:
    assert {"accept": "x"} == SIGN_IN.hand_on({name: "forged", "accept": "x"})


def test_what_a_starter_writes_by_hand_is_let_through_unless_somebody_has_signed_in(simulator: Here) -> None:
    lenient = SignIn([ADA], lets_through=True)
    assert hand_made() == lenient.hand_on(hand_made())
    lenient._sessions["s"] = ADA
    handed_on = lenient.hand_on(hand_made() | {"cookie": f"x=y; {COOKIE}=s"})
    assert principal(ADA) == {name: handed_on[name] for name in principal(ADA)}


@pytest.mark.parametrize("options", [(), ("--no-simulator",)], ids=["simulator", "alone"])
def test_who_starts_it_with_sign_in_may_write_the_headers_and_is_warned(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    environ = {"RELAY_SIGN_IN": "app-service", "RELAY_ENTRA_TENANTS": entra_tokens.TENANT, "RELAY_GITHUB_TOKEN": "x"}
    own = environ | {"RELAY_POLICY": example_policy.POLICY, "RELAY_STORE": f"sqlite:///{tmp_path}/relay.db"}
    with running(tmp_path, *options, environ=own) as started, started.client() as client:
        assert "can choose an identity by the header X-MS-CLIENT-PRINCIPAL" in started.printed
        assert [302, 404] == [client.get(REVIEW, headers=given).status_code for given in ({}, hand_made())]


def test_the_relay_reads_who_signed_in() -> None:
    assert Actor(f"entra:{TENANT}/{ADA.object_id}", "Ada") == read_principal(principal(ADA), [TENANT])
    assert OUTSIDER.tenant != TENANT
