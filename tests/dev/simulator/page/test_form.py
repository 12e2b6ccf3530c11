"""What an author types on the page: the form, its command and the policy, with the relay's word beside it."""

from typing import TYPE_CHECKING

from tests.dev.simulator.pages import BOT, OUTLOOK, choose, expect, field, message, opened, press, send, shows, webhook
from tests.dev.simulator.running import Running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def test_what_the_relay_refuses_is_shown_at_the_field_that_it_names(page: "Page") -> None:
    message(page, "Deploy shop 2.4.0 to production")
    field(page, "Commit").fill("no sha")
    page.locator("#ask details").evaluate_all("all => all.forEach(each => { each.open = false })")
    page.get_by_role("button", name="Send card").click()
    commit = page.get_by_label("Commit", exact=True)
    page.locator("#field-sha-error", has_text="Must be a commit's hexadecimal SHA").wait_for()
    expect(commit).to_have_attribute("aria-invalid", "true")
    expect(commit, "and that field is opened and has the focus").to_be_focused()
    commit.fill("41d0c2b9")
    expect(commit).not_to_have_attribute("aria-invalid", "true")


def test_what_is_typed_into_an_option_is_no_paler_than_the_title(page: "Page") -> None:
    message(page, "Deploy shop 2.4.0 to production")
    ink = "each => getComputedStyle(each).color"
    assert field(page, "Title").evaluate(ink) == field(page, "Repository").evaluate(ink)


def test_the_button_that_sends_stays_in_sight_below_all_the_options(page: "Page") -> None:
    message(page, "Deploy shop 2.4.0 to production")
    field(page, "Title").focus()
    for _ in range(20):
        page.keyboard.press("Tab")
        focused = float(page.evaluate("document.activeElement.getBoundingClientRect().bottom"))
        box = page.get_by_role("button", name="Send card").bounding_box()
        assert box is not None
        assert focused <= box["y"] <= 900 - box["height"], "and covers nothing that has the focus"


def test_what_no_rule_takes_is_refused_with_the_way_to_the_rules(browser: "Browser", relay: Running) -> None:
    with opened(browser, relay, "status of 403") as page:
        message(page, "Deploy shop 2.4.0 to production")
        field(page, "Event type").fill("deploy-nowhere")
        page.get_by_role("button", name="Send card").click()
        refused = page.get_by_role("alert").filter(has_text="No rule of the operator's policy takes this request.")
        refused.filter(has_text="stands in the policy").wait_for()


def test_json_is_checked_while_it_is_typed(page: "Page") -> None:
    message(page, "Deploy shop 2.4.0 to production")
    payload, error = field(page, "Payload"), page.locator("#field-client_payload-error")
    payload.fill('{"version": ')
    error.get_by_text("Not JSON yet").wait_for()
    page.get_by_text("It follows once the marked field can be read.").wait_for()
    payload.fill("[1]")
    expect(error).to_have_text("This is JSON, but no object.")
    page.get_by_role("button", name="Send card").click()
    expect(payload).to_be_focused()
    payload.fill("")
    expect(error).to_be_hidden()


def test_a_card_without_an_event_type_is_a_notification_with_its_own_sections_and_links(page: "Page") -> None:
    message(page, "Deploy shop 2.4.0 to production")
    choose(page, OUTLOOK)
    field(page, "Event type").fill("")
    field(page, "Sections").fill('[{"title": "Of my own", "facts": [{"name": "Took", "value": "3 min"}]}]')
    page.get_by_role("button", name="Add a link").click()
    page.get_by_label("Name of the link").fill("The log")
    page.get_by_label("Address of the link").fill("https://ci.example/42")
    field(page, "Title").fill("For your information")
    page.get_by_role("button", name="Send card").click()
    card = message(page, "For your information")
    assert 0 == card.get_by_role("button").count()
    assert "https://ci.example/42" == card.get_by_role("link", name="The log").get_attribute("href")
    card.get_by_role("heading", name="Of my own").wait_for()


def test_the_command_follows_the_form_and_is_copied_as_the_simulator_wrote_it(page: "Page", relay: Running) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#command", has_text="--environment production").wait_for()
    field(page, "Title").fill('It\'s "quoted"')
    with page.expect_response(lambda each: '"staging"' in (each.request.post_data or "")) as answered:
        field(page, "Environment").fill("staging")
    said = answered.value.json()
    page.locator("#command", has_text="--environment staging").wait_for()
    page.get_by_role("button", name="Copy the command").click()
    page.get_by_role("button", name="Copy the command").get_by_text("Copied").wait_for()
    assert said["command"] == page.evaluate("navigator.clipboard.readText()")
    page.get_by_text("The environment it needs").click()
    page.get_by_role("button", name="Copy the environment").click()
    page.get_by_role("button", name="Copy the environment").get_by_text("Copied").wait_for()
    assert said["environment"] == page.evaluate("navigator.clipboard.readText()")
    assert f"RELAY_URL={relay.origin}" in said["environment"]


def test_typing_focus_and_what_is_open_stay_while_news_arrives(
    browser: "Browser", page: "Page", relay: Running
) -> None:
    card = send(page, "Being read", "payments", (BOT,))
    field(page, "Text").fill("half a sent")
    card.get_by_role("textbox").press_sequentially("Because")
    with relay.client() as client:
        client.post(
            webhook(client),
            json={
                "@type": "MessageCard",
                "@context": "https://schema.org/extensions",
                "summary": "x",
                "title": "Meanwhile",
            },
        ).raise_for_status()
    message(page, "Meanwhile")
    with opened(browser, relay) as other:
        press(other, message(other, "Being read"), "Approve", person="grace")
        shows(message(other, "Being read"), "Grace Hopper approved")
    shows(card, "Grace Hopper approved")
    page.keyboard.type(" I say so")
    expect(card.get_by_role("textbox")).to_have_value("Because I say so")
    expect(field(page, "Text")).to_have_value("half a sent")


def test_the_policy_editor_says_what_is_wrong_where_and_brings_the_caret_there(page: "Page") -> None:
    page.get_by_role("button", name="Policy").click()
    page.get_by_text("no errors").wait_for()
    text = page.get_by_label("The policy, as TOML")
    before = text.input_value()
    text.fill(before.replace("required = 2", 'required = "two"'))
    line = 1 + before[: before.index("required = 2")].count("\n")
    problem = page.get_by_role("button", name=f"{line}:1")
    problem.wait_for()
    expect(page.locator("#lines .bad")).to_have_text(str(line))
    problem.click()
    expect(text).to_be_focused()
    assert before.index("required = 2") == text.evaluate("each => each.selectionStart")
    page.reload()
    page.get_by_role("button", name="Policy").click()
    problem.wait_for()
    page.get_by_role("button", name="Back to the policy in force").click()
    page.get_by_text("no errors").wait_for()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
