"""How the review page looks: axe-core finds nothing, and nothing sticks out."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.dev.simulator.running import Running
from tests.pages.browser.looking import PHONE, WIDE, asked, behave, opened, sign_in
from tests.support.axe import EACH_LOOK_AND_EVERY_TEXT, looked_at

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@EACH_LOOK_AND_EVERY_TEXT
@pytest.mark.parametrize(("size", "locale"), [(WIDE, "en-US"), (PHONE, "ko-KR")], ids=["wide", "phone"])
def test_axe_finds_nothing(browser: "Browser", relay: Running, size: dict[str, int], locale: str, whole: bool) -> None:
    # the page's own policy would keep axe out
    look: dict[str, Any] = {"viewport": size, "locale": locale, "bypass_csp": True}
    url, other = (
        asked(relay, event_type=f"deploy-production-axe-{mode}-{locale}", require_comment=True)
        for mode in ("failing", "forbidden")
    )
    payments = asked(relay, event_type="deploy-payments", environment="payments")
    with opened(browser, url, **look) as page:
        found = looked_at(page, whole=whole)
        sign_in(page, "ada")
        found += looked_at(page, whole=whole)
        page.locator("#comment").evaluate("each => { each.required = false }")
        page.locator("button.approve").click()
        page.locator("#comment-trouble").wait_for()
        found += looked_at(page, whole=whole)
        for mode, address in (("failing", url), ("forbidden", other)):
            page.goto(address)
            page.locator("#comment").fill("Tested")
            behave(relay, mode)
            page.locator("button.approve").click()
            page.locator(".told").wait_for()
            found += looked_at(page, whole=whole)
        behave(relay, "healthy")
        page.goto(f"{relay.origin}/api/review/{'a' * 32}")
        found += looked_at(page, whole=whole)
    for person in ("grace", "stranger", "outsider"):
        with opened(browser, payments, person, **look) as page:
            found += looked_at(page, whole=whole)
            if person == "grace":
                page.locator("button.approve").click()
                page.locator(".told").wait_for()
                found += looked_at(page, whole=whole)
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
