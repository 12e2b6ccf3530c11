import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from relay.chats.outlook.card import draw, redraw
from relay.model.case import Case
from relay.model.people import Actor, Review
from relay.model.request import ApprovalRequest, Status
from relay.signed.request import read_form
from tests.support.entra_tokens import NOW

TARGET = "https://relay.example/api/interactions/messagecard"
ORIGINATOR = "4f1c9d2a-7b54-46f8-891a-2b3c4d5e6f70"
OPEN = {"@type": "OpenUri", "name": "Logs", "targets": [{"os": "default", "uri": "https://ci.example/42"}]}
POST = {"@type": "HttpPOST", "name": "Retry", "target": "https://ci.example"}
RUN = "https://github.com/octo/api/actions/runs/1"
# Elements, inputs and actions of version 1.0 and Outlook's own Action.Http: all that it draws of what we use.
DRAWN = {"AdaptiveCard", "TextBlock", "FactSet", "Container", "Input.Text"}
PRESSED = {"Action.ShowCard", "Action.Http", "Action.OpenUrl"}


def ask(**fields: object) -> ApprovalRequest:
    form = {"repository": "octo/api", "event_type": "deploy-api", "title": "배포 승인", **fields}
    return read_form({k: v for k, v in form.items() if v is not None}, issued_at=NOW, nonce="n" * 22, lifetime=86_400)


def drawn(request: ApprovalRequest, originator: str = ORIGINATOR) -> dict[str, Any]:
    return draw(request, target=TARGET, ticket="t.t.t", proven=(), originator=originator)


def again(case: Case, *, needs: str = "", ticket: str = "", originator: str = ORIGINATOR) -> dict[str, Any]:
    return redraw(case, status=case.status, needs=needs, target=TARGET, ticket=ticket, originator=originator)


def every(part: object) -> Iterator[dict[str, Any]]:
    """Yield every object of a card, whatever it stands in."""
    if isinstance(part, dict):
        yield part
    children = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    for child in children:
        yield from every(child)


