"""The third column: released runs to their ends, a run again, and jobs that wait at an environment."""

from typing import TYPE_CHECKING, Final

import pytest

from tests.dev.simulator.pages import BOT, dispatch, expect, message, press, request, runs_end, send, shows

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

SLACK: Final = "channel:slack-releases"
WAITS: Final = "Deploy refs/heads/main to production"
STEPS: Final = [f"workflow_run {each}: 202 taken" for each in ("requested", "in_progress", "completed")]


def all_show(page: "Page", title: str, text: str) -> None:
    """Wait until each card that the relay has posted for a request says this, and the request in the first column."""
    for host in ("bot", "slack"):
        shows(message(page, title, host), text)
    request(page, title).get_by_text(text.removesuffix(".")).first.wait_for()


def ended(page: "Page", event_type: str, state: str) -> "Locator":
    """Return the newest dispatch of an event type, once its run has ended so."""
    newest = dispatch(page, event_type)
    newest.locator(f'.run[data-state="{state}"]').wait_for()
    return newest


def test_a_run_is_queued_runs_fails_runs_again_and_succeeds_on_every_card(page: "Page") -> None:
    title, event = "To the end", "deploy-production-to-the-end"
    runs_end(page, "Fail")
    send(page, title, places=(BOT, SLACK), Event_type=event)
    press(page, message(page, title, "bot"), "Approve")
    failed = ended(page, event, "failure")
    failed.get_by_text("Webhooks", exact=True).click()
    expect(failed.locator(".told li")).to_have_text(STEPS, use_inner_text=True)
    all_show(page, title, "The run failed.")
    runs_end(page, "Succeed")
    message(page, title, "slack").get_by_role("button", name="Run again", exact=True).click()
    again = ended(page, event, "success")
    expect(again.locator(".glance dt", has_text="Run").locator("+ dd")).to_have_text("2")
    again.get_by_text("proven", exact=True).wait_for()
    all_show(page, title, "The run succeeded.")
    expect(page.locator(".message").filter(has_text=title).get_by_role("button", name="Run again")).to_have_count(0)


def test_a_run_that_goes_on_and_one_that_is_cancelled_are_told_as_such(page: "Page") -> None:
    for end, words, state in (
        ("Go on", "The run has started.", "in_progress"),
        ("Are cancelled", "cancelled", "cancelled"),
    ):
        title, event = f"Runs {end}", f"deploy-production-{state}"
        runs_end(page, end)
        send(page, title, places=(BOT, SLACK), Event_type=event)
        press(page, message(page, title, "bot"), "Approve")
        ended(page, event, state)
        all_show(page, title, words)
        assert 0 == page.get_by_text("“cancelled”").count(), "the status says it already"
    runs_end(page, "Succeed")


def test_a_workflow_that_is_started_by_its_name_tells_its_run_at_once(page: "Page") -> None:
    runs_end(page, "Succeed")
    send(page, "The manual", sample="manual", places=(BOT, SLACK))
    press(page, message(page, "The manual", "bot"), "Approve")
    started = ended(page, "publish.yml", "success")
    expect(started.locator(".pill").first).to_have_text("200")
    started.get_by_text("proven", exact=True).wait_for()
    run = started.locator(".run code").inner_text()
    for host in ("bot", "slack"):
        message(page, "The manual", host).get_by_role("link", name=run).first.wait_for()


def waits(page: "Page") -> "Locator":
    """Let a job wait, and return it once the relay has asked in chat and said so on the page of the run."""
    page.locator(".message").first.wait_for()  # and with it the jobs of before
    before = page.locator(".job").count()
    page.locator("#wait").click()
    page.locator(".job").nth(before).wait_for()
    job = page.locator(".job").first
    job.get_by_role("link", name="Decide on the review page").wait_for()
    return job


@pytest.mark.parametrize(("button", "state"), [("Approve", "approved"), ("Reject", "rejected")])
def test_a_job_that_waits_gets_the_verdict_of_the_chat(page: "Page", button: str, state: str) -> None:
    job = waits(page)
    words = "[no link](https://evil.example) ![x](https://evil.example/x.png) @octo/all"
    press(page, message(page, WAITS, "bot"), button, words)
    job.get_by_text(state, exact=True).wait_for()
    verdict = job.locator(".verdict")
    expect(verdict.locator("code")).to_have_text(["Ada Lovelace", "release", words])
    assert 0 == verdict.locator("a, img").count()
    shows(message(page, WAITS, "bot"), f"Ada Lovelace {state}")


@pytest.mark.parametrize(
    ("button", "state"), [("Let it pass, as an administrator", "passed"), ("Cancel the run", "cancelled")]
)
def test_a_job_that_ends_at_github_itself_ends_its_request_as_decided_there(
    page: "Page", button: str, state: str
) -> None:
    job = waits(page)
    job.get_by_role("button", name=button).click()
    job.get_by_text(state, exact=True).wait_for()
    shows(message(page, WAITS, "bot"), "Decided on GitHub")
    expect(message(page, WAITS, "bot").locator(".card").get_by_role("button")).to_have_count(0)
