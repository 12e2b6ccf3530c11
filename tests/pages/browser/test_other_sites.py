"""What link scanners, other sites and senders cannot do with the review page."""

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from tests.dev.simulator.running import Running
from tests.pages.browser.looking import EVIL, asked, opened, sign_in, status

if TYPE_CHECKING:
    from playwright.sync_api import Browser


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
def evil_site(body: str, *, referrer: str = "unsafe-url") -> Iterator[str]:
    """Serve a page of another site; on another port, so that the browser sends it the cookies of the relay's."""

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
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
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
        inputs = "".join(f'<input name="{name}" value="{escape(value)}">' for name, value in fields.items())
        form = f'<form method="post" action="{url}">{inputs}<button>Win</button></form>'
        with evil_site(form, referrer=referrer) as site:
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
    assert "What an approval releases" in page.content()
    with evil_site(f'<iframe src="{url}"></iframe>') as site:
        page.goto(site)  # until the frame has what it gets
        assert "What an approval releases" not in page.frames[1].content()
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
        page.locator("blockquote").wait_for()
        assert "octo/shop production" in page.title()
        assert EVIL in page.locator("blockquote").inner_text()
        assert 0 == page.locator("script, img, iframe").count()
