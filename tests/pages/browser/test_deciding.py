"""What people do on the review page, with script and without, and what the page tells them."""

import time
from typing import TYPE_CHECKING

import pytest

from relay.model.request import ApprovalRequest
from relay.signed import tickets
from relay.signed.request import read_form
from tests.dev.simulator.pages import expect
from tests.dev.simulator.running import Running
from tests.pages.browser.looking import asked, behave, opened, sign_in, status, told

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_somebody_signs_in_approves_and_sees_what_it_came_to(browser: "Browser", relay: Running, script: bool) -> None:
    url = asked(relay, event_type=f"deploy-production-{script}")
    with opened(browser, url, "ada", java_script_enabled=script) as page:
        assert url == page.url
        page.get_by_label("Comment").fill("Tested\nwell")
        page.get_by_role("button", name="Ship it").click()
        told(page, "Approved. GitHub has taken it.")
        assert url == page.url
        page.reload()
        told(page, "Approved. GitHub has taken it.")
        page.go_back()
    assert ("approved", "Tested\nwell") == ((found := status(relay, url))["status"], found["reviews"][0]["comment"])


def test_everything_can_be_done_by_keyboard_and_the_outcome_gets_the_focus(browser: "Browser", relay: Running) -> None:
    url = asked(relay, event_type="deploy-production-keys")
    with opened(browser, url, "grace") as page:
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_text("Skip to your decision")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_id("comment")
        page.keyboard.type("By keys")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator(":focus")).to_have_text("Rejected. Nothing will be released.")


def test_an_offline_link_survives_signing_in_and_leaves_no_ticket_in_the_address(
    browser: "Browser", relay: Running
) -> None:
    request = offline(int(time.time()))
    text = tickets.sign(request, ticket_key(relay), relay.origin, self_contained=True)
    url = f"{relay.origin}/api/review/{request.id}"
    with opened(browser, f"{url}?ticket={text}") as page:
        assert "ticket=" not in page.url
        sign_in(page, "alan")
        assert url == page.url
        page.reload()
        page.get_by_role("button", name="Approve").click()
        told(page, "Approved. GitHub has taken it.")
        assert [] == [each for each in page.context.cookies() if each["name"].startswith("__Host-relay-ticket")]


def offline(now: int) -> ApprovalRequest:
    form = {"repository": "octo/shop", "event_type": "deploy-staging", "environment": "staging", "title": "Offline"}
    return read_form(form, issued_at=now, nonce="n" * 22, lifetime=3_600)


def ticket_key(relay: Running) -> tickets.TicketKey:
    return tickets.parse_key((relay.folder / ".relay" / "simulator" / "ticket-key").read_text())


def test_while_github_is_down_the_page_looks_again_by_itself_until_it_is_up(browser: "Browser", relay: Running) -> None:
    url = asked(relay, event_type="deploy-production-down")
    with opened(browser, url, "ada", java_script_enabled=False) as page:
        behave(relay, "failing")
        page.get_by_role("button", name="Ship it").click()
        told(page, "GitHub has not taken it yet (it answers with error 500)")
        behave(relay, "healthy")
        page.get_by_text("Approved. GitHub has taken it.").wait_for()
        assert url in page.url


def test_a_button_is_called_by_what_it_does_first(browser: "Browser", relay: Running) -> None:
    url = asked(relay, event_type="deploy-production-labels", approve_label="Reject", reject_label="Approve")
    with opened(browser, url, "ada") as page:
        assert ["approve", "reject"] == [
            page.get_by_role("button", name=name, exact=True).get_attribute("value")
            for name in ("Approve Reject", "Reject Approve")
        ]
