"""Adaptive Cards on the page as Teams draws them, with a word to the author of what it leaves out."""

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.dev.simulator.here import exports
from tests.dev.simulator.pages import expect, message, told
from tests.dev.simulator.running import Running

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

ADAPTIVE: Final = "application/vnd.microsoft.card.adaptive"
HOSTILE: Final = "<img src=x onerror=alert(1)> [a](javascript:alert(1)) [b](https://b.example) **c** _d_ `e`"


def by_workflow(page: "Page", relay: Running, title: str, **card: Any) -> "Locator":
    """Post an Adaptive Card at the Workflows webhook, and return its message."""
    heading = {"type": "TextBlock", "text": title, "size": "large", "weight": "bolder"}
    content = {"type": "AdaptiveCard", "version": "1.4", **card, "body": [heading, *card.get("body", [])]}
    with relay.client() as client:
        url = exports(client)["WORKFLOWS_URL"]
        envelope = {"type": "message", "attachments": [{"contentType": ADAPTIVE, "content": content}]}
        assert 202 == client.post(url, json=envelope).status_code
    return page.locator(".message").filter(has_text=title).first


def test_a_mention_without_an_entity_is_only_text(page: "Page", relay: Running) -> None:
    card = by_workflow(page, relay, "Not called", body=[{"type": "TextBlock", "text": "<at>Ada</at> **look**"}])
    expect(card.locator(".words").last).to_have_text("<at>Ada</at> look")
    assert 0 == card.locator(".mention").count()


def test_a_card_that_cannot_be_drawn_leaves_the_others(page: "Page", relay: Running) -> None:
    by_workflow(page, relay, "Spoilt", body=[{"type": "FactSet", "facts": 5}])
    page.get_by_text("This card could not be displayed.").first.wait_for()
    by_workflow(page, relay, "Sound").get_by_role("heading", name="Sound").wait_for()


@pytest.mark.parametrize(
    ("action", "there", "said"),
    [
        ({"type": "Action.Execute", "title": "Go", "verb": "go"}, 1, "not to the relay"),
        ({"type": "Action.Submit", "title": "Go"}, 1, "not to the relay"),
        ({"type": "Action.Http", "title": "Go", "url": "https://a.example"}, 0, "only Outlook draws Action.Http"),
        ({"type": "Action.Odd", "title": "Go"}, 0, "the simulator does not draw it"),
    ],
)
def test_what_cannot_work_by_a_workflow_is_told_to_the_author(
    page: "Page", relay: Running, action: dict[str, object], there: int, said: str
) -> None:
    title = f"Odd {action['type']}"
    card = by_workflow(page, relay, title, actions=[action])
    card.locator(".notes", has_text=said).wait_for()
    button = card.get_by_role("button", name="Go")
    assert there == button.count()
    if there:
        button.click()
        told(card, "Something went wrong. Please try again.")


def test_a_version_that_teams_does_not_draw_is_not_drawn(page: "Page", relay: Running) -> None:
    by_workflow(page, relay, "Too new", version="1.6")
    card = page.locator(".message").filter(has=page.locator(".notes", has_text="1.6"))
    card.get_by_text("could not be displayed").wait_for()


def test_a_message_card_by_a_workflow_has_no_buttons(page: "Page", relay: Running) -> None:
    action = {"@type": "HttpPOST", "name": "Press", "target": "https://a.example/"}
    card = {"@type": "MessageCard", "title": "Old by workflow", "summary": "x"}
    section = {"text": "In a section", "potentialAction": [action]}
    with relay.client() as client:
        url = exports(client)["WORKFLOWS_URL"]
        client.post(url, json={**card, "sections": [section], "potentialAction": [action]}).raise_for_status()
    shown = message(page, "Old by workflow")
    shown.get_by_text("In a section").wait_for()
    expect(shown.locator(".notes")).to_contain_text("Its buttons are missing")
    assert 0 == shown.get_by_role("button").count()


def test_a_flow_that_failed_says_why(page: "Page", relay: Running) -> None:
    with relay.client() as client:
        client.post(exports(client)["WORKFLOWS_URL"], json={"text": "Hello"}).raise_for_status()
    page.get_by_text("loops over attachments").wait_for()


def test_elements_panes_and_switches_are_drawn_and_nothing_of_them_is_markup(page: "Page", relay: Running) -> None:
    inside = {"type": "AdaptiveCard", "body": [{"type": "TextBlock", "text": "Shown inside"}]}
    card = by_workflow(
        page,
        relay,
        "Every element",
        msteams={"width": "full"},
        body=[
            {"type": "TextBlock", "text": HOSTILE, "wrap": True, "color": "good", "isSubtle": True},
            {"type": "TextBlock", "text": "1. one\n2. two", "wrap": True},
            {"type": "FactSet", "facts": [{"title": HOSTILE, "value": HOSTILE}]},
            {
                "type": "Container",
                "style": "emphasis",
                "separator": True,
                "items": [{"type": "Odd", "fallback": "drop"}],
            },
            {
                "type": "ColumnSet",
                "columns": [
                    {
                        "type": "Column",
                        "width": "auto",
                        "items": [{"type": "Image", "altText": "A dot", "url": "data:x"}],
                    },
                    {
                        "type": "Column",
                        "items": [{"type": "Odd", "fallback": {"type": "TextBlock", "text": "Instead"}}],
                    },
                ],
            },
            {"type": "ImageSet", "images": [{"type": "Image", "url": "https://a.example/a.png"}]},
            {"type": "TextBlock", "id": "more", "text": "Hidden first", "isVisible": False},
            {"type": "Input.Date", "id": "day"},
            {"type": "Odd"},
            {"type": "TextBlock", "text": "{{DATE(2026-01-31T12:00:00Z, SHORT)}} {{TIME(nonsense)}}"},
        ],
        actions=[
            {"type": "Action.ShowCard", "title": "Open", "card": inside},
            {"type": "Action.ToggleVisibility", "title": "More", "targetElements": ["more"]},
            {"type": "Action.OpenUrl", "title": "Look", "url": "https://b.example/"},
            {"type": "Action.OpenUrl", "title": "Evil", "url": "javascript:alert(1)"},
            {
                "type": "Action.Odd",
                "title": "Odd",
                "fallback": {"type": "Action.OpenUrl", "title": "Even", "url": "https://b.example/"},
            },
        ],
    )
    card.wait_for()
    assert {"https://b.example/"} == {each.get_attribute("href") for each in card.get_by_role("link").all()}
    assert 0 == card.locator("img, script").count()
    assert "<img src=x onerror=alert(1)> [a](javascript:alert(1)) b c d `e`" == card.locator(".ink-good").inner_text()
    assert ["one", "two"] == card.locator("ol li").all_inner_texts()
    card.get_by_text("Instead").wait_for()
    assert ["A dot", "A picture, which this page does not load"] == card.locator(".picture").all_inner_texts()
    card.get_by_text("Jan 31, 2026").wait_for()
    card.get_by_role("button", name="Open").click()
    card.get_by_text("Shown inside").wait_for()
    card.get_by_role("button", name="More").click()
    card.get_by_text("Hidden first").wait_for()
    assert 1 == card.get_by_role("link", name="Even").count()
    assert 2 == card.locator(".notes li").count(), "of the date and the odd element"
