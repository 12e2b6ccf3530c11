"""The page while its stream breaks, is found again, belongs to another run, or is looked at by nobody."""

from typing import TYPE_CHECKING, Final

from tests.dev.simulator.pages import PATIENCE, expect, message, opened, webhook
from tests.dev.simulator.running import Running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TABS: Final = 8  # two more than a browser has connections to a host
LOOK: Final = """away => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => away });
    document.dispatchEvent(new Event("visibilitychange"));
}"""
CARD: Final = {"@type": "MessageCard", "@context": "https://schema.org/extensions", "summary": "x"}


def test_a_lost_connection_is_said_and_found_again(browser: "Browser", relay: Running) -> None:
    with opened(browser, relay, "ERR_FAILED") as page:
        page.locator(".message").first.wait_for()
        page.route("**/simulator/events", lambda route: route.abort())
        page.reload()
        page.get_by_text("Not connected, again in").wait_for()
        page.get_by_role("alert").filter(has_text="relay dev does not answer").wait_for()
        page.unroute("**/simulator/events")
        page.get_by_text("Live", exact=True).wait_for()
        page.locator(".message").first.wait_for()
        expect(page.locator("#trouble")).to_be_hidden()


def test_without_the_runs_token_the_page_says_which_address_to_open(browser: "Browser", relay: Running) -> None:
    with opened(browser, Running("", relay.origin, "", relay.process, relay.folder), "401") as page:
        page.get_by_role("alert").filter(has_text="Open the address that `relay dev` printed").wait_for()
        assert 0 == page.locator(".message").count()


def test_a_phone_says_a_lost_connection_without_a_line_too_wide(browser: "Browser", relay: Running) -> None:
    with opened(browser, relay, "ERR_FAILED", viewport={"width": 360, "height": 740}) as page:
        page.route("**/simulator/events", lambda route: route.abort())
        page.reload()
        page.get_by_role("alert").filter(has_text="relay dev does not answer").wait_for()
        assert 360 == page.evaluate("document.documentElement.scrollWidth")
        box = page.get_by_role("button", name="Policy").bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 360


def test_tabs_that_nobody_sees_leave_the_connections_to_the_one_that_is_seen(
    browser: "Browser", relay: Running
) -> None:
    with opened(browser, relay, "ERR_ABORTED") as page:
        tabs = [page, *(page.context.new_page() for _ in range(TABS - 1))]
        for tab in tabs[1:]:
            tab.set_default_timeout(PATIENCE)
        for tab in tabs:
            if tab is not page:
                tab.goto(f"{relay.origin}/#{relay.token}")
            live(tab)
            tab.evaluate(LOOK, arg=True)
        with relay.client() as client:
            client.post(webhook(client), json={**CARD, "title": "Meanwhile"}).raise_for_status()
        page.evaluate(LOOK, arg=False)
        message(page, "Meanwhile")
        live(page)
        expect(page.locator("#trouble")).to_be_hidden()


def live(page: "Page") -> None:
    page.locator(".message").first.wait_for()
    page.get_by_text("Live", exact=True).wait_for()
