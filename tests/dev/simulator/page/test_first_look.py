"""The first minute: a newcomer sees what to press, is brought to it, and is told what to try afterwards."""

from typing import TYPE_CHECKING

from tests.dev.simulator.pages import BOT, choose, expect, message, opened, press, send
from tests.dev.simulator.running import Running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SAMPLE = "Deploy shop 2.4.0 to production"


def test_what_is_to_be_pressed_is_in_sight_at_once(page: "Page") -> None:
    button = message(page, SAMPLE, "bot").get_by_role("button", name="Approve", exact=True)
    button.wait_for()
    box, column = button.bounding_box(), page.locator("#chat").bounding_box()
    assert box is not None
    assert column is not None
    assert box["y"] + box["height"] <= column["y"] + column["height"] <= 900
    expect(page.get_by_label("You are").locator("option:checked")).to_have_text("Ada Lovelace · owners")


def test_the_guide_brings_whoever_holds_a_phone_to_the_button(browser: "Browser", relay: Running) -> None:
    with opened(browser, relay, viewport={"width": 390, "height": 844}) as page:
        message(page, SAMPLE, "bot")
        page.get_by_role("navigation", name="Columns").get_by_role("button", name="GitHub").click()
        page.get_by_role("button", name="Press Approve").click()
        expect(page.locator(":focus")).to_have_text("Approve")
        box = message(page, SAMPLE, "bot").get_by_role("button", name="Approve", exact=True).bounding_box()
        assert box is not None
        assert 0 <= box["y"] <= 844 - box["height"]
        page.keyboard.press("Tab")
        expect(page.locator(".pointed")).to_have_count(0)


def test_the_guide_opens_the_page_of_a_card_that_only_has_a_link(page: "Page") -> None:
    send(page, "By a link", places=("workflows",))
    page.get_by_role("button", name="Press Approve").click()
    expect(page.locator(":focus")).to_have_text("Review and decide")


def test_who_has_seen_it_all_is_told_what_to_try_and_where_nothing_waits_a_card_can_be_sent(
    browser: "Browser", relay: Running
) -> None:
    with opened(browser, relay) as page:
        press(page, send(page, "Seen it all", places=(BOT,)), "Approve")
        page.get_by_text("And now:").wait_for()
        page.get_by_role("group", name="Whose messages are shown").get_by_label("Outlook").check()
        page.get_by_role("button", name="Press Approve").click()
        expect(page.locator(":focus")).to_have_text("Send card")
        choose(page, BOT)
        page.get_by_label("Title").fill("In sight")
        page.keyboard.press("Enter")
        message(page, "In sight", "bot")
        expect(page.get_by_role("group", name="Whose messages are shown").get_by_label("All")).to_be_checked()
        page.get_by_role("button", name="Hide what happens here").click()
        page.reload()
        message(page, "In sight", "bot")
        expect(page.get_by_text("And now:")).to_be_hidden()
