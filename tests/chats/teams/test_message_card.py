import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.chats.shared.comments import PLACEHOLDER
from relay.chats.teams.message_card import draw_message_card, read_body
from relay.errors import Refusal
from relay.model.answer import Answer
from relay.model.case import Case
from relay.model.delivery import Interaction
from relay.model.people import Actor, Verdict
from relay.signed.request import read_form
from tests.support.entra_tokens import NOW

ADA = Actor("entra:t/o", "Ada")
LINK = {"@type": "OpenUri", "name": "Log", "targets": [{"os": "default", "uri": "https://log.example"}]}
FORM = {"repository": "octo/api", "event_type": "deploy", "title": "배포", "actions": [LINK]}
CASE = Case(read_form(FORM, issued_at=NOW, nonce="n" * 22, lifetime=60), "key")
LIVE = Answer("pending", "", CASE, "pending", "1 more approval", "t.i.c")


def drawn(answer: Answer) -> dict[str, Any]:
    card: dict[str, Any] = json.loads(json.dumps(draw_message_card(answer)))
    return card


def typed(text: str, verdict: Verdict = "approve") -> str:
    """Return the body of a button of ours as Teams sends it: what was typed is put into the card's JSON as it is."""
    bodies = {
        action["@id"]: action["body"]
        for button in drawn(LIVE)["potentialAction"]
        for action in button.get("actions", ())
    }
    return str(bodies[verdict]).replace("{{comment.value}}", text)


def test_its_buttons_carry_ticket_and_verdict_in_their_body() -> None:
    approve, reject, link = drawn(LIVE)["potentialAction"]
    assert LINK == link
    for button, verdict in ((approve, "approve"), (reject, "reject")):
        (action,) = button["actions"]
        assert {"@type", "@id", "name", "isPrimary", "body"} == set(action)
        assert ("HttpPOST", verdict) == (action["@type"], action["@id"])
        assert ["comment"] == [each["id"] for each in button["inputs"]]
        read = read_body(action["body"].replace("{{comment.value}}", "ok"), ADA)
        assert ("t.i.c", verdict, "ok", ADA) == (read.ticket, read.verdict, read.comment, read.actor)


def test_a_decided_card_has_no_buttons_and_keeps_its_links() -> None:
    card = drawn(replace(LIVE, status="approved", ticket=""))
    assert [LINK] == card["potentialAction"]


SENT = json.dumps({"ticket": "of.another.request", "verdict": "approve", "comment": ""})
TROJAN = {"@type": "HttpPOST", "name": "View the logs", "target": "https://ci.example", "body": SENT}
WRAPPED = {"@type": "ActionCard", "name": "More", "inputs": [], "actions": [TROJAN]}


@pytest.mark.parametrize("answer", [LIVE, replace(LIVE, status="approved", ticket="")])
@pytest.mark.parametrize(
    "action",
    [
        TROJAN,
        WRAPPED,
        {"@type": "InvokeAddInCommand", "name": "Open", "addInId": "a", "desktopCommandId": "b"},
        {**LINK, "@TYPE": "HttpPOST", "Body": SENT},
    ],
)
def test_no_action_of_the_senders_speaks_to_the_bot(answer: Answer, action: dict[str, Any]) -> None:
    sections: tuple[dict[str, Any], ...] = (
        {"title": "a", "markdown": True, "potentialAction": [action, LINK, "x"]},
        {"title": "b", "PotentialAction": [action]},
        {"title": "c", "potentialAction": action},
    )
    request = replace(CASE.request, actions=(action, LINK), sections=sections)
    card = drawn(replace(answer, case=replace(CASE, request=request)))
    text = json.dumps(card)
    assert "of.another.request" not in text
    assert (2 if answer.ticket else 0) == text.count("HttpPOST")
    theirs = [each for each in card["sections"] if each["title"] in "abc"]
    assert LINK in theirs[0].pop("potentialAction")
    assert [{"title": "a", "markdown": True}, {"title": "b"}, {"title": "c"}] == theirs
    assert LINK == card["potentialAction"][-1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "go",
        "좋습니다",
        'say "go"',
        "two\nlines",
        "C:\\path",
        "ends with \\",
        '"}',
        'x", "comment": "y',
        'x", "verdict": "reject", "comment": "y',
        'x", "ticket": "other',
        "x" * 1_000,
        '"' * 1_000,
    ],
)
def test_whatever_a_person_typed_is_the_comment(text: str) -> None:
    assert Interaction("t.i.c", "approve", text, ADA) == read_body(typed(text), ADA)


def test_what_is_whole_json_is_read_as_such() -> None:
    assert "두 줄\n" == read_body(typed("\\ub450 줄\\n"), ADA).comment
    assert "?" == read_body(typed("\\ud800"), ADA).comment
    assert "ok" == read_body(typed('ok", "more": "x'), ADA).comment


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{}",
        "go",
        typed("x")[1:],
        typed("x") + " ",
        typed("x").replace("t.i.c", ""),
        typed("x").replace("t.i.c", "a b"),
        typed("x").replace("approve", "approved"),
        typed("x").replace("comment", "word"),
        json.dumps({"verdict": "approve", "ticket": "t.i.c", "comment": ""}),
        typed("x" * 1_001),
        typed('"' * 1_001),
    ],
)
def test_a_body_of_another_form_is_malformed(body: str) -> None:
    with pytest.raises(Refusal, match="malformed"):
        read_body(body, ADA)


@settings(deadline=None, max_examples=300)
@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('"\\\n{}:,'), max_size=200))
def test_nothing_that_a_person_types_changes_ticket_or_verdict(text: str) -> None:
    read = read_body(typed(text, "reject"), ADA)
    assert ("t.i.c", "reject") == (read.ticket, read.verdict)


@settings(deadline=None, max_examples=150)
@given(st.text())
def test_any_text_is_malformed(text: str) -> None:
    with pytest.raises(Refusal):
        read_body(text, ADA)


@pytest.mark.parametrize("spoiled", ["", '"', "\\n"])
def test_a_placeholder_that_teams_did_not_fill_in_is_no_comment(spoiled: str) -> None:
    body = f'{{"ticket": "t", "verdict": "approve", "comment": "{PLACEHOLDER}{spoiled}"}}'
    expected = "" if spoiled in ("", "\\n") else f"{PLACEHOLDER}{spoiled}"
    assert expected == read_body(body, ADA).comment
