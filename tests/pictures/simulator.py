"""Pictures of the simulator for the docs, as a newcomer sees it after a press."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, Literal

from tests.dev.simulator import pages
from tests.dev.simulator.running import ROOT, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DOCS: Final = ROOT / "docs"
SAMPLE: Final = "Deploy shop 2.4.0 to production"
STAGED: Final = "Deploy payments 1.9.2"
WIDE: Final = {"width": 1440, "height": 900}
TALL: Final = {"width": 1440, "height": 1330}


def pictures() -> Iterator[tuple[str, bytes]]:
    """Yield the name of each picture and its PNG. Each is of a new simulator."""
    with pages.started_browser() as browser:
        yield "simulator", _of(browser, "light")
        yield "simulator-dark", _of(browser, "dark")
        yield "simulator-places", _of(browser, "light", staged=True)


def _of(browser: "Browser", scheme: Literal["light", "dark"], *, staged: bool = False) -> bytes:
    with TemporaryDirectory() as folder, running(Path(folder)) as relay:
        size = TALL if staged else WIDE
        looks = {"viewport": size, "device_scale_factor": 1.5, "color_scheme": scheme, "locale": "en-GB"}
        with pages.opened(browser, relay, **looks) as page:
            pages.press(page, pages.message(page, SAMPLE, "bot"), "Approve", "Tested on staging")
            pages.request(page, SAMPLE).get_by_text("The new run proved who decided").wait_for()
            if staged:
                _staged(page)
            page.evaluate("document.querySelectorAll('*').forEach(each => { each.scrollTop = 0 })")
            return page.screenshot()


def _staged(page: "Page") -> None:
    """Ask in two places at once, let quality assurance approve, and be an owner again."""
    pages.choose(page, "workflows", pages.BOT)
    page.get_by_label("Sample").select_option("payments")
    page.get_by_role("button", name="Send card").click()
    card = pages.message(page, STAGED, "bot")
    pages.press(page, card, "Approve", "Tested on staging", "grace")
    pages.shows(card, "2 more approvals")
    page.get_by_label("You are").select_option("ada")
    page.locator(".message[data-refreshing]").first.wait_for(state="detached")
