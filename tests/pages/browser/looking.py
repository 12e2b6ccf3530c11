"""The review page in Chromium: opening it, signing in, and what the relay knows of its request."""

import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import httpx

from tests.dev.simulator.pages import PATIENCE, expect
from tests.dev.simulator.running import Running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WIDE: Final = {"width": 1280, "height": 900}
PHONE: Final = {"width": 360, "height": 740}
EVIL: Final = "</textarea><script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"
FORM: Final[dict[str, Any]] = {
    "repository": "octo/shop",
    "event_type": "deploy-production",
    "environment": "production",
    "title": "Deploy shop 2.4.0",
    "text": "Fixes the rounding of totals.\nTakes two minutes.",
    "requested_by": "alan",
    "client_payload": {"version": "2.4.0", "lines": ["x"] * 40},
    "facts": [{"name": "Tests", "value": "1,204 passed"}],
    "links": [{"name": "Release notes", "url": "https://github.com/octo/shop/releases"}],
    "sections": [{"title": "Checks", "facts": [{"name": "Lint", "value": "passed"}]}],
    "confirm": "The shop is read-only meanwhile.",
    "approve_label": "Ship it",
}


def asked(relay: Running, **fields: Any) -> str:
    """Register a request and return the address of its review page; each test takes an event type of its own."""
    with relay.client() as client:
        reply = client.post("/api/requests", headers={"x-relay-key": api_key(client)}, json=FORM | fields)
        assert 201 == reply.status_code, reply.text
        return str(reply.json()["review_url"])


def api_key(client: httpx.Client) -> str:
    said = client.post("/simulator/command", json={"form": {"title": "T"}}).json()["environment"]
    return shlex.split(re.findall(r"RELAY_API_KEY=(\S+)", said)[0])[0]


def status(relay: Running, url: str) -> dict[str, Any]:
    with relay.client() as client:
        address = f"/api/requests/{url.rpartition('/')[2]}"
        return dict(client.get(address, headers={"x-relay-key": api_key(client)}).json())


def behave(relay: Running, mode: str) -> None:
    with relay.client() as client:
        assert 200 == client.post("/simulator/switch", json={"mode": mode}).status_code


@contextmanager
def opened(browser: "Browser", url: str, person: str = "", **options: Any) -> Iterator["Page"]:
    """Open an address, and sign in where a person is named; anything the browser complains about fails the test."""
    context = browser.new_context(**{"viewport": WIDE, **options})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    complaints = list[str]()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.goto(url)
    if person:
        sign_in(page, person)
    yield page
    context.close()
    assert [] == [each for each in complaints if "the server responded with a status of 4" not in each]


def sign_in(page: "Page", person: str) -> None:
    """Choose who to be, and wait for the relay's own page."""
    page.locator(f"button[value={person}]").click()
    page.locator("main:not(.sign-in)").wait_for()


def told(page: "Page", text: str) -> None:
    """Wait for the outcome that the page reports."""
    expect(page.locator(".told")).to_contain_text(text)
