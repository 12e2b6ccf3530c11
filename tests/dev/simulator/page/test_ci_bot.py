"""The CI bot of docs/ci-bot.md, played on the page: a preview, a reason, QA, one who deploys and one who closes."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.dev.simulator.ci_bot import PATIENCE, POLICY, PREVIEW, ask, finish, press, reads, shop
from tests.dev.simulator.pages import expect, opened
from tests.dev.simulator.running import running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DEPLOYED: Final = "Deployed to production. View it at https://shop.example"
REASON: Final = "the image cannot be pulled"


@pytest.fixture
def page(browser: "Browser", tmp_path: Path) -> Iterator["Page"]:
    with running(tmp_path, environ={"RELAY_POLICY": str(POLICY)}) as relay, opened(browser, relay) as page:
        page.set_default_timeout(PATIENCE)
        yield page


def test_a_preview_fails_with_a_reason_and_the_next_release_is_tested_and_deployed(page: "Page") -> None:
    finish(page, "Fail", REASON)
    ask(page)
    shop(page, f"The run of preview-shop has failed: Release shop. Reason: {REASON}")
    finish(page, "Succeed", PREVIEW)
    ask(page)
    shop(page, f"The run of preview-shop has succeeded: Release shop. {PREVIEW}")
    page.locator(".request").first.get_by_text("The run before the decision succeeded").wait_for()
    waiting = reads(page, "ada", "1 more approval in stage qa: Lin, Mary")
    expect(waiting.get_by_role("button", name="Deploy")).to_have_count(0)
    press(page, "mary", "Approve", "looks right")
    thread = reads(page, "grace", "Mary: approve, in stage qa: Release shop. Comment: looks right")
    expect(thread).to_contain_text("in the thread of Release shop")
    finish(page, "Succeed", DEPLOYED)
    press(page, "ada", "Deploy")
    shop(page, "Approved: Release shop, by Ada Lovelace")
    page.locator(".message").filter(has_text=f"The run has succeeded: Release shop. {DEPLOYED}").wait_for()
    page.locator(".request").first.get_by_text("The new run proved who decided").wait_for()
    for person in ("ada", "grace"):
        reads(page, person, f"“{DEPLOYED}”")
        expect(page.locator(".message:visible").get_by_role("button", name="Deploy")).to_have_count(0)


def test_an_owner_closes_it_and_everybody_reads_so(page: "Page") -> None:
    shop(page, "The run of preview-shop has succeeded: Release shop")  # the page asks at once
    press(page, "lin", "Approve")
    press(page, "grace", "Close", "not today")
    shop(page, "Rejected: Release shop, by Grace Hopper. Comment: not today")
    for person in ("ada", "grace", "lin", "mary"):
        reads(page, person, "“not today”")
        expect(page.locator(".message:visible").get_by_role("button", name="Close")).to_have_count(0)
