"""The review page in Chromium, under `relay dev`: what people do on it, what link scanners cannot, and axe-core."""

import re
import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from relay.core import tickets
from relay.core.model import ApprovalRequest
from relay.core.request import read_form
from tests.leaving_out import leave_out
from tests.simulator.pages import PATIENCE, POLICY, started_browser
from tests.simulator.running import Running, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SPEC: Final = find_spec("axe_playwright_python")
if SPEC is None or SPEC.origin is None:
    leave_out("axe-playwright-python, which brings axe-core, is missing: axe did not look at the review page")
AXE: Final = Path(str(SPEC.origin)).with_name("axe.min.js")
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


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("review"), environ={"RELAY_POLICY": POLICY}) as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with started_browser() as started:
        yield started


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


@pytest.fixture(autouse=True)
def healthy(relay: Running) -> Iterator[None]:
    yield
    behave(relay, "healthy")


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


def told(page: "Page") -> str:
    return page.locator(".told").inner_text()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_somebody_signs_in_approves_and_sees_what_it_came_to(browser: "Browser", relay: Running, script: bool) -> None:
    url = asked(relay, event_type=f"deploy-production-{script}")
    with opened(browser, url, "ada", java_script_enabled=script) as page:
        assert url == page.url
        page.get_by_label("Comment").fill("Tested\nwell")
        page.get_by_role("button", name="Ship it").click()
        assert url == page.url
        assert "Approved. GitHub has taken it." == told(page)
        page.reload()
        assert "Approved. GitHub has taken it." == told(page)
        page.go_back()
    assert ("approved", "Tested\nwell") == ((found := status(relay, url))["status"], found["reviews"][0]["comment"])


def test_everything_can_be_done_by_keyboard_and_the_outcome_gets_the_focus(browser: "Browser", relay: Running) -> None:
    url = asked(relay, event_type="deploy-production-keys")
    with opened(browser, url, "grace") as page:
        page.keyboard.press("Tab")
        assert "Skip to your decision" == page.evaluate("document.activeElement.textContent")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert "comment" == page.evaluate("document.activeElement.id")
        page.keyboard.type("By keys")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.locator(".told").wait_for()
        assert "Rejected. Nothing will be released." == page.evaluate("document.activeElement.textContent")


def test_an_offline_link_survives_signing_in_and_leaves_no_ticket_in_the_address(
    browser: "Browser", relay: Running
) -> None:
    request = offline(int(time.time()))
    text = tickets.sign(request, ticket_key(relay), relay.origin, self_contained=True)
    url = f"{relay.origin}/api/review/{request.id}"
    with opened(browser, f"{url}?ticket={text}") as page:
        assert "ticket=" not in page.url
        sign_in(page, "alan")
        assert url == page.url
        page.reload()
        page.get_by_role("button", name="Approve").click()
        assert "Approved. GitHub has taken it." == told(page)
        assert [] == [each for each in page.context.cookies() if each["name"].startswith("__Host-relay-ticket")]


def offline(now: int) -> ApprovalRequest:
    form = {"repository": "octo/shop", "event_type": "deploy-staging", "environment": "staging", "title": "Offline"}
    return read_form(form, issued_at=now, nonce="n" * 22, lifetime=3_600)


def ticket_key(relay: Running) -> tickets.TicketKey:
    return tickets.parse_key((relay.folder / ".relay" / "simulator" / "ticket-key").read_text())


@pytest.mark.parametrize("signed_in", [False, True], ids=["signed out", "signed in"])
def test_a_scanner_with_script_that_opens_every_link_changes_nothing(
    browser: "Browser", relay: Running, *, signed_in: bool
) -> None:
    url = asked(relay, event_type="deploy-production-scan")
    before = status(relay, url)
    with opened(browser, url, "ada" if signed_in else "") as page:
        for link in page.locator("a").evaluate_all("all => all.map(each => each.href)"):
            if link.startswith(relay.origin) and "logout" not in link:
                page.goto(link)
        page.goto(f"{url}?decision=approve&comment=x&token=x")
        page.goto(url)
        page.evaluate("window.dispatchEvent(new Event('load'))")
    assert before == status(relay, url)
    assert "pending" == before["status"]


@contextmanager
def evil_site(url: str, fields: dict[str, str], *, referrer: str) -> Iterator[str]:
    """Serve another site's page, on another port, that sends the relay's form at once."""
    inputs = "".join(f'<input name="{name}" value="{escape(value)}">' for name, value in fields.items())
    body = f'<form method="post" action="{url}">{inputs}<button>Win</button></form>'

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Referrer-Policy", referrer)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Keep the tests' output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("referrer", ["unsafe-url", "no-referrer"])
def test_another_sites_form_decides_nothing_even_with_a_token_of_the_person(
    browser: "Browser", relay: Running, referrer: str
) -> None:
    url = asked(relay, event_type="deploy-production-csrf")
    with opened(browser, url, "ada") as page:
        token = page.locator("input[name=token]").get_attribute("value") or ""
        fields = {"token": token, "decision": "approve", "comment": ""}
        with evil_site(url, fields, referrer=referrer) as site:
            page.goto(site)
            page.get_by_role("button", name="Win").click()
            page.get_by_text("Not taken: this came from another page").wait_for()
    assert "pending" == status(relay, url)["status"]


