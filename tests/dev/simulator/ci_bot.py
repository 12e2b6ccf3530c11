"""The CI bot of docs/ci-bot.md on the page: what its people do there, and what they read."""

from typing import TYPE_CHECKING, Final

from tests.dev.simulator.pages import runs_end
from tests.support.own_process import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

POLICY: Final = ROOT / "docs" / "examples" / "ci-bot" / "policy.toml"
PATIENCE: Final = 60_000  # milliseconds, for a run and the round of the timer that tells of it
PREVIEW: Final = "The preview is deployed. View it at https://shop-preview.example"


def shop(page: "Page", text: str) -> "Locator":
    """Wait until the newest message in the project's channel says this, and return it."""
    newest = page.locator(".message").filter(has_text="Slack, #shop").first
    found = newest.filter(has_text=text)
    found.wait_for(timeout=PATIENCE)
    return found


def ask(page: "Page") -> None:
    """Let CI ask."""
    page.get_by_role("button", name="Send card").click()


def finish(page: "Page", end: str, report: str) -> None:
    """Choose how runs end, and what they report."""
    runs_end(page, end)
    words = page.get_by_label("What they report")
    with page.expect_response("**/simulator/runs"):
        words.fill(report)
        words.press("Enter")


def press(page: "Page", person: str, label: str, comment: str = "") -> None:
    """Press a button of the newest direct message to a person. Before a deployment Slack asks once more."""
    page.get_by_label("You are").select_option(person)
    button = page.get_by_role("button", name=label, exact=True)
    message = page.locator(".message:visible").filter(has=button).first
    message.get_by_role("textbox").fill(comment)
    message.get_by_role("button", name=label, exact=True).click()
    if label == "Deploy":
        dialog = page.get_by_role("dialog")
        dialog.get_by_text("This goes to production.").wait_for()
        dialog.get_by_role("button", name=label, exact=True).click()


def reads(page: "Page", person: str, text: str) -> "Locator":
    """Wait until a person has a direct message that says this, and return the newest."""
    page.get_by_label("You are").select_option(person)
    found = page.locator(".message:visible").filter(has_text="direct message to").filter(has_text=text).first
    found.wait_for(timeout=PATIENCE)
    return found
