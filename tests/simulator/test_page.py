"""The page in headless Chromium, with the relay behind it; every person here presses with mouse and keyboard."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.leaving_out import leave_out
from tests.simulator.running import Running, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

CHROMIUM: Final = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
if CHROMIUM is None:
    leave_out("Chromium is missing: the tests of the simulator's page were left out")
API: Final = pytest.importorskip("playwright.sync_api", reason="Playwright is missing: the page's tests were left out")
# without the background flags it looks for hosts of its maker at every start
FLAGS: Final = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
PATIENCE: Final = 10_000  # milliseconds
PAID: Final = 60_000  # after an ambiguous answer the relay waits over ten seconds


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    with API.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def relay(tmp_path: Path, browser: "Browser") -> Iterator[Running]:
    with running(tmp_path) as started:
        yield started


@pytest.fixture
def page(browser: "Browser", relay: Running) -> Iterator["Page"]:
    """Open the printed address; what the browser complains about fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    complaints = list[str]()
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    opened.goto(f"{relay.origin}/#{relay.token}")
    yield opened
    context.close()
    assert [] == complaints


def press(page: "Page", label: str, comment: str = "", person: str = "ada") -> None:
    """Press on the newest card, the way through its pane."""
    card = page.locator(".message").first
    page.get_by_label("Pressing as").select_option(person)
    card.get_by_role("button", name=label, exact=True).first.click()
    pane = card.locator(".inputs:visible")
    pane.get_by_label("Comment (optional)").fill(comment)
    pane.get_by_role("button", name=label, exact=True).click()


def wait_for_line(page: "Page", text: str) -> None:
    page.locator(".message").first.locator(".line .said", has_text=text).wait_for()


def test_an_approval_is_pressed_told_drawn_and_dispatched(page: "Page") -> None:
    card = page.locator(".message").first
    card.get_by_role("heading", name="Deploy shop 2.4.0 to production").wait_for()
    assert "" == page.evaluate("location.hash"), "the token stays out of the history"
    press(page, "Approve", 'Looks "good" to me')
    wait_for_line(page, "Approved. GitHub has taken it.")
    assert "200 released" in card.locator(".line").inner_text()
    assert "Ada Lovelace" in card.locator("dt", has_text="Approved by").locator("+ dd").inner_text()
    assert 'Looks "good" to me' in card.inner_text()
    assert 0 == card.get_by_role("button").count(), "a decided card has no live button"
    dispatch = page.locator(".dispatch").first
    assert "204" == dispatch.locator(".status").inner_text()
    shown = json.loads(dispatch.locator("details.payload pre").inner_text())
    assert "approved" == shown["approval"]["decision"]
    assert "authorization" not in dispatch.inner_text()
    page.locator('.standing[data-dispatch="delivered"]').wait_for()


def test_while_github_fails_the_debt_stays_and_once_healed_it_is_paid(page: "Page") -> None:
    page.get_by_label("Answers 500").check()
    press(page, "Approve")
    wait_for_line(page, "GitHub has not taken it yet")
    page.locator('.standing[data-dispatch="owed"]').wait_for()
    assert "500" == page.locator(".dispatch").first.locator(".status").inner_text()
    page.get_by_label("Healthy").check()
    page.locator('.standing[data-dispatch="delivered"]').wait_for(timeout=PAID)
    page.locator('.dispatch[data-status="204"]').wait_for()
    assert 1 == page.locator('.dispatch[data-status="204"]').count()


def test_a_refused_press_is_told_and_leaves_card_and_typing(page: "Page") -> None:
    press(page, "Reject", "I would not", person="stranger")
    wait_for_line(page, "You are not an approver")
    assert "bad" in (page.locator(".line").first.get_attribute("class") or "")
    assert "I would not" == page.locator(".inputs:visible textarea").input_value()
    assert page.get_by_text("No dispatch yet").is_visible()


def test_a_new_request_is_a_new_card_and_two_stages_are_followed(page: "Page") -> None:
    page.locator(".message").first.wait_for()
    page.get_by_label("New request").select_option("payments")
    page.get_by_role("button", name="Send card").click()
    page.get_by_role("heading", name="Deploy payments 1.9.2").wait_for()
    assert 2 == page.locator(".message").count()
    press(page, "Approve", person="grace")
    wait_for_line(page, "Counted.")
    press(page, "Reject", person="ada")
    wait_for_line(page, "Rejected.")
    page.locator(".dispatch", has_text="payments-rejected").wait_for()


def test_the_keyboard_is_enough(page: "Page") -> None:
    approve = page.get_by_role("button", name="Approve", exact=True).first
    approve.focus()
    page.keyboard.press("Enter")
    assert "true" == approve.get_attribute("aria-expanded")
    page.keyboard.type("typed")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    wait_for_line(page, "Approved. GitHub has taken it.")
    assert "line good" == page.evaluate("document.activeElement.className"), "the focus goes where the answer is"


def test_what_a_card_holds_is_never_markup(page: "Page", relay: Running) -> None:
    hostile = "<img src=x onerror=alert(1)> [a](javascript:alert(1)) [b](https://b.example) \\*c\\* **d** \\<e> `<f>`"
    card = {
        "title": hostile,
        "text": hostile,
        "themeColor": "red;background:url(//x)",
        "sections": [{"title": hostile, "facts": [{"name": hostile, "value": hostile}]}],
        "potentialAction": [
            {"@type": "OpenUri", "name": "z", "targets": [{"os": "default", "uri": "javascript:alert(1)"}]}
        ],
    }
    page.locator(".message").first.wait_for()

    def fulfill(route: "Route") -> None:
        with relay.client() as client:
            state = client.get("/simulator/state").json()
        state["cards"][0] |= {"card": card, "revision": 9}
        route.fulfill(json=state)

    page.route("**/simulator/state", fulfill)
    text = page.locator(".card > .text")
    text.locator("strong", has_text="d").wait_for()
    assert "<img src=x onerror=alert(1)> [a](javascript:alert(1)) b *c* d <e> <f>" == text.inner_text()
    assert ["https://b.example/"] * 4 == [each.get_attribute("href") for each in page.locator(".card a").all()], (
        "no address but of the web"
    )
    assert 0 == page.locator(".card img, .card script").count()
    page.unroute("**/simulator/state")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_it_without_scrolling_sideways(page: "Page", scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": 390, "height": 844})
    press(page, "Approve")
    wait_for_line(page, "Approved.")
    page.locator(".dispatch").first.wait_for()
    assert 390 == page.evaluate("document.documentElement.scrollWidth")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ("rgb(15, 18, 22)" if scheme == "dark" else "rgb(243, 244, 246)") == background


def test_without_the_runs_token_the_page_says_which_address_to_open(browser: "Browser", relay: Running) -> None:
    context = browser.new_context()
    opened = context.new_page()
    opened.goto(relay.origin)
    opened.get_by_role("alert").filter(has_text="Open the address that `relay dev` printed").wait_for(timeout=PATIENCE)
    assert 0 == opened.locator(".message").count()
    context.close()
