"""Cards on the page where they can be pressed: the bot's, mails, and the page behind a workflow's card."""

import json
from typing import TYPE_CHECKING

from tests.dev.simulator.pages import BOT, expect, message, press, request, send, shows, told
from tests.dev.simulator.running import Running

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_the_bots_card_is_one_for_who_pressed_and_another_for_everyone(page: "Page") -> None:
    card = send(page, "Whose view", "payments", places=(BOT,))
    press(page, card, "Approve", "fine", person="grace")
    shows(card, "Counted.")
    expect(card.get_by_label("Your view")).to_be_checked()
    card.get_by_label("Everyone's view").check()
    shows(card, "Grace Hopper approved")
    expect(card.locator(".card").get_by_text("Counted.")).to_have_count(0)
    page.get_by_label("You are").select_option("alan")
    shows(card, "Grace Hopper approved")
    expect(card.get_by_label("Your view"), "Alan has no view of his own").to_be_hidden()


def test_the_view_that_was_chosen_stays_while_the_card_changes(page: "Page", relay: Running) -> None:
    card = send(page, "Whose view then", "payments", places=(BOT,))
    press(page, card, "Approve", person="grace")
    shows(card, "Counted.")
    card.get_by_label("Everyone's view").check()
    shows(card, "Grace Hopper approved")
    beside = page.context.new_page()
    beside.goto(f"{relay.origin}/#{relay.token}")
    press(beside, message(beside, "Whose view then"), "Approve", person="ada")
    shows(card, "Ada Lovelace approved")
    page.locator(".message[data-refreshing]").first.wait_for(state="detached")
    expect(card.get_by_label("Everyone's view")).to_be_checked()


def test_a_card_shows_its_json_as_the_person_sees_it_and_copies_it(page: "Page") -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    card = send(page, "As JSON", "payments", places=(BOT,))
    card.get_by_text("The card as JSON").click()
    shown = card.get_by_label("JSON of the card: As JSON")
    drawn = json.loads(shown.inner_text())
    assert ("AdaptiveCard", True) == (drawn["type"], "Action.Execute" in json.dumps(drawn))
    press(page, card, "Approve", person="grace")
    shows(card, "Grace Hopper approved")
    card.get_by_label("Everyone's view").check()
    expect(card.locator(".card").get_by_text("Counted.")).to_have_count(0)
    shows(card, "Grace Hopper approved")
    card.get_by_role("button", name="Copy the card: As JSON").click()
    card.get_by_role("button", name="Copy the card: As JSON").get_by_text("Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "Counted." not in copied, "it follows the card"
    assert json.loads(copied) == json.loads(shown.inner_text())


def test_who_may_not_press_is_told_by_the_bot_and_keeps_the_card(page: "Page") -> None:
    card = send(page, "Not for strangers", places=(BOT,))
    press(page, card, "Approve", "let me", person="stranger")
    told(card, "You are not an approver")
    assert "let me" == card.get_by_role("textbox").input_value()
    page.get_by_label("You are").select_option("ada")
    expect(card.locator(".line .said")).to_be_hidden()


def test_a_card_refreshes_by_itself_for_an_approver_and_by_hand_for_others(page: "Page") -> None:
    page.get_by_label("You are").select_option("alan")
    card = send(page, "Refreshed", "payments", (BOT,))
    card.get_by_role("button", name="Refresh card").click()
    card.get_by_label("Your view").wait_for()
    with page.expect_response("**/simulator/refreshes"):
        page.get_by_label("You are").select_option("grace")
    card.get_by_label("Your view").wait_for()


def test_a_message_card_of_the_bot_is_pressed_in_its_pane(page: "Page") -> None:
    card = send(page, "The older form", places=("channel:releases-classic",))
    press(page, card, "Approve", 'a "quote"')
    card.locator("dt", has_text="Approved by").wait_for()
    expect(card.get_by_role("button")).to_have_count(0)


def test_the_approvers_are_mentioned(page: "Page") -> None:
    card = send(page, "Called", places=(BOT,))
    expect(card.locator(".mention")).to_have_text(["Ada Lovelace", "Grace Hopper"])


def test_a_workflows_button_opens_the_page_where_one_decides_and_the_other_cards_change(page: "Page") -> None:
    send(page, "By its page", places=(BOT, "workflows", "mail"))
    card = message(page, "By its page", "workflows")
    with page.context.expect_page() as opening:
        card.get_by_role("link", name="Review and decide").click()
    review = opening.value
    review.get_by_role("button", name="Ada Lovelace").click()
    review.get_by_label("Comment").fill("by the page")
    review.get_by_role("button", name="Approve").click()
    review.get_by_text("GitHub has taken it").first.wait_for()
    shows(message(page, "By its page", "bot"), "Ada Lovelace approved")
    card.get_by_text("This card stays as it is").wait_for()
    expect(request(page, "By its page").locator(".comment")).to_have_text("by the page")
    assert 1 == request(page, "By its page").count(), "one request, whatever the number of its cards"


def test_a_mail_shows_how_it_stands_when_it_is_opened_and_its_own_text_in_a_frame(page: "Page") -> None:
    card = send(page, "A mail", "payments", ("mail",))
    press(page, card, "Approve", "tested", person="grace")
    told(card, "has passed")
    page.get_by_label("You are").select_option("ada")
    shows(card, "Grace Hopper approved")
    card.get_by_text("Where no card is drawn").click()
    shown = card.frame_locator("iframe")
    shown.get_by_role("link", name="Review and decide").wait_for()
    assert "A mail" in shown.locator("body").inner_text()
