"""axe-core finds nothing on the page, in either scheme, wide and on a phone, with all that the page can show on it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import pytest

from tests.dev.simulator.here import exports
from tests.dev.simulator.pages import POLICY, behave, message, opened, press, send, shows, told, webhook
from tests.dev.simulator.running import Running, running
from tests.support.axe import EACH_LOOK_AND_EVERY_TEXT, looked_at

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WIDE: Final = {"width": 1440, "height": 900}
PHONE: Final = {"width": 360, "height": 740}
CHOICES: Final = [{"display": "One", "value": "1"}, {"display": "Two", "value": "2"}]
CARD: Final = {
    "@type": "MessageCard",
    "@context": "https://schema.org/extensions",
    "title": "Every kind of input",
    "text": "A [link](https://a.example), `code`, **bold** and *slanted*.\n\n- one\n- two",
    "sections": [
        {
            "startGroup": True,
            "title": "**A section**",
            "activityTitle": "An activity",
            "activitySubtitle": "of late",
            "activityImage": "https://a.example/a.png",
            "facts": [{"name": "A", "value": "B"}],
        }
    ],
    "potentialAction": [
        {
            "@type": "ActionCard",
            "name": "Choose",
            "inputs": [
                {"@type": "MultichoiceInput", "id": "a", "title": "Many", "isMultiSelect": True, "choices": CHOICES},
                {"@type": "MultichoiceInput", "id": "b", "title": "One", "choices": CHOICES},
                {"@type": "DateInput", "id": "c", "title": "Day"},
                {"@type": "TextInput", "id": "d", "title": "Text"},
            ],
            "actions": [{"@type": "HttpPOST", "name": "Answer", "target": "https://a.example/"}],
        },
        {"@type": "OpenUri", "name": "Look", "targets": [{"os": "default", "uri": "https://a.example/"}]},
    ],
}

EVERYWHERE: Final = ("outlook", "mail", "workflows", "channel:releases", "channel:releases-classic")
ADAPTIVE: Final = {
    "type": "AdaptiveCard",
    "version": "1.4",
    "body": [
        {"type": "TextBlock", "text": "Every colour", "size": "large"},
        *(
            {"type": "TextBlock", "text": f"{color} [link](https://a.example)", "color": color, "separator": True}
            for color in ("dark", "light", "accent", "good", "warning", "attention")
        ),
        *(
            {"type": "Container", "style": style, "items": [{"type": "TextBlock", "text": style, "isSubtle": True}]}
            for style in ("emphasis", "good", "warning", "attention", "accent")
        ),
        {"type": "Input.Text", "id": "a", "placeholder": "What you think"},
        {"type": "Input.Text", "id": "b", "label": "And you", "isRequired": True},
    ],
    "actions": [
        {"type": "Action.Execute", "title": "Reject", "style": "destructive"},
        {"type": "Action.OpenUrl", "title": "Open", "url": "https://a.example/", "style": "positive"},
        {"type": "Action.ShowCard", "title": "More", "card": {"body": [{"type": "TextBlock", "text": "Inside"}]}},
    ],
}
ENVELOPE: Final = {
    "type": "message",
    "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": ADAPTIVE}],
}


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory, browser: "Browser") -> Iterator[Running]:
    """Bring about what can be seen: cards that wait, were refused and released; debts that wait and were refused."""
    with running(tmp_path_factory.mktemp("axe"), environ={"RELAY_POLICY": POLICY}) as started:
        with opened(browser, started, viewport=WIDE) as page:
            card = message(page, "Deploy shop 2.4.0 to production")
            press(page, card, "Approve", "Tested")
            shows(card, "Ada Lovelace approved")
            page.get_by_text("The new run proved who decided").wait_for()
            for mode in ("Permission missing", "Answers 500"):
                behave(page, mode)
                card = send(page, f"While {mode}", Event_type=f"deploy-production-{mode[:2].lower()}")
                press(page, card, "Approve")
                told(card, "Approved.")
            send(page, "By the bot", "payments", EVERYWHERE)
            press(page, message(page, "By the bot", "bot"), "Approve", person="grace")
            shows(message(page, "By the bot", "bot"), "Grace Hopper")
            card = send(page, "Two stages", "payments")
            press(page, card, "Approve", "Tested", person="grace")
            told(card, "has passed")
            press(page, card, "Approve", person="stranger")
            told(card, "You are not an approver")
        with started.client() as client:
            client.post(webhook(client), json=CARD).raise_for_status()
            for body in (ENVELOPE, {"text": "no card"}):
                client.post(exports(client)["WORKFLOWS_URL"], json=body).raise_for_status()
        yield started


def open_everything(page: "Page") -> None:
    """Open what can be opened, and bring about what can be wrong in the form."""
    page.locator("#field-sha").evaluate("each => { each.value = 'no sha' }")
    page.locator("#send").evaluate("each => each.click()")
    page.locator("#field-sha-error", has_text="Must be").wait_for(state="attached")
    page.locator("#field-client_payload").evaluate(
        "each => { each.value = '{'; each.dispatchEvent(new Event('input', { bubbles: true })) }"
    )
    page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true })")
    page.locator(".card [aria-expanded=false]").evaluate_all("all => all.forEach(each => each.click())")
    page.locator("#command-trouble", has_text="marked field").wait_for(state="attached")


@EACH_LOOK_AND_EVERY_TEXT
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing(browser: "Browser", relay: Running, size: dict[str, int], whole: bool) -> None:
    with opened(browser, relay, viewport=size, reduced_motion="reduce") as page:
        page.locator(".debt").nth(1).wait_for(state="attached")
        page.locator("#command", has_text="relay send").wait_for(state="attached")
        open_everything(page)
        found = looked_at(page, whole=whole)
        tabs = page.get_by_role("navigation", name="Columns").get_by_role("button", pressed=False)
        for name in tabs.all_inner_texts() if size == PHONE else []:
            page.get_by_role("button", name=name.split()[0], pressed=False).click()
            found += looked_at(page, whole=whole)
        page.get_by_role("button", name="Policy").click()
        page.get_by_text("no errors").wait_for()
        text = page.get_by_label("The policy, as TOML")
        text.fill(text.input_value() + "\n[[rule]]\nrequired = 'two'\n")
        page.locator(".problem").first.wait_for()
        found += looked_at(page, whole=whole)
    assert [] == found


WHOLE: Final = "() => axe.run(document, { runOnly: ['color-contrast'], resultTypes: ['violations'] })"


def test_of_many_texts_the_one_that_is_hard_to_read_is_found(browser: "Browser", relay: Running) -> None:
    with opened(browser, relay, viewport=PHONE, reduced_motion="reduce") as page:
        page.locator(".debt").nth(1).wait_for(state="attached")
        page.get_by_role("button", name="GitHub", pressed=False).click()
        open_everything(page)
        page.evaluate("document.body.replaceWith(document.body.cloneNode(true))")  # news would draw the text anew
        texts = page.locator(".json .string:visible")
        assert texts.count() > 50
        texts.nth(40).evaluate("each => { each.style.color = '#888'; each.style.background = '#999' }")
        found = [each.partition(" Fix ")[0] for each in looked_at(page)]
        ((hard,),) = (each["nodes"] for each in page.evaluate(WHOLE)["violations"])
        expected = [f"{page.url} {scheme} color-contrast: {hard['target']}" for scheme in ("light", "dark")]
    assert expected == found
