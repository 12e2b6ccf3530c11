"""The operator's pages in Chromium: axe-core finds nothing, nothing sticks out, and the keyboard is enough."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.dev.simulator.pages import expect
from tests.dev.simulator.running import Running
from tests.pages.browser.looking import PHONE, WIDE, asked, behave, opened
from tests.support.axe import looked_at

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NARROW = {"width": 320, "height": 640}
PAGES = ("messages", "messages?outcome=refused&channel=github", "messages?since=x", "outbox", "messages/unknown")


@pytest.fixture(scope="module")
def refused(relay: Running, browser: "Browser") -> str:
    """Return the path of the story of a request whose dispatch was refused."""
    behave(relay, "forbidden")
    paths = []
    for number in range(2):
        url = asked(relay, event_type=f"deploy-production-operator-{number}")
        with opened(browser, url, "ada") as page:
            page.locator("button.approve").click()
            page.locator(".told").wait_for()
        paths.append(f"messages/{url.rpartition('/')[2]}")
    behave(relay, "healthy")
    return paths[0]


@pytest.mark.parametrize(("size", "locale"), [(WIDE, "en-US"), (PHONE, "ko-KR")], ids=["wide", "phone"])
def test_axe_finds_nothing(browser: "Browser", relay: Running, refused: str, size: dict[str, int], locale: str) -> None:
    look: dict[str, Any] = {"viewport": size, "locale": locale, "bypass_csp": True}
    found: list[str] = []
    with opened(browser, f"{relay.origin}/api/messages", "ada", **look) as page:
        for path in (*PAGES, refused):
            page.goto(f"{relay.origin}/api/{path}")
            for summary in page.locator("summary").all():
                summary.click()
            found += looked_at(page)
    with opened(browser, f"{relay.origin}/api/outbox", "grace", **look) as page:
        found += looked_at(page)
    assert [] == found


@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_nothing_sticks_out_at_320_pixels(browser: "Browser", relay: Running, refused: str, locale: str) -> None:
    with opened(browser, f"{relay.origin}/api/messages", "ada", viewport=NARROW, locale=locale) as page:
        for path in (*PAGES, refused):
            page.goto(f"{relay.origin}/api/{path}")
            for summary in page.locator("summary").all():
                summary.click()
            assert 320 == page.evaluate("document.documentElement.scrollWidth"), path


def test_the_keyboard_filters_follows_a_story_and_replays(browser: "Browser", relay: Running, refused: str) -> None:
    with opened(browser, f"{relay.origin}/api/messages", "ada") as page:
        page.locator(".filters summary").focus()
        page.keyboard.press("Enter")
        page.get_by_label("Outcome").focus()
        page.keyboard.type("refused")
        page.keyboard.press("Enter")
        page.wait_for_url("**/api/messages?*outcome=refused*")
        page.locator(".outcome").first.wait_for()
        assert {"refused"} == {each.inner_text() for each in page.locator(".outcome").all()}
        page.locator(".message a").first.focus()
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Replay").first.focus()
        page.keyboard.press("Enter")
        expect(page.locator("body")).to_contain_text("replayed")  # and what the page says instead, if it fails


def test_a_drop_asks_first_and_is_final(browser: "Browser", relay: Running, refused: str) -> None:
    behave(relay, "forbidden")
    url = asked(relay, event_type="deploy-production-dropped")
    with opened(browser, url, "ada") as page:
        page.locator("button.approve").click()
        page.locator(".told").wait_for()
        page.goto(f"{relay.origin}/api/messages/{url.rpartition('/')[2]}")
        expect(page.get_by_role("button", name="Drop for good")).to_be_hidden()
        dispatch = page.get_by_role("listitem").filter(has_text="Dispatch to GitHub")
        dispatch.locator(".drop summary").click()
        page.get_by_role("button", name="Drop for good").click()
        page.get_by_text("dropped by an operator").wait_for()
        expect(dispatch.get_by_role("button", name="Replay")).to_have_count(0)
