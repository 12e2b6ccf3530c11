"""Cards on the page where they can be pressed: the bot's, mails, and the page behind a workflow's card."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.simulator.pages import (
    BOT,
    POLICY,
    message,
    opened,
    press,
    request,
    send,
    shows,
    started_browser,
    told,
)
from tests.simulator.running import Running, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with started_browser() as started:
        yield started


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("cards"), environ={"RELAY_POLICY": POLICY}) as started:
        yield started


@pytest.fixture
def page(browser: "Browser", relay: Running) -> Iterator["Page"]:
    with opened(browser, relay) as page:
        yield page


def test_the_bots_card_is_one_for_who_pressed_and_another_for_everyone(page: "Page") -> None:
    card = send(page, "Whose view", places=(BOT,))
    press(page, card, "Approve", "fine", person="grace")
    shows(card, "Approved. GitHub has taken it.")
    assert card.get_by_label("Your view").is_checked()
    card.get_by_label("Everyone's view").check(force=True)
    shows(card, "Grace Hopper approved")
    assert 0 == card.locator(".card").get_by_text("Approved. GitHub has taken it.").count()
    page.get_by_label("You are").select_option("alan")
    shows(card, "Grace Hopper approved")
    assert not card.get_by_label("Your view").is_visible(), "Alan has no view of his own"


def test_who_may_not_press_is_told_by_the_bot_and_keeps_the_card(page: "Page") -> None:
    card = send(page, "Not for strangers", places=(BOT,))
    press(page, card, "Approve", "let me", person="stranger")
    told(card, "You are not an approver")
    assert "let me" == card.get_by_role("textbox").input_value()
    page.get_by_label("You are").select_option("ada")
    assert not card.locator(".line .said").is_visible()


def test_a_card_refreshes_by_itself_for_an_approver_and_by_hand_for_others(page: "Page") -> None:
    page.get_by_label("You are").select_option("alan")
    card = send(page, "Refreshed", "payments", (BOT,))
    card.get_by_role("button", name="Refresh card").click()
    card.get_by_label("Your view").wait_for(state="attached")
    with page.expect_response("**/simulator/refreshes"):
        page.get_by_label("You are").select_option("grace")
    card.get_by_label("Your view").wait_for(state="attached")


def test_a_message_card_of_the_bot_is_pressed_in_its_pane(page: "Page") -> None:
    card = send(page, "The older form", places=("channel:releases-classic",))
    press(page, card, "Approve", 'a "quote"')
    card.locator("dt", has_text="Approved by").wait_for()
    assert 0 == card.get_by_role("button").count()


def test_the_approvers_are_mentioned(page: "Page") -> None:
    card = send(page, "Called", places=(BOT,))
    assert ["Ada Lovelace", "Grace Hopper"] == card.locator(".mention").all_inner_texts()


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
    assert "by the page" == request(page, "By its page").locator(".comment").inner_text()
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
