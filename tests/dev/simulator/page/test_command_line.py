"""The command line on the page: typed below the chats, answered to one person, and recalled with the arrows."""

from typing import TYPE_CHECKING

from tests.dev.simulator.pages import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


def say(page: "Page", room: str, text: str, person: str = "ada") -> "Locator":
    """Type a command, and return what was said once it is answered."""
    page.get_by_label("You are").select_option(person)
    page.get_by_label("Where to say it").select_option(room)
    field = page.get_by_label("A command")
    field.fill(text)
    before = page.locator("#said li").count()
    field.press("Enter")
    entry = page.locator("#said li").nth(before)
    entry.locator(".note").wait_for()
    return entry


def reach(found: "Locator") -> tuple[float, float]:
    """Return the upper edge and the height of an element."""
    box = found.bounding_box()
    assert box is not None
    return box["y"], box["height"]


def test_what_is_said_in_slack_is_answered_to_one_person_and_its_card_arrives(page: "Page") -> None:
    entry = say(page, "slack-releases", "/relay deploy shop to production")
    assert "Ada Lovelace in Slack: #slack-releases: /relay deploy shop to production" in entry.inner_text()
    assert "Asked for an approval: Deploy shop to production\nIts card is here." in entry.inner_text()
    assert "Only visible to Ada Lovelace" in entry.inner_text()
    assert "/api/review/" in str(entry.get_by_role("link", name="Review page").get_attribute("href"))
    page.locator(".message[data-app=slack]").get_by_role("heading", name="Deploy shop to production").first.wait_for()


def test_what_is_said_to_the_bot_is_answered_in_its_thread(page: "Page") -> None:
    entry = say(page, "releases", "depoly shop", "grace")
    assert "@Approval relay depoly shop" in entry.inner_text()
    assert "The nearest is: deploy" in entry.inner_text()
    assert "In the thread of the message" in entry.inner_text()


def test_a_long_answer_leaves_the_card_in_sight_is_read_from_its_beginning_and_can_be_cleared(page: "Page") -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    entry = say(page, "releases", "help")
    top, height = reach(page.locator("#said"))
    assert height <= 200
    assert reach(page.locator("#chat > .scroll"))[1] >= reach(page.locator("#chat"))[1] / 2
    lines = entry.locator("pre").inner_text().splitlines()
    assert ["[channels.NAME]", 'kind = "teams"'] == lines[:2]
    start, line = reach(entry.locator(".typed"))
    assert top <= start <= top + height - line
    page.get_by_role("button", name="Clear what was said").click()
    expect(page.locator("#said li")).to_have_count(0)
    expect(page.get_by_role("button", name="Clear what was said")).to_be_hidden()
    expect(page.get_by_label("A command")).to_be_focused()


def test_the_arrows_bring_back_what_was_typed_even_after_a_reload(page: "Page") -> None:
    say(page, "slack-releases", "help")
    say(page, "slack-releases", "depoly <b>shop</b>")
    page.reload()
    field = page.get_by_label("A command")
    field.fill("half")
    for key, expected in (("ArrowUp", "depoly <b>shop</b>"), ("ArrowUp", "help"), ("ArrowDown", "depoly <b>shop</b>")):
        field.press(key)
        assert expected == field.input_value()
    field.press("ArrowDown")
    assert "half" == field.input_value()


def test_a_look_offers_its_own_rooms_and_outlook_none(page: "Page") -> None:
    room = page.get_by_label("Where to say it")
    room.wait_for()
    for look, rooms in (("Slack", ["slack-releases"]), ("Teams", ["releases", "releases-classic"])):
        page.get_by_role("radio", name=look, exact=True).check()
        assert rooms == [option.get_attribute("value") for option in room.locator("option").all()]
    page.get_by_role("radio", name="Outlook", exact=True).check()
    expect(page.locator("#line")).to_be_hidden()
