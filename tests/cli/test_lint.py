import json
from pathlib import Path
from typing import Literal

import pytest

from relay.approval.policy import ChatChannel
from relay.chats.table import kinds
from relay.chats.teams.card import TeamsCards
from relay.model.answer import Answer
from relay.model.case import Case
from relay.policy_toml import parse
from relay.signed.request import read_form
from tests.cli.running import ASK, OFFLINE, RELAY, run
from tests.support import example_policy
from tests.support.entra_tokens import NOW


def checked(card: object, *options: str) -> tuple[int, str]:
    """What `relay lint` ends with and says of a card, or of the text of a file."""
    result = run("lint", "-", *options, stdin=card if isinstance(card, str) else json.dumps(card))
    return result.exit_code, result.stdout


def test_our_own_card_keeps_the_limits() -> None:
    assert (0, "The card keeps the limits.\n") == checked(run("card", *ASK, env=OFFLINE).stdout)


def test_each_problem_stands_on_its_line(tmp_path: Path) -> None:
    file = tmp_path / "카드.json"
    file.write_text(json.dumps({"@type": "MessageCard", "themeColor": "red"}), "utf-8")
    result = run("lint", str(file))
    assert 2 == result.exit_code
    assert 3 == len(result.stdout.splitlines())
    assert "FILE: the card has 3 problems" in result.stderr


def test_another_kind_of_card_is_not_known(tmp_path: Path) -> None:
    file = tmp_path / "card.json"
    file.write_text('{"type": "Card"}', "utf-8")
    result = run("lint", str(file))
    assert 2 == result.exit_code
    assert 'no card that is known here: @type must be "MessageCard", or type "AdaptiveCard"' in result.stdout
    assert "FILE: the card has one problem" in result.stderr


def test_a_message_for_workflows_is_known_by_its_form() -> None:
    card = run("card", "--format", "adaptive", *ASK, env=OFFLINE).stdout
    assert (0, "The card keeps the limits.\n") == checked(card)
    assert (
        2,
        "attachments[0].content.version is 1.6: a flow fails on 1.6, and 1.5 was seen to fail: declare 1.4\n",
    ) == (checked(card.replace('"version": "1.4"', '"version": "1.6"')))


def test_a_card_alone_is_checked_for_each_platform_that_it_may_be_meant_for() -> None:
    card = {"type": "AdaptiveCard", "version": "1.0", "body": [{"type": "TextBlock", "text": "x"}]}
    three = "Teams through Workflows, Teams by a bot and Outlook"
    assert (0, f"The card keeps the limits of {three}.\n") == checked(card)
    code, told = checked({**card, "version": "1.4"})
    problem, kept = told.splitlines()
    assert problem.startswith("Outlook: version is 1.4: from 1.4 on Outlook draws no Action.Http")
    assert (0, "The card keeps the limits of Teams through Workflows and Teams by a bot.") == (code, kept)
    code, told = checked({**card, "version": "1.5"})
    assert (0, "The card keeps the limits of Teams by a bot.") == (code, told.splitlines()[-1])
    code, told = checked({**card, "version": "1.6"})
    assert (2, 3) == (code, len(told.splitlines()))


def test_the_platform_can_be_named() -> None:
    card = {"type": "AdaptiveCard", "version": "1.4", "body": []}
    assert (0, "The card keeps the limits.\n") == checked(card, "--platform", "teams")
    code, told = checked(card, "--platform", "outlook")
    assert 2 == code
    assert told.startswith("version is 1.4")
    assert 2 == checked(card, "--platform", "messagecard")[0]


def test_a_message_without_the_marks_of_a_bot_is_for_workflows() -> None:
    long = {"type": "AdaptiveCard", "version": "1.4", "body": [{"type": "TextBlock", "text": "x" * 40_000}]}
    attached = [{"contentType": "application/vnd.microsoft.card.adaptive", "content": long}]
    code, told = checked({"type": "message", "attachments": attached})
    assert (2, True) == (code, "28672 are taken (28 KB)" in told)


