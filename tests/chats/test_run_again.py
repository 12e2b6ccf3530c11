"""The button "Run again" on the cards of every chat that takes presses, and the reading of its press."""

import json
from dataclasses import replace
from typing import Any

import pytest

from relay.chats.adaptive.body import current
from relay.chats.outlook import card as outlook
from relay.chats.shared import message_card, message_card_limits
from relay.chats.slack import card as slack
from relay.chats.slack.limits import breaches
from relay.chats.teams.message_card import draw_message_card, read_body
from relay.errors import Refusal
from relay.model.answer import Answer
from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.people import Actor, Rerun
from relay.model.runs import Run
from tests.support import road

ADA = Actor("entra:t/o", "Ada")
CASE = Case(
    road.offline(),
    "key",
    "approved",
    debts=(Debt("deploy-api", 1, 1.0, status="delivered"),),
    runs=(Run("failure", 2, "github"),),
)
LINK = {"@type": "OpenUri", "name": "Logs", "targets": [{"os": "default", "uri": "https://ci.example"}]}
OFFERED = Answer("already-approved", "", CASE, "approved", again="a.b.c")


def redrawn(form: Any, **more: Any) -> Any:
    return form.redraw(CASE, status="approved", needs="", target="https://relay.example/x", ticket="", **more)


def named(actions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in actions if "Run again" in (each.get("name"), each.get("title"))]


def test_a_message_card_has_it_with_the_ticket_and_the_verdict() -> None:
    card = redrawn(message_card, again="a.b.c", originator="")
    assert () == message_card_limits.check(card)
    (button,) = named(card["potentialAction"])
    assert {"Relay-Ticket": "a.b.c", "Relay-Verdict": "again"} == {
        each["name"]: each["value"] for each in button["headers"]
    }
    assert "potentialAction" not in redrawn(message_card)


def test_a_mail_has_it_too() -> None:
    card = redrawn(outlook, again="a.b.c", originator="o")
    (button,) = named(card["actions"])
    assert {"Relay-Ticket": "a.b.c", "Relay-Card": "adaptive", "Relay-Originator": "o", "Relay-Verdict": "again"} == {
        each["name"]: each["value"] for each in button["headers"]
    }
    assert "actions" not in redrawn(outlook, originator="")


def test_slack_has_it_in_a_row_of_its_own() -> None:
    message: Any = slack.draw(OFFERED)
    assert () == breaches(message)
    (block,) = [each for each in message["blocks"] if each["type"] == "actions"]
    (button,) = block["elements"]
    assert ("again", "again", "a.b.c", "Run again") == (
        block["block_id"],
        button["action_id"],
        button["value"],
        button["text"]["text"],
    )


def test_the_message_card_of_a_bot_reads_its_own_press() -> None:
    card: Any = draw_message_card(OFFERED)
    assert () == message_card_limits.check(card, bot=True)
    (button,) = named(card["potentialAction"])
    press = read_body(button["body"], ADA)
    assert ("a.b.c", "again", "") == (press.ticket, press.verdict, press.comment)
    linked = replace(OFFERED, case=replace(CASE, request=replace(CASE.request, actions=(LINK,))))
    drawn: Any = draw_message_card(linked)
    assert ["Run again", "Logs"] == [each["name"] for each in drawn["potentialAction"]]


def test_every_card_says_who_ran_it_again() -> None:
    second = replace(CASE.debts[0], run=2)
    again = replace(CASE, debts=(*CASE.debts, second), reruns=(Rerun(Actor("entra:t/g", "Grace *Hopper*"), 3),))
    drawn = json.dumps([redrawn_of(again), slack.draw(replace(OFFERED, case=again, again=""))], ensure_ascii=False)
    assert 1 == drawn.count("GitHub, run 2, started by Grace \\\\*Hopper\\\\*")
    assert "GitHub has taken run 2, started by Grace" in drawn
    assert "GitHub has taken run 2, started by Grace" in json.dumps(current(again, status="approved", needs=""))


def redrawn_of(case: Case) -> Any:
    return message_card.redraw(case, status="approved", needs="", target="", ticket="")


@pytest.mark.parametrize("act", ["again!", "rerun"])
def test_no_other_act_is_read(act: str) -> None:
    with pytest.raises(Refusal, match="malformed"):
        read_body(json.dumps({"ticket": "a.b.c", "verdict": act, "comment": ""}), ADA)
