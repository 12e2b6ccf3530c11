"""The other forms of a card: an Adaptive Card for a Workflows webhook, and a mail for Outlook."""

import json
import re
from typing import Any

from click.testing import Result
from pytest_httpx import HTTPXMock

from relay.signed import tickets
from tests.cli.running import API_KEY, ASK, OFFLINE, OPEN, RELAY, TICKET_KEY, run
from tests.support.entra_tokens import NOW

ORIGINATOR = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"


def inside(result: Result) -> dict[str, Any]:
    """The Adaptive Card in a message for a Workflows webhook."""
    assert 0 == result.exit_code, result.output
    card: dict[str, Any] = json.loads(result.stdout)["attachments"][0]["content"]
    return card


def in_mail(result: Result, kind: str) -> dict[str, Any]:
    """The card in the HTML of a mail."""
    assert 0 == result.exit_code, result.output
    (script,) = re.findall(rf'<script type="application/{kind}">(.*?)</script>', result.stdout, re.DOTALL)
    card: dict[str, Any] = json.loads(script)
    return card


def test_an_adaptive_card_leads_to_the_page_with_the_whole_request_in_its_ticket() -> None:
    card = inside(run("card", "--format", "adaptive", *ASK, env=OFFLINE))
    (button,) = card["actions"]
    address, _, ticket = button["url"].partition("?ticket=")
    opened = tickets.open_ticket(ticket, [tickets.parse_key(TICKET_KEY)], RELAY, now=NOW, born_at=NOW)
    assert f"{RELAY}/api/review/{opened.id}" == address
    assert opened.request is not None
    assert "배포 승인" == opened.request.title


def test_approvers_are_mentioned_on_an_adaptive_card() -> None:
    object_id = "00000000-0000-0000-0000-00000000000B"
    people = ("--mention", "Ada Lovelace=ada@octo.example", "--mention", f"Grace={object_id}")
    card = inside(run("card", "--format", "adaptive", *ASK, *people, env=OFFLINE))
    assert ["ada@octo.example", object_id] == [each["mentioned"]["id"] for each in card["msteams"]["entities"]]
    assert "<at>Ada Lovelace</at>, <at>Grace</at>" in json.dumps(card["body"])


def test_a_registered_adaptive_card_leads_where_the_relay_said(httpx_mock: HTTPXMock) -> None:
    url = f"{RELAY}/api/review/{'a' * 32}"
    answer = {"id": "a" * 32, "expires_at": "2026-09-21T15:00:00Z", "review_url": url, "ticket": "t.t.t"}
    httpx_mock.add_response(url=f"{RELAY}/api/requests", status_code=201, json=answer)
    env = {"RELAY_URL": RELAY, "RELAY_API_KEY": API_KEY}
    card = inside(run("card", "--register", "--format", "adaptive", *ASK, env=env))
    assert [url] == [action["url"] for action in card["actions"]]
    assert "t.t.t" not in json.dumps(card)


def test_a_mail_for_outlook_holds_an_adaptive_card_or_a_messagecard() -> None:
    call = ("card", "--format", "outlook-email", *ASK, "--originator", ORIGINATOR)
    card = in_mail(run(*call, env=OFFLINE), r"adaptivecard\+json")
    assert ("1.0", ORIGINATOR) == (card["version"], card["originator"])
    old = in_mail(run(*call, "--outlook-card", "messagecard", env=OFFLINE), r"ld\+json")
    assert ("MessageCard", ORIGINATOR) == (old["@type"], old["originator"])
    result = run(*call[:-2], env={**OFFLINE, "RELAY_ORIGINATOR": ORIGINATOR})
    assert card.keys() == in_mail(result, r"adaptivecard\+json").keys()
    assert f"{RELAY}/api/review/" in result.stdout


def test_a_mail_keeps_the_limits_of_its_platform() -> None:
    html = run("card", "--format", "outlook-email", *ASK, "--originator", ORIGINATOR, env=OFFLINE).stdout
    assert 0 == run("lint", "-", stdin=html).exit_code


def test_what_an_adaptive_card_leaves_out_or_shows_otherwise_is_told() -> None:
    post = {"@type": "HttpPOST", "name": "Retry", "target": "https://ci.example"}
    call = ("card", *ASK, "--actions", json.dumps([OPEN, post]), "--text", "<b>x</b>")
    result = run(*call, "--format", "adaptive", env=OFFLINE)
    assert ["Review and decide", "Logs"] == [action["title"] for action in inside(result)["actions"]]
    left, html = result.stderr.splitlines()
    assert left.startswith("Warning: actions[1] is left out")
    assert html.startswith("Warning: attachments[0].content.body[2] has HTML in its text")
    assert "" == run(*call, env=OFFLINE).stderr
