"""The page in headless Chromium, with the relay behind it; every person here presses with mouse and keyboard."""

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.dev.simulator.pages import (
    BOT,
    OUTLOOK,
    choose,
    dispatch,
    expect,
    field,
    message,
    opened,
    press,
    request,
    send,
    shows,
    told,
)
from tests.dev.simulator.running import Running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def test_the_first_look_has_a_card_and_an_approval_is_told_dispatched_and_proven(page: "Page") -> None:
    card = message(page, "Deploy shop 2.4.0 to production", "bot")
    assert "" == page.evaluate("location.hash"), "the token stays out of the history"
    press(page, card, "Approve", 'Looks "good" to me')
    shows(card, "Ada Lovelace approved")
    expect(card.locator(".card").get_by_role("button"), "a decided card has no live button").to_have_count(0)
    arrived = dispatch(page, "deploy-production")
    expect(arrived.locator(".pill").first).to_have_text("204")
    approval = json.loads(arrived.locator(".payload pre").inner_text())["client_payload"]["approval"]
    assert ["approved", 'Looks "good" to me'] == [approval["decision"], approval["reviews"][0]["comment"]]
    assert {"repository", "sha", "run", "requester"} <= {*approval["proven"]}, "the workflow asked without a key"
    arrived.get_by_text("Headers", exact=True).click()
    expect(arrived.get_by_label("Headers of dispatch")).to_contain_text("(not kept)")
    standing = request(page, "Deploy shop 2.4.0 to production")
    standing.get_by_text("The new run proved who decided").wait_for()
    arrived.get_by_text("proven", exact=True).wait_for()
    standing.get_by_text("relay verify", exact=True).click()
    expect(standing.locator("dt", has_text="reviewers").locator("+ dd")).to_contain_text("entra:")
    page.locator("#guide li.done").nth(2).wait_for()


@pytest.mark.parametrize(
    ("person", "button", "said"),
    [
        ("stranger", "Reject", "You are not an approver"),
        ("alan", "Approve", "You asked for this, so somebody else has to decide"),
    ],
)
def test_a_refused_press_is_told_and_leaves_card_and_typing(page: "Page", person: str, button: str, said: str) -> None:
    card = send(page, f"Refused to {person}")
    press(page, card, button, "I would not", person=person)
    told(card, said)
    assert "bad" in (card.locator(".line").get_attribute("class") or "")
    assert "I would not" == card.get_by_label("Comment (optional)").and_(card.locator(":visible")).input_value()
    expect(page.locator(":focus"), "the focus stays on the button").to_have_text(button)
    request(page, f"Refused to {person}").get_by_text("Waits for stage release").wait_for()


def test_two_stages_are_followed_press_by_press(page: "Page") -> None:
    card = send(page, "Two stages", "payments")
    standing = request(page, "Two stages")
    standing.get_by_text("Waits for stage qa").wait_for()
    press(page, card, "Approve", "Tested", person="grace")
    told(card, "has passed")
    standing.get_by_text("Grace Hopper approved, stage qa").wait_for()
    standing.get_by_text("Waits for stage release").wait_for()
    press(page, card, "Approve", person="grace")
    told(card, "1 more approval")
    press(page, card, "Approve", person="ada")
    told(card, "Approved. GitHub has taken it.")
    expect(standing.locator(".comment").first).to_have_text("Tested")
    dispatch(page, "deploy-payments").wait_for()


def test_a_job_proves_itself_and_its_released_run_redeems_the_approval_once(page: "Page") -> None:
    card = send(page, "Keyless", places=(BOT,))
    assert 0 == card.get_by_text("alan (as stated by the sender)").count()
    press(page, card, "Approve")
    dispatch(page, "deploy-production").get_by_text("proven", exact=True).first.wait_for()
    page.locator("#every-option").evaluate("(each) => { each.open = true; }")
    page.get_by_label("A key", exact=True).check()
    keyed = send(page, "By a key", places=(BOT,))
    keyed.get_by_text("alan (as stated by the sender)").first.wait_for()


def test_a_rejection_is_dispatched_and_proven_too(page: "Page") -> None:
    card = send(page, "Not today", "payments")
    press(page, card, "Reject", person="grace")
    told(card, "Rejected.")
    dispatch(page, "payments-rejected").get_by_text("proven", exact=True).wait_for()


def test_a_mail_is_to_whoever_one_is_and_what_it_came_to_is_theirs(page: "Page") -> None:
    card = send(page, "By mail")
    assert "By mail" == card.locator(".subject").inner_text()
    press(page, card, "Approve", "typed before", person="stranger")
    told(card, "You are not an approver")
    page.get_by_label("You are").select_option("grace")
    expect(card.locator(".where")).to_have_text("To: Grace Hopper")
    expect(card.locator(".line .said"), "another person was told").to_be_hidden()
    assert "typed before" == card.get_by_role("textbox").input_value()


def test_the_messages_of_one_chat_can_be_shown_alone(page: "Page") -> None:
    mail, card = send(page, "In Outlook"), send(page, "In Teams", places=(BOT,))
    choice = page.get_by_role("group", name="Whose messages are shown")
    choice.get_by_label("Teams").check()
    expect(mail).to_be_hidden()
    card.wait_for()
    choice.get_by_label("Outlook").check()
    expect(card).to_be_hidden()
    mail.wait_for()
    choice.get_by_label("All").check()
    mail.wait_for()
    card.wait_for()


def test_the_keyboard_is_enough(page: "Page") -> None:
    card = send(page, "By keyboard", Event_type="deploy-production-keyboard")
    approve = card.get_by_role("button", name="Approve", exact=True).first
    approve.focus()
    page.keyboard.press("Enter")
    expect(approve).to_have_attribute("aria-expanded", "true")
    page.keyboard.type("typed")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    told(card, "Approved. GitHub has taken it.")
    expect(page.locator(":focus"), "the focus goes where the answer is").to_have_class("line good")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_one_column_at_a_time_and_says_what_is_new_in_the_others(
    browser: "Browser", relay: Running, scheme: str
) -> None:
    with opened(browser, relay, viewport={"width": 360, "height": 740}, color_scheme=scheme) as page:
        tabs = page.get_by_role("navigation", name="Columns")
        tabs.get_by_role("button", name="Workflow").click()
        choose(page, OUTLOOK)
        field(page, "Title").fill(f"On a phone, {scheme}")
        field(page, "Event type").fill(f"deploy-production-{scheme}")
        page.get_by_role("button", name="Send card").click()
        tabs.get_by_role("button", name=re.compile(r"^Chat \d+ new$")).click()
        card = message(page, f"On a phone, {scheme}")
        press(page, card, "Approve")
        told(card, "Approved.")
        widths = [page.evaluate("document.documentElement.scrollWidth")]
        for tab in ("Workflow", "GitHub"):
            tabs.get_by_role("button", name=tab).filter(has_text="new").click()
            widths.append(page.evaluate("document.documentElement.scrollWidth"))
        dispatch(page, f"deploy-production-{scheme}").wait_for()
        assert [360] * 3 == widths
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ("rgb(12, 15, 19)" if scheme == "dark" else "rgb(236, 239, 243)") == background
