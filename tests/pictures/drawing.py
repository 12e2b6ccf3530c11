"""Cards drawn by Microsoft's own renderer in Chromium, without any network."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.pictures.cards import drawn

if TYPE_CHECKING:
    from playwright.sync_api import Page

HERE: Final = Path(__file__).parent
PICTURES: Final = HERE.parent.parent / "docs" / "cards"
SCRIPTS: Final = [
    HERE.parent / "node" / "node_modules" / name / "dist" / f"{name}.min.js"
    for name in ("adaptivecards", "markdown-it")
]
HOSTS: Final[Mapping[str, Any]] = json.loads((HERE / "hosts.json").read_text("utf-8"))
CHROMIUM: Final = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def easel() -> Iterator["Page"]:
    """Yield a page that has the renderer and reaches no network."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - whoever has no browser can still look at the cards

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(
            offline=True, locale="en-GB", timezone_id="Europe/London", device_scale_factor=1.5
        )
        page = context.new_page()
        page.set_content((HERE / "page.html").read_text("utf-8"))
        for script in SCRIPTS:
            page.add_script_tag(path=script)
        yield page
        browser.close()


def draw(page: "Page", host: str, card: Mapping[str, Any]) -> list[str]:
    """Draw a card as its host would, and return the renderer's complaints."""
    script = (HERE / "draw.js").read_text("utf-8")
    events: list[str] = page.evaluate(script, {"card": card, "host": HOSTS[host]})
    return events


def pictures() -> Iterator[tuple[str, bytes]]:
    """Yield the name of each picture, and its PNG."""
    with easel() as page:
        for name, (host, card) in drawn().items():
            events = draw(page, host, card)
            assert events == [], f"{name}: {events}"
            yield name, page.locator("body").screenshot()