def test_no_other_site_can_frame_the_page(browser: "Browser", relay: Running) -> None:
    url = asked(relay, event_type="deploy-production-frame")
    context = browser.new_context()
    page = context.new_page()
    page.goto(url)
    sign_in(page, "ada")
    page.goto("about:blank")
    page.set_content(f'<iframe src="{url}"></iframe>')
    page.wait_for_timeout(300)
    frame = page.frames[1]
    assert "What an approval releases" not in frame.content()
    context.close()


def test_nothing_of_the_sender_runs(browser: "Browser", relay: Running) -> None:
    links = [{"name": EVIL[:100], "url": "https://a.example/"}]
    facts = [{"name": EVIL[:100], "value": EVIL}]
    fields = {"title": EVIL, "text": EVIL, "facts": facts, "links": links, "confirm": EVIL}
    labels = {"approve_label": EVIL[:40], "reject_label": EVIL[-40:], "client_payload": {EVIL: EVIL}}
    url = asked(relay, event_type="deploy-production-evil", **fields, **labels)
    with opened(browser, url, "ada") as page:
        page.get_by_label("Comment").fill(EVIL)
        page.locator("button.reject").click()
        assert "octo/shop production" in page.title()
        assert EVIL in page.locator("blockquote").inner_text()
        assert 0 == page.locator("script, img, iframe").count()


def test_while_github_is_down_the_page_looks_again_by_itself_until_it_is_up(browser: "Browser", relay: Running) -> None:
    url = asked(relay, event_type="deploy-production-down")
    with opened(browser, url, "ada", java_script_enabled=False) as page:
        behave(relay, "failing")
        page.get_by_role("button", name="Ship it").click()
        assert "GitHub has not taken it yet (it answers with error 500)" in told(page)
        behave(relay, "healthy")
        page.get_by_text("Approved. GitHub has taken it.").wait_for(timeout=60_000)
        assert url in page.url


def looked_at(page: "Page") -> list[str]:
    """Return what axe-core finds, with its best practices."""
    page.evaluate(AXE.read_text("utf-8"))
    found: dict[str, Any] = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{page.url} {each['id']}: {node['target']} {node.get('failureSummary', '')}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("size", "locale"), [(WIDE, "en-US"), (PHONE, "ko-KR")], ids=["wide", "phone"])
def test_axe_finds_nothing(browser: "Browser", relay: Running, size: dict[str, int], locale: str, scheme: str) -> None:
    # the page's own policy would keep axe out
    look: dict[str, Any] = {"viewport": size, "locale": locale, "color_scheme": scheme, "bypass_csp": True}
    event = f"deploy-production-axe-{scheme}-{locale}"
    url = asked(relay, event_type=event, require_comment=True)
    payments = asked(relay, event_type="deploy-payments", environment="payments")
    with opened(browser, url, **look) as page:
        found = looked_at(page)
        sign_in(page, "ada")
        found += looked_at(page)
        page.locator("#comment").evaluate("each => { each.required = false }")
        page.locator("button.approve").click()
        page.locator("#comment-trouble").wait_for()
        found += looked_at(page)
        page.locator("#comment").fill("Tested")
        behave(relay, "forbidden" if scheme == "dark" else "failing")
        page.locator("button.approve").click()
        page.locator(".told").wait_for()
        found += looked_at(page)
        behave(relay, "healthy")
        page.goto(f"{relay.origin}/api/review/{'a' * 32}")
        found += looked_at(page)
    for person in ("grace", "stranger", "outsider"):
        with opened(browser, payments, person, **look) as page:
            found += looked_at(page)
            if person == "grace":
                page.locator("button.approve").click()
                page.locator(".told").wait_for()
                found += looked_at(page)
    assert [] == found


@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_nothing_sticks_out_at_320_pixels(browser: "Browser", relay: Running, locale: str) -> None:
    labels = {"approve_label": "w" * 40, "reject_label": "넓" * 40}
    url = asked(relay, event_type=f"deploy-production-narrow-{locale}", **labels)
    narrow = {"width": 320, "height": 640}
    with opened(browser, url, "ada", viewport=narrow, locale=locale, bypass_csp=True) as page:
        for style in ("* {}", "* { letter-spacing: .12em !important; word-spacing: .16em !important }"):
            page.add_style_tag(content=style)
            assert 320 == page.evaluate("document.documentElement.scrollWidth")
            assert [] == page.evaluate(
                "[...document.querySelectorAll('.card *')]"
                ".filter(each => right(each) > right(each.closest('.card'))).map(each => each.textContent);"
                "function right(each) { return each.getBoundingClientRect().right }"
            )


def test_a_button_is_called_by_what_it_does_first(browser: "Browser", relay: Running) -> None:
    url = asked(relay, event_type="deploy-production-labels", approve_label="Reject", reject_label="Approve")
    with opened(browser, url, "ada") as page:
        assert ["approve", "reject"] == [
            page.get_by_role("button", name=name, exact=True).get_attribute("value")
            for name in ("Approve Reject", "Reject Approve")
        ]


def test_nothing_is_wider_than_a_phone(browser: "Browser", relay: Running) -> None:
    wide = {"text": "x" * 400, "client_payload": {"k": "y" * 400}, "facts": [{"name": "n" * 90, "value": "v" * 300}]}
    url = asked(relay, event_type="deploy-production-" + "w" * 80, **wide)
    with opened(browser, url, "ada", viewport=PHONE) as page:
        assert 360 == page.evaluate("document.documentElement.scrollWidth")