def presses(card: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the actions that press, by the verdict they carry."""
    found = [each for each in every(card.get("actions", [])) if each.get("type") == "Action.Http"]
    return {headers(action)["Relay-Verdict"]: action for action in found}


def headers(action: dict[str, Any]) -> dict[str, str]:
    return {header["name"]: header["value"] for header in action["headers"]}


def words(card: dict[str, Any]) -> str:
    return "\n".join(str(each["text"]) for each in every(card) if "text" in each)


def test_a_request_asks_for_one_comment_and_has_two_buttons_that_ask_once_more() -> None:
    card = drawn(ask(confirm="금요일엔 *안 돼요*", environment="production"))
    comments = [each for each in every(card) if each.get("type") == "Input.Text"]
    assert [("comment", "Comment (optional)", True, 1_000)] == [
        (each["id"], each["placeholder"], each["isMultiline"], each["maxLength"]) for each in comments
    ]
    assert ["Approve", "Reject"] == [action["title"] for action in card["actions"]]
    approving, rejecting = (words(action["card"]) for action in card["actions"])
    assert (
        approving
        == "You approve deploy-api of octo/api, production.\n**The sender asks you to note:** 금요일엔 \\*안 돼요\\*"
    )
    assert rejecting == "You reject deploy-api of octo/api, production."


def test_a_button_presses_with_ticket_verdict_format_and_originator() -> None:
    for verdict, press in presses(drawn(ask())).items():
        assert ("POST", TARGET, '{"comment": "{{comment.value}}"}') == (press["method"], press["url"], press["body"])
        expected = {
            "Relay-Ticket": "t.t.t",
            "Relay-Verdict": verdict,
            "Relay-Card": "adaptive",
            "Relay-Originator": ORIGINATOR,
            "Content-Type": "application/json",
        }
        assert expected == headers(press)


def test_a_card_says_what_outlook_must_know_of_it() -> None:
    card = drawn(ask())
    expected = ("AdaptiveCard", "1.0", ORIGINATOR, True)
    assert expected == tuple(card[name] for name in ("type", "version", "originator", "hideOriginalBody"))


def test_in_a_mail_to_oneself_no_originator_is_named() -> None:
    card = drawn(ask(), originator="")
    assert "originator" not in card
    assert "Relay-Originator" not in json.dumps(card)


def test_an_opened_mail_looks_and_says_no_word() -> None:
    look = drawn(ask())["autoInvokeAction"]
    assert ("Action.Http", "POST", TARGET, "") == tuple(look[name] for name in ("type", "method", "url", "body"))
    expected = {"Relay-Ticket": "t.t.t", "Relay-Look": "true", "Relay-Card": "adaptive", "Relay-Originator": ORIGINATOR}
    assert expected == headers(look)


def test_labels_and_a_comment_that_is_required_stand_on_the_card() -> None:
    card = drawn(ask(approve_label="배포", reject_label="보류", require_comment=True))
    assert ["배포", "보류"] == [action["title"] for action in card["actions"]]
    assert ["Approve: 배포", "Reject: 보류"] == [press["title"] for press in presses(card).values()]
    assert "Comment (required)" in json.dumps(card)


def test_the_run_and_the_senders_links_open_and_nothing_else_of_theirs_presses() -> None:
    card = drawn(ask(run_url=RUN, actions=[POST, OPEN]))
    opened = {each["title"]: each["url"] for each in card["actions"] if each["type"] == "Action.OpenUrl"}
    assert {"Open the run": RUN, "Logs": "https://ci.example/42"} == opened
    assert {"approve", "reject"} == set(presses(card))


def test_a_notification_has_no_buttons_and_is_not_looked_at_again() -> None:
    card = drawn(ask(event_type=None, actions=[OPEN, OPEN, OPEN, OPEN], run_url=RUN))
    assert ["Action.OpenUrl"] * 5 == [action["type"] for action in card["actions"]]
    assert "autoInvokeAction" not in card
    assert "Input.Text" not in json.dumps(card)
    assert "actions" not in drawn(ask(event_type=None))


def test_nothing_stands_on_a_card_that_outlook_does_not_draw() -> None:
    full = ask(text="*가*", facts=[{"name": "a", "value": "b"}], links=[{"name": "c", "url": RUN}], run_url=RUN)
    shown = Case(full, "key", reviews=(Review("approve", Actor("entra:t/o", "에이다"), "qa", NOW, "좋아요"),))
    for card in (drawn(full), again(shown, needs="1 more approval", ticket="t.t.t")):
        kinds = {each["type"] for each in every(card) if "type" in each}
        assert kinds - DRAWN - PRESSED == set()
        assert kinds >= {"Container", "FactSet", "Input.Text"}


def test_while_it_is_pending_a_card_shows_what_is_needed_and_keeps_its_buttons() -> None:
    card = again(Case(ask(), "key"), needs="1 more approval in stage release", ticket="n.n.n")
    assert "1 more approval in stage release" in json.dumps(card)
    assert {"n.n.n"} == {headers(press)["Relay-Ticket"] for press in presses(card).values()}
    assert ORIGINATOR == card["originator"]
    assert "n.n.n" == headers(card["autoInvokeAction"])["Relay-Ticket"]


@pytest.mark.parametrize("status", ["approved", "rejected", "superseded", "cancelled", "expired"])
def test_once_it_is_decided_a_card_has_links_and_no_live_button(status: Status) -> None:
    card = again(replace(Case(ask(run_url=RUN), "key"), status=status))
    assert ["Action.OpenUrl"] == [action["type"] for action in card["actions"]]
    assert "Action.Http" not in json.dumps(card)
    assert "Input.Text" not in json.dumps(card)
    assert (ORIGINATOR, True) == (card["originator"], card["hideOriginalBody"])
