"""Cards for Slack at the command line: drawn, checked, and posted to an incoming webhook."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from relay.chats.slack.limits import breaches
from relay.cli import webhook
from relay.signed import tickets
from tests.cli.running import run
from tests.support.slack_server import SlackServer

KEY = tickets.format_key(tickets.TicketKey("k1", bytes(range(32))))
ASKED = ("--repository", "octo/api", "--event-type", "deploy-api", "--title", "Deploy <!here>", "--text", "**now**")
OFFLINE = (*ASKED, "--relay", "https://relay.example", "--ticket-key", KEY)


@pytest.fixture
def server() -> Iterator[SlackServer]:
    with SlackServer() as made:
        yield made


def test_a_card_is_printed_with_a_ticket_in_its_buttons() -> None:
    result = run("card", "--format", "slack", *OFFLINE)
    assert 0 == result.exit_code, result.stderr
    message = json.loads(result.stdout)
    assert {"text", "blocks"} == set(message)
    assert "Approval requested: Deploy &lt;!here&gt;" == message["text"]
    (decide,) = (block for block in message["blocks"] if block.get("block_id") == "decide")
    assert [2, 2] == [each["value"].count(".") for each in decide["elements"]]
    assert () == breaches(message)


def test_a_card_that_breaks_a_limit_is_not_printed() -> None:
    facts = [part for number in range(30) for part in ("--fact", f"n{number}={'x' * 500}")]
    result = run("card", "--format", "slack", *OFFLINE, *facts)
    assert 2 == result.exit_code
    assert "blocks have" in result.stderr


@pytest.mark.usefixtures("no_proxy_of_this_machine")
def test_a_card_is_posted_to_a_webhook_and_slacks_ok_is_read(server: SlackServer) -> None:
    url = server.slack.add_webhook("C111")
    result = run("send", "--offline", "--webhook", url, "--format", "slack", *OFFLINE)
    assert 0 == result.exit_code, result.stderr
    assert "Sent." in result.stdout
    assert "Approval requested" in server.slack.shown("C111").text


@pytest.mark.usefixtures("no_proxy_of_this_machine")
def test_what_slack_answers_is_told_with_its_cure(server: SlackServer) -> None:
    url = server.slack.add_webhook("C111")
    server.slack.channels["C111"].archived = True
    result = run("send", "--offline", "--webhook", url, "--format", "slack", *OFFLINE)
    assert 1 == result.exit_code
    assert "the channel is archived" in result.stderr
    assert "(Slack says channel_is_archived)" in result.stderr
    assert url not in result.stderr
    result = run("send", "--offline", "--webhook", f"{url}x", "--format", "slack", *OFFLINE)
    assert 1 == result.exit_code


@pytest.mark.usefixtures("no_proxy_of_this_machine")
def test_a_slack_that_is_down_is_told(server: SlackServer) -> None:
    url = server.slack.add_webhook("C111")
    server.slack.mode = "down"
    result = run("send", "--offline", "--webhook", url, "--format", "slack", *OFFLINE)
    assert 1 == result.exit_code
    assert "Slack answers with error 503. Send it again later." in result.stderr


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("https://hooks.slack.com/services/T1/B1/x", "slack"),
        ("https://hooks.slack-gov.com/services/T1/B1/x", "slack"),
        ("https://prod-1.westeurope.logic.azure.com/workflows/1", "adaptive"),
        ("https://hooks.slack.com.evil.example/", "messagecard"),
        ("https://chat.example/hook", "messagecard"),
    ],
)
def test_the_form_of_a_card_is_chosen_by_the_webhooks_host(url: str, form: str) -> None:
    assert form == webhook.form_for(url, "messagecard")


def test_lint_knows_blocks(tmp_path: Path) -> None:
    path = tmp_path / "message.json"
    path.write_text(json.dumps({"blocks": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]}))
    result = run("lint", str(path))
    assert 2 == result.exit_code
    assert "blocks[0].text has 151 characters and 1 to 150 are taken" in result.stdout + result.stderr
    path.write_text(run("card", "--format", "slack", *OFFLINE).stdout)
    result = run("lint", str(path))
    assert 0 == result.exit_code, result.stderr
