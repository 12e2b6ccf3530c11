"""Sessions: how long they last, which keys prove them, who ends them, and the pages around them."""

from collections.abc import Iterator
from dataclasses import replace
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from relay.errors import Refusal
from relay.model.people import Actor
from relay.pages.sign_in.sessions import Sessions
from relay.signed.tickets import TicketKey
from tests.pages.browsing import shown
from tests.pages.sign_in.visitor import BOTH, GITHUB, REVIEW, Visitor, asked, told
from tests.support.entra_tokens import OTHER_TENANT, TENANT
from tests.support.road import MASTER, ORIGIN, Road, made

ADA = Actor(f"entra:{TENANT}/aaaaaaaa-0000-4000-8000-000000000001", "김 Ada")
NOW = 1_790_000_000
OURS = Sessions((MASTER,), ORIGIN)


def sent(cookie: str) -> dict[str, str]:
    return {"cookie": cookie.partition(";")[0]}


@pytest.fixture
def road(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[Road]:
    with made(tmp_path, httpx_mock, **BOTH) as here:
        yield here


def known(visitor: Visitor, person: Actor = ADA) -> Visitor:
    visitor._kept(replace(visitor.whoami(), cookies=(visitor.sign_in.sessions.open(person, visitor.road.now()),)))
    return visitor


def test_a_session_lasts_eight_hours_and_holds_id_and_name_alone() -> None:
    cookie = OURS.open(ADA, NOW)
    assert cookie.startswith("__Host-relay-session=")
    assert cookie.endswith("; Max-Age=28800; Path=/; Secure; HttpOnly; SameSite=Lax")
    assert ADA == OURS.person(sent(cookie), NOW + 28_799)
    assert OURS.person(sent(cookie), NOW + 28_800) is None


def test_every_key_proves_sessions_and_the_newest_signs() -> None:
    newer = TicketKey("k2", bytes(32))
    both = Sessions((newer, MASTER), ORIGIN)
    assert ADA == both.person(sent(OURS.open(ADA, NOW)), NOW)
    assert ADA == Sessions((newer,), ORIGIN).person(sent(both.open(ADA, NOW)), NOW)
    assert OURS.person(sent(both.open(ADA, NOW)), NOW) is None


def test_a_session_of_another_relay_or_spoilt_in_one_character_is_none() -> None:
    cookie = sent(OURS.open(ADA, NOW))["cookie"]
    assert Sessions((MASTER,), "https://other.example").person({"cookie": cookie}, NOW) is None
    name = len("__Host-relay-session=")
    for at in range(name, len(cookie)):
        spoilt = cookie[:at] + ("A" if cookie[at] != "A" else "B") + cookie[at + 1 :]
        found = OURS.person({"cookie": spoilt}, NOW)
        assert found is None or (found == ADA and at == len(cookie) - 1)  # the last character has spare bits
    for text in ("", ".", "x", "é.é", "A" * 5_000):
        assert OURS.person({"cookie": f"__Host-relay-session={text}"}, NOW) is None


def test_on_loopback_http_a_session_has_neither_prefix_nor_secure() -> None:
    cookie = Sessions((MASTER,), "http://127.0.0.1:7071").open(ADA, NOW)
    assert cookie.startswith("relay-session=")
    assert "Secure" not in cookie


def test_a_session_survives_the_worker_that_takes_it_apart() -> None:
    """Python's worker hands the host no header but the parts that this parser finds."""
    cookie = OURS.open(ADA, NOW)
    morsel = SimpleCookie(cookie)["__Host-relay-session"]
    assert cookie.partition("=")[2].partition(";")[0] == morsel.value
    assert ("28800", "/", "Lax") == (morsel["max-age"], morsel["path"], morsel["samesite"])


def test_signing_out_needs_a_press_on_our_own_page(visitor: Visitor) -> None:
    known(visitor)
    assert (200, f"Signed in as {ADA.name}") == told(visitor.whoami())
    for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {"sec_fetch_site": "cross-site"}):
        assert (403, "Not signed out: this came from another page") == told(visitor.leave(**headers))
    assert ["__Host-relay-session"] == visitor.cookies()
    reply = visitor.leave()
    assert (303, "/api/sign-out") == (reply.status, reply.headers["Location"])
    assert [] == visitor.cookies()
    assert (200, "You are signed out") == told(visitor.whoami())


@pytest.mark.parametrize(
    ("person", "changes"),
    [
        (ADA, {"entra_tenants": (OTHER_TENANT,)}),
        (ADA, {"sign_in": ("github",)}),
        (Actor("github:1001", "ada"), {"sign_in": ("entra",)}),
        (Actor("slack:T1/U1", "ada"), {}),
    ],
    ids=["tenant removed", "provider removed", "github removed", "no provider"],
)
def test_a_session_whose_person_is_of_no_list_any_longer_is_told(
    visitor: Visitor, person: Actor, changes: dict[str, Any]
) -> None:
    known(visitor, person)
    world = visitor.road.world
    visitor.road.world = replace(world, settings=replace(world.settings, **changes))
    assert (403, "This account is not accepted here") == told(visitor.whoami())
    with pytest.raises(Refusal):
        visitor.sign_in.entrance.person(visitor.headers(REVIEW))


def test_of_two_providers_a_person_chooses_and_an_unknown_one_is_told(visitor: Visitor) -> None:
    page = visitor.start(to=REVIEW)
    assert (200, "Sign in") == told(page)
    for provider in ("entra", "github"):
        assert f'href="/api/sign-in?provider={provider}&amp;to=%2Fapi%2Freview%2F' in page.body.decode()
    assert "https://github.com/login" == visitor.start(provider="github").headers["Location"][:24]
    assert (400, "This way to sign in does not exist here") == told(visitor.start(provider="google"))


def test_the_pages_speak_korean_too(road: Road) -> None:
    visitor = Visitor(road, "ko")
    assert (200, "로그인") == told(visitor.start())
    assert (400, "이 로그인은 끝났습니다") == told(visitor.back(code="c", state=""))
    assert "Microsoft로 로그인" in shown(visitor.start())


def test_with_sign_in_off_there_is_a_page_that_says_so(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    with made(tmp_path, httpx_mock) as here:
        visitor = Visitor(here)
        for reply in (visitor.start(), visitor.whoami()):
            assert (403, "Reviewing in the browser is switched off") == told(reply)


def test_where_app_service_signs_people_in_the_address_leads_there(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    with made(tmp_path, httpx_mock, RELAY_SIGN_IN="app-service") as here:
        visitor = Visitor(here)
        for to, back in ((REVIEW, REVIEW), ("", "/api/sign-out"), ("https://evil.example/", "/api/sign-out")):
            reply = visitor.start(to=to)
            found = (reply.status, reply.headers["Location"])
            assert (302, f"/.auth/login/aad?post_login_redirect_uri={back}") == found
        assert (400, "This way to sign in does not exist here") == told(visitor.start(provider="entra"))


def test_app_service_is_one_of_two_ways_to_choose(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    with made(tmp_path, httpx_mock, **GITHUB | {"RELAY_SIGN_IN": "app-service,github"}) as here:
        page = Visitor(here).start(to=REVIEW).body.decode()
    assert f'href="/.auth/login/aad?post_login_redirect_uri={REVIEW}"' in page
    assert 'href="/api/sign-in?provider=github&amp;to=%2Fapi%2Freview%2F' in page


def test_an_open_sign_in_leaves_a_session_alone(visitor: Visitor) -> None:
    known(visitor)
    asked(visitor.start(provider="entra", to=REVIEW))
    assert (200, f"Signed in as {ADA.name}") == told(visitor.whoami())
