"""Pictures of the simulator for the docs, as a newcomer sees it after a press."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, Literal

from tests.dev.simulator import ci_bot, pages
from tests.dev.simulator.running import running
from tests.support.own_process import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DOCS: Final = ROOT / "docs"
SAMPLE: Final = "Deploy shop 2.4.0 to production"
STAGED: Final = "Deploy payments 1.9.2"
SIZE: Final = {"width": 1440, "height": 900}
LOOKS: Final[dict[str, Any]] = {"viewport": SIZE, "device_scale_factor": 1.5, "locale": "en-GB"}
PAGE_SIZE: Final[Any] = {"width": 1240, "height": 860}
# A picture shows whole lines: no box of it has a scroll bar.
WHOLE: Final = """() => document.querySelectorAll('pre').forEach(each =>
    Object.assign(each.style, {whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', maxHeight: 'none'}))"""
# Of all boxes that scroll, the most pixels that one of them hides below.
HIDDEN: Final = """() => Math.max(0, ...[...document.querySelectorAll('*')]
    .filter(each => /auto|scroll/.test(getComputedStyle(each).overflowY) && each.checkVisibility())
    .map(each => each.scrollHeight - each.clientHeight))"""

# Of the CI bot's chat: the verdict in the thread, the announcement, and the message that can be pressed.
OF_THE_LAST: Final = """() => {
    const shown = [...document.querySelectorAll('.message')].filter(each => each.checkVisibility());
    const kept = [...shown.slice(0, 2), shown.find(each => each.querySelector('.actions'))];
    for (const each of shown) if (!kept.includes(each)) each.remove();
    for (const each of document.querySelectorAll('#workflow, #github')) each.style.display = 'none';
}"""


def pictures() -> Iterator[tuple[str, bytes]]:
    """Yield the name of each picture and its PNG. Each is of a new simulator."""
    with pages.started_browser() as browser:
        yield "simulator", _of(browser, "light")
        yield "simulator-dark", _of(browser, "dark")
        yield "simulator-places", _places(browser)
        yield "slack", _slack(browser)
        yield "review", _review(browser)
        yield "ci-bot", _ci_bot(browser)


@contextmanager
def _new(browser: "Browser", policy: str = "", **looks: str) -> Iterator["Page"]:
    """Yield the page of a new simulator."""
    with (
        TemporaryDirectory() as folder,
        running(Path(folder), environ={"RELAY_POLICY": policy}) as relay,
        pages.opened(browser, relay, **LOOKS, **looks) as page,
    ):
        yield page


def _of(browser: "Browser", scheme: Literal["light", "dark"]) -> bytes:
    with _new(browser, color_scheme=scheme) as page:
        pages.press(page, pages.message(page, SAMPLE, "bot"), "Approve", "Tested on staging")
        pages.request(page, SAMPLE).get_by_text("The new run proved who decided").wait_for()
        # The body of the dispatch is as long as everything else.
        page.locator(".dispatch details[open]").evaluate_all("all => all.forEach(each => { each.open = false })")
        _grow(page)
        return page.screenshot()


def _places(browser: "Browser") -> bytes:
    """Return the chat with one request in two places, and nothing of other requests."""
    with _new(browser) as page:
        _staged(page, "workflows", pages.BOT)
        page.locator(".message").evaluate_all("all => all.slice(2).forEach(each => each.remove())")
        _grow(page)
        return page.locator("#chat").screenshot()


def _ci_bot(browser: "Browser") -> bytes:
    """Return the chat of an owner when QA has passed."""
    with _new(browser, str(ci_bot.POLICY)) as page:
        ci_bot.finish(page, "Succeed", ci_bot.PREVIEW)
        ci_bot.ask(page)
        ci_bot.shop(page, ci_bot.PREVIEW)
        ci_bot.press(page, "mary", "Approve", "Tested on the preview")
        ci_bot.reads(page, "ada", "Mary: approve")
        page.locator(".message:visible").get_by_role("button", name="Deploy").wait_for()
        page.evaluate(OF_THE_LAST)
        _grow(page)
        return page.locator("#chat").screenshot()


def _slack(browser: "Browser") -> bytes:
    """Return a request in a channel of Slack: one person has approved, and the thread below tells of it."""
    with _new(browser) as page:
        _staged(page, "channel:slack-releases", host="slack")
        card = pages.message(page, STAGED, "slack")
        card.locator(".replies").get_by_text("Stage qa has passed").wait_for()
        page.get_by_role("radio", name="Slack", exact=True).check()
        _grow(page)
        return page.locator("#chat").screenshot()


def _grow(page: "Page") -> None:
    """Make the page as tall as its longest column, so that no edge of a picture cuts a line."""
    page.evaluate(WHOLE)
    page.evaluate("document.querySelectorAll('*').forEach(each => { each.scrollTop = 0 })")
    size = page.viewport_size
    assert size is not None
    for _ in range(3):  # a taller page may have more to show
        size["height"] += page.evaluate(HIDDEN)
        page.set_viewport_size(size)
    assert 0 == page.evaluate(HIDDEN)


def _review(browser: "Browser") -> bytes:
    """Return the review page of a request that quality assurance has passed, as one of its owners sees it."""
    with _new(browser) as page:
        _staged(page, "workflows", pages.BOT)
        link = pages.message(page, STAGED, "workflows").get_by_role("link", name="Review and decide")
        context = browser.new_context(viewport=PAGE_SIZE, locale="en-GB")
        review = context.new_page()
        review.goto(str(link.get_attribute("href")))
        review.get_by_role("button", name="Ada Lovelace").click()
        review.get_by_role("button", name="Approve", exact=True).wait_for()
        picture = review.screenshot(full_page=True)
        context.close()
        return picture


def _staged(page: "Page", *places: str, host: str = "bot") -> None:
    """Ask in places at once, let quality assurance approve, and be an owner again."""
    pages.choose(page, *places)
    page.get_by_label("Sample").select_option("payments")
    page.get_by_role("button", name="Send card").click()
    card = pages.message(page, STAGED, host)
    pages.press(page, card, "Approve", "Tested on staging", "grace")
    pages.shows(card, "2 more approvals")
    page.get_by_label("You are").select_option("ada")
    page.locator(".message[data-refreshing]").first.wait_for(state="detached")