@pytest.mark.parametrize("card", ["adaptive", "messagecard"])
@pytest.mark.parametrize("status", ["pending", "approved"])
def test_the_bots_own_message_keeps_the_limits(
    card: Literal["adaptive", "messagecard"], status: Literal["pending", "approved"]
) -> None:
    form = {"repository": "octo/api", "event_type": "deploy-api", "environment": "production", "title": "배포"}
    request = read_form(form, issued_at=NOW, nonce="n" * 22, lifetime=60)
    answer = Answer(status, "", Case(request, "key"), status, "", "t.t.t" if status == "pending" else "")
    cards = TeamsCards(parse.parse(example_policy.POLICY, kinds()), RELAY)
    message = cards.draw(answer, ChatChannel("ops", "teams", "19:ops@thread.tacv2", card))
    assert (0, "The card keeps the limits.\n") == checked(message)


@pytest.mark.parametrize("html", ["<html><head><![x]></head></html>", "<![--"])
def test_odd_html_is_read_all_the_same(html: str) -> None:
    code, told = checked(html)
    assert (2, True) == (code, told.startswith("there is no script of the type"))


def test_the_html_of_a_mail_is_known_by_its_form() -> None:
    html = run("card", "--format", "outlook-email", *ASK, env=OFFLINE).stdout
    code, told = checked(html)
    assert (2, 1) == (code, len(told.splitlines()))
    assert told.startswith("originator is missing: without the provider's id Outlook draws the card only in a mail to")


@pytest.mark.parametrize(("platform", "code"), [("outlook", 0), ("teams", 2), ("messagecard", 2)])
def test_a_mail_is_for_outlook_alone(platform: str, code: int) -> None:
    originator = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"
    html = run("card", "--format", "outlook-email", "--originator", originator, *ASK, env=OFFLINE).stdout
    result = run("lint", "-", "--platform", platform, stdin=html)
    assert code == result.exit_code
    assert (code == 2) == ("--platform: the HTML of a mail is for Outlook alone" in result.stderr)


@pytest.mark.parametrize("card_format", ["messagecard", "adaptive", "outlook-email", "slack"])
@pytest.mark.parametrize("words", [(), ("--approve-label", "Ship"), ("--link", f"Docs={RELAY}/docs")], ids=len)
def test_our_own_buttons_may_lead_to_the_relay(card_format: str, words: tuple[str, ...]) -> None:
    originator = ("--originator", "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed") if card_format == "outlook-email" else ()
    card = run("card", "--format", card_format, *originator, *ASK, *words, env=OFFLINE).stdout
    assert (0, "The card keeps the limits.\n") == checked(card, "--relay", RELAY)


@pytest.mark.parametrize(
    "action",
    [
        {"@type": "HttpPOST", "name": "Show", "target": f"{RELAY}/api/interactions/messagecard"},
        {"@type": "HttpPOST", "name": "Approve", "target": f"{RELAY}/api/interactions/messagecard"},
        {"@type": "OpenUri", "name": "Show", "targets": [{"os": "default", "uri": f"{RELAY.upper()}/api/review/x"}]},
        {
            "@type": "ActionCard",
            "name": "More",
            "actions": [{"@type": "OpenUri", "name": "Show", "targets": [{"os": "default", "uri": f"{RELAY}:8443/"}]}],
        },
    ],
)
def test_any_other_button_that_leads_to_the_relay_is_found_wherever_it_stands(action: dict[str, object]) -> None:
    card: dict[str, object] = {"@type": "MessageCard", "@context": "https://schema.org/extensions", "text": "x"}
    for found in (card | {"potentialAction": [action]}, card | {"sections": [{"potentialAction": [action]}]}):
        code, told = checked(found, "--relay", RELAY)
        assert (2, True) == (code, "leads to the relay without its ticket" in told)
        assert code == run("lint", "-", stdin=json.dumps(found), env={"RELAY_URL": RELAY}).exit_code
        assert "leads to the relay" not in checked(found)[1]
        assert "leads to the relay" not in checked(found, "--relay", "https://another.example")[1]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 10_000, b"NaN"])
def test_what_is_no_json_is_told(content: bytes) -> None:
    result = run("lint", "-", stdin=content)
    assert 2 == result.exit_code
    assert result.stderr.startswith("Error: FILE: not JSON that the relay reads")  # no usage: the command line is right


def test_a_mail_that_is_not_utf_8_is_told() -> None:
    result = run("lint", "-", stdin=b"<html>\xff")
    assert 2 == result.exit_code
    assert "FILE: not JSON that the relay reads, nor the HTML of a mail: not UTF-8" in result.stderr
