"""The outside on the page: a GitHub that fails, what is owed to it, and cards that others post."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.dev.simulator.pages import POLICY, behave, dispatch, expect, message, press, request, send, told, webhook
from tests.dev.simulator.running import Running, running

if TYPE_CHECKING:
    from playwright.sync_api import Page

HOSTILE: Final = (
    "<img src=x onerror=alert(1)> [a](javascript:alert(1)) [b](https://b.example) \\*c\\* **d** \\<e> `<f>`"
)


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[Running]:
    """A relay for each test: after a limit, or behind what failed, it would wait."""
    with running(tmp_path, environ={"RELAY_POLICY": POLICY}) as started:
        yield started


@pytest.fixture
def healthy(relay: Running) -> Iterator[None]:
    yield
    with relay.client() as client:
        client.post("/simulator/switch", json={"mode": "healthy"}).raise_for_status()


@pytest.mark.usefixtures("healthy")
@pytest.mark.parametrize(
    ("mode", "line", "pill", "said", "owed"),
    [
        ("Slow", "GitHub has taken it", "204", "", ""),
        ("Answers 500", "has not taken it yet", "500", "Server Error", "waits"),
        ("Answers 502, has taken it", "has not taken it yet", "502", "", "waits"),
        ("Rate limited", "has not taken it yet", "429", "rate limit", "waits"),
        ("Secondary limit", "has not taken it yet", "403", "secondary rate limit", "waits"),
        ("Permission missing", "GitHub refused it", "403", "not accessible", "refused"),
        ("Repository missing", "GitHub refused it", "404", "Not Found", "refused"),
        ("Down", "has not taken it yet", "", "", "waits"),
    ],
)
def test_each_way_that_github_behaves_is_seen_in_dispatch_and_outbox(
    page: "Page", mode: str, line: str, pill: str, said: str, owed: str
) -> None:
    event = f"deploy-production-{mode[:4].strip().lower()}"
    card = send(page, f"While {mode}", Event_type=event)
    behave(page, mode)
    press(page, card, "Approve")
    told(card, line)
    if pill:
        expect(dispatch(page, event).locator(".pill").first).to_have_text(pill)
        expect(dispatch(page, event)).to_contain_text(said)
    debt = page.locator(".debt").filter(has_text=f"While {mode}")
    if owed:
        expect(debt.locator(".pill")).to_have_text(owed)
    expect(debt).to_have_count(int(bool(owed)))
    expect(debt.get_by_text("Next attempt")).to_be_visible(visible=owed == "waits")
    taken = dispatch(page, event).get_by_text("taken all the same")
    expect(taken).to_be_visible(visible=mode == "Answers 502, has taken it")


@pytest.mark.usefixtures("healthy")
def test_what_was_refused_is_sent_again_once_mended(page: "Page") -> None:
    card = send(page, "Mended", Event_type="deploy-production-mended")
    behave(page, "Permission missing")
    press(page, card, "Approve")
    debt = page.locator(".debt").filter(has_text="Mended")
    debt.get_by_text("Cure").wait_for()
    behave(page, "Healthy")
    debt.get_by_role("button", name="Send again: Mended").click()
    page.locator('.dispatch[data-status="204"]').filter(has_text="deploy-production-mended").wait_for()
    debt.wait_for(state="detached")
    request(page, "Mended").get_by_text("The new run proved who decided").wait_for()


def test_a_card_at_the_webhook_appears_and_what_it_holds_is_never_markup(page: "Page", relay: Running) -> None:
    choices = [{"display": "One", "value": "1"}, {"display": "Two", "value": "2"}]
    answer = {"@type": "HttpPOST", "name": "Answer", "target": "https://elsewhere.example/", "body": "{{many.value}}"}
    card = {
        "@type": "MessageCard",
        "@context": "https://schema.org/extensions",
        "title": "Hostile",
        "text": HOSTILE,
        "sections": [
            {
                "title": HOSTILE,
                "activityImage": "https://pixel.example/",
                "facts": [{"name": HOSTILE, "value": HOSTILE}],
            }
        ],
        "potentialAction": [
            {
                "@type": "ActionCard",
                "name": "Choose",
                "actions": [answer],
                "inputs": [
                    {
                        "@type": "MultichoiceInput",
                        "id": "many",
                        "title": "Many",
                        "isMultiSelect": True,
                        "isRequired": True,
                        "choices": choices,
                    },
                    {"@type": "MultichoiceInput", "id": "one", "title": "One", "choices": choices},
                    {"@type": "DateInput", "id": "day", "title": "Day"},
                ],
            },
        ],
    }
    with relay.client() as client:
        assert "1" == client.post(webhook(client), json=card).text
    shown = message(page, "Hostile")
    shown.get_by_text("Incoming webhook").wait_for()
    assert (
        "<img src=x onerror=alert(1)> [a](javascript:alert(1)) b *c* d <e> <f>"
        == shown.locator(".card > .text").inner_text()
    )
    assert {"https://b.example/"} == {each.get_attribute("href") for each in shown.get_by_role("link").all()}
    assert 0 == shown.locator("img, script").count()
    shown.get_by_role("button", name="Choose").click()
    shown.get_by_role("button", name="Answer").click()
    expect(page.locator(":focus"), "a required choice is asked for").to_have_attribute("value", "1")
    shown.get_by_label("Two").check()
    with page.expect_response("**/simulator/presses") as pressed:
        shown.get_by_role("button", name="Answer").click()
    assert '"many":"2"' in str(pressed.value.request.post_data)
    told(shown, "the simulator presses only the buttons of this relay")
