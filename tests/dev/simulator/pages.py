"""The simulator's page in headless Chromium: what its tests do on it with mouse and keyboard."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from tests.dev.simulator.running import Running
from tests.support.left_out import leave_out
from tests.support.own_process import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

CHROMIUM: Final = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
if CHROMIUM is None:
    leave_out("Chromium is missing: the tests of the simulator's page were left out")
API: Final = pytest.importorskip("playwright.sync_api", reason="Playwright is missing: the page's tests were left out")
# The popups of the address bar are pages, and cost most of the work of each new window. Of several lists of features
# the browser takes the last, so Playwright's own is here too.
WITHOUT: Final = (
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup"),
    *("AimEnabled", "AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync"),
    *("DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades", "LensOverlay"),
    *("MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints", "PaintHolding", "PreconnectToSearch"),
    "ThirdPartyStoragePartitioning",
)
# without the background flags it looks for hosts of its maker at every start
FLAGS: Final = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", f"--disable-features={','.join(WITHOUT)}"),
]
PATIENCE: Final = 60_000  # milliseconds: a busy machine is no fault of the page
expect: Final = API.expect  # waits: the page changes after an action, not with it
expect.set_options(timeout=PATIENCE)
OUTLOOK: Final = "outlook"
BOT: Final = "channel:releases"
REFUSED: Final = "status of 400"  # the browser's own line for each refusal, which the page shows
# every test gets an event type of its own: dispatches of one are paid in turn, and one that waits holds up the others
POLICY: Final = (
    (ROOT / "relay/dev/simulator/policy.toml")
    .read_text("utf-8")
    .replace('["deploy-production"]', '["deploy-production*"]')
)


@contextmanager
def started_browser() -> Iterator["Browser"]:
    """Yield a browser of this machine."""
    with API.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@contextmanager
def opened(browser: "Browser", relay: Running, *expected: str, **options: Any) -> Iterator["Page"]:
    """Open the printed address; what the browser complains about fails the test, unless it holds what is `expected`."""
    context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    complaints = list[str]()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(f"{relay.origin}/#{relay.token}")
    yield page
    context.close()
    known = (REFUSED, *expected)
    assert [] == [each for each in complaints if not any(part in each for part in known)]


def field(page: "Page", label: str) -> "Locator":
    """Return a field of the form, with whatever hides it opened."""
    found = page.locator("#ask").get_by_label(label, exact=True)
    page.locator("#ask details").evaluate_all("all => all.forEach(each => { each.open = true })")
    return found


def send(
    page: "Page", title: str, sample: str = "production", places: tuple[str, ...] = (OUTLOOK,), **fields: str
) -> "Locator":
    """Send a card from the form; `fields` are by label, with _ for a blank. Return its message, the newest."""
    choose(page, *places)
    page.get_by_label("Sample").select_option(sample)
    field(page, "Title").fill(title)
    for label, value in fields.items():
        field(page, label.replace("_", " ")).fill(value)
    page.get_by_role("button", name="Send card").click()
    return message(page, title)


def choose(page: "Page", *places: str) -> None:
    """Choose where the card goes."""
    boxes = page.get_by_role("group", name="Where the card goes").get_by_role("checkbox")
    boxes.first.wait_for()
    for box in boxes.all():
        box.set_checked(box.get_attribute("value") in places)


def message(page: "Page", title: str, host: str = "") -> "Locator":
    """Return the message of a card, once it is there; of several the newest, in the chat `host` if one is named."""
    where = f'[data-host="{host}"]' if host else ""
    found = page.locator(f".message{where}").filter(has=page.get_by_role("heading", name=title, exact=True)).first
    found.wait_for()
    return found


def press(page: "Page", card: "Locator", label: str, comment: str = "", person: str = "ada") -> None:
    """Press on a card, the way through its pane where it has one."""
    page.get_by_label("You are").select_option(person)
    page.locator(".message[data-refreshing]").first.wait_for(state="detached")
    buttons, typing = card.get_by_role("button", name=label, exact=True), card.get_by_role("textbox")
    if "false" == buttons.first.get_attribute("aria-expanded"):
        buttons.first.click()
    typing.fill(comment)
    buttons.last.click()


def behave(page: "Page", mode: str) -> None:
    """Switch how GitHub behaves, and wait until it does."""
    choice = page.get_by_role("radio", name=mode, exact=True)
    with page.expect_response("**/simulator/switch"):
        choice.click()
    expect(choice).to_be_checked()  # news of before the answer draws the old choice once more


def runs_end(page: "Page", end: str) -> None:
    """Choose how the next runs end."""
    choice = page.get_by_role("radio", name=end, exact=True)
    if not choice.is_checked():
        with page.expect_response("**/simulator/runs"):
            choice.click()
        expect(choice).to_be_checked()  # news of before the answer draws the old choice once more


def told(card: "Locator", text: str) -> None:
    """Wait for the status line of a card."""
    card.locator(".line .said", has_text=text).wait_for()


def shows(card: "Locator", text: str) -> None:
    """Wait until a card itself says this."""
    card.locator(".card").get_by_text(text).first.wait_for()


def request(page: "Page", title: str) -> "Locator":
    """Return what the first column says of a request."""
    return page.locator(".request").filter(has=page.get_by_role("heading", name=title, exact=True))


def dispatch(page: "Page", event_type: str) -> "Locator":
    """Return the newest dispatch of an event type."""
    return page.locator(".dispatch").filter(has=page.get_by_text(event_type, exact=True)).first


def webhook(client: httpx.Client) -> str:
    """Return the address at which the chat takes cards."""
    said = client.post("/simulator/command", json={"form": {"repository": "octo/shop", "title": "x"}}).json()
    lines = dict(line.removeprefix("export ").split("=", 1) for line in said["environment"].splitlines())
    return str(lines["RELAY_WEBHOOK_URL"]).strip("'\"")
