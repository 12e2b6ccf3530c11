"""Slack on the page: messages in channels and to one person each, pressed through the relay's real route."""

from typing import TYPE_CHECKING, Final

from tests.dev.simulator.pages import choose, expect, field, message, opened, press, send, shows, told
from tests.dev.simulator.running import Running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHANNEL: Final = "channel:slack-releases"
OWNERS: Final = "channel:slack-owners"


def test_a_message_is_pressed_in_slack_and_changes_for_everybody(page: "Page") -> None:
    card = send(page, "Pressed in Slack", places=(CHANNEL,), Event_type="deploy-production-slack1")
    card.locator(".mention").first.wait_for()
    press(page, card, "Approve", "좋아요 <b>")
    shows(card, "GitHub has taken it.")
    card.get_by_text("“좋아요 <b>”").wait_for()
    expect(card.get_by_role("button", name="Approve")).to_have_count(0)
    assert "edited" not in card.inner_text()


def test_who_may_not_press_reads_so_and_nobody_else_does(page: "Page") -> None:
    card = send(page, "Not for strangers", places=(CHANNEL,), Event_type="deploy-production-slack2")
    press(page, card, "Approve", person="stranger")
    told(card, "Your Slack team is not one whose people may act here.")
    card.get_by_text("Only visible to you").wait_for()
    page.get_by_label("You are").select_option("grace")
    card.locator(".line .said").wait_for(state="detached")
    card.get_by_role("button", name="Approve").wait_for()


def test_a_direct_message_is_seen_by_its_person_alone(page: "Page") -> None:
    choose(page, OWNERS)
    page.get_by_label("You are").select_option("ada")
    send(page, "To the owners", places=(OWNERS,), Event_type="deploy-production-slack3")
    shown = page.locator(".message:visible").filter(has_text="To the owners")
    expect(shown).to_have_count(1)
    expect(shown).to_contain_text("Slack, direct message to Ada Lovelace")
    page.get_by_label("You are").select_option("grace")
    expect(shown).to_contain_text("Slack, direct message to Grace Hopper")
    expect(shown).to_have_count(1)
    page.get_by_label("You are").select_option("stranger")
    expect(shown).to_have_count(0)


def test_a_confirmation_is_asked_for_and_can_be_declined_by_keyboard(page: "Page") -> None:
    card = send(
        page,
        "Confirmed in Slack",
        places=(CHANNEL,),
        Event_type="deploy-production-slack4",
        Note_to_approvers="This goes to production.",
    )
    page.get_by_label("You are").select_option("ada")
    button = card.get_by_role("button", name="Approve", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Approve")
    dialog.get_by_text("This goes to production.").wait_for()
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Approve", exact=True).click()
    shows(card, "GitHub has taken it.")


def test_one_request_in_slack_and_teams_changes_in_both(page: "Page") -> None:
    title = "In both chats"
    send(page, title, places=(CHANNEL, "channel:releases"), Event_type="deploy-production-slack5")
    slack, teams = message(page, title, "slack"), message(page, title, "bot")
    press(page, slack, "Approve", "from Slack")
    shows(slack, "GitHub has taken it.")
    shows(teams, "GitHub has taken it.")
    shows(teams, "from Slack")


def test_a_thread_reads_downwards_below_its_message(page: "Page") -> None:
    card = send(page, "With a thread", "payments", (CHANNEL,))
    press(page, card, "Approve", "Tested on staging", "grace")
    replies = card.locator(".replies .message")
    replies.filter(has_text="Stage qa has passed").wait_for()
    assert ["Grace Hopper: approve", "Stage qa has passed"] == [
        text.partition(":")[0] if text.startswith("Stage") else text.partition(",")[0]
        for text in replies.locator(".card").all_inner_texts()
    ]
    assert "in the thread of With a thread" in str(replies.first.get_attribute("aria-label"))


def test_it_is_drawn_on_a_narrow_dark_page(browser: "Browser", relay: Running) -> None:
    narrow = {"width": 390, "height": 800}
    with opened(browser, relay, viewport=narrow, color_scheme="dark") as page:
        tabs = page.get_by_role("navigation", name="Columns")
        tabs.get_by_role("button", name="Workflow").click()
        choose(page, CHANNEL)
        page.get_by_label("Sample").select_option("production")
        field(page, "Title").fill("On a phone")
        field(page, "Event type").fill("deploy-production-slack6")
        page.get_by_role("button", name="Send card").click()
        tabs.get_by_role("button", name="Chat").click()
        card = message(page, "On a phone")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390
        card.get_by_role("button", name="Approve").wait_for()
