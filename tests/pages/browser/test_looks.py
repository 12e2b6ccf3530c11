"""How the review page looks: axe-core finds nothing, and nothing sticks out."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.dev.simulator.running import Running
from tests.pages.browser.looking import WIDE, asked, behave, opened, sign_in
from tests.support.left_out import leave_out

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SPEC: Final = find_spec("axe_playwright_python")
if SPEC is None or SPEC.origin is None:
    leave_out("axe-playwright-python, which brings axe-core, is missing: axe did not look at the review page")
AXE: Final = Path(str(SPEC.origin)).with_name("axe.min.js")
PHONE: Final = {"width": 360, "height": 740}


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


def test_nothing_is_wider_than_a_phone(browser: "Browser", relay: Running) -> None:
    wide = {"text": "x" * 400, "client_payload": {"k": "y" * 400}, "facts": [{"name": "n" * 90, "value": "v" * 300}]}
    url = asked(relay, event_type="deploy-production-" + "w" * 80, **wide)
    with opened(browser, url, "ada", viewport=PHONE) as page:
        assert 360 == page.evaluate("document.documentElement.scrollWidth")
