"""The operator's words of a stage: every card and the page show them before the sender's own."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from relay.approval.answer import confirm_answer
from relay.approval.judge import Decision
from relay.chats.labels import opener
from relay.chats.outlook import card as outlook
from relay.chats.shared import message_card
from relay.model.answer import Words
from relay.model.case import Case
from relay.model.delivery import Interaction
from relay.model.people import Actor
from relay.model.request import ApprovalRequest
from relay.pages.english import ENGLISH
from relay.pages.form import Form, decide
from relay.pages.view import view
from relay.policy_toml.parse import parse
from relay.signed.tickets import TicketKey

WORDS = Words("Deploy", "Close", "Goes to production.")
REQUEST = ApprovalRequest(
    "a" * 32, "octo/api", "Deploy", 1, 9, "n" * 22, "deploy-api", approve_label="Ship it", confirm="Hurry!"
)
POLICY = parse(
    """[people.ada]
    entra = "11111111-1111-1111-1111-111111111111/22222222-2222-2222-2222-222222222222"
    github = "ada"
    [[rule]]
    repository = "octo/api"
    event_types = ["deploy-api"]
    requests = ["key"]
    [[rule.stage]]
    name = "release"
    approvers = ["ada"]
    required = 1
    approve_label = "Deploy"
    reject_label = "Close"
    confirm = "Goes to production."
    """
)
ADA = Actor("entra:11111111-1111-1111-1111-111111111111/22222222-2222-2222-2222-222222222222", "Ada")


@pytest.mark.parametrize("redraw", [message_card.redraw, outlook.redraw])
def test_a_card_that_is_drawn_anew_has_the_operators_labels_and_note(redraw: Callable[..., Any]) -> None:
    given = {"status": "pending", "needs": "", "target": "https://relay.example", "ticket": "t", "originator": ""}
    theirs = json.dumps(redraw(Case(REQUEST, "key"), **given))
    ours = json.dumps(redraw(Case(REQUEST, "key"), **given, words=WORDS))
    for text in ("Approve: Ship it", "The sender asks you to note", "Hurry!"):
        assert (True, False) == (text in theirs, text in ours)
    for text in ('"Deploy"', '"Close"', "Please note", "Goes to production."):
        assert text in ours


def test_a_button_that_opens_another_has_the_operators_label_too() -> None:
    assert ("Ship it", "Deploy") == (opener(REQUEST, "approve"), opener(REQUEST, "approve", WORDS))
    assert ("Reject", "Close") == (opener(REQUEST, "reject"), opener(REQUEST, "reject", WORDS))


def test_the_page_asks_in_the_operators_words() -> None:
    drawn = str(decide(view(Case(REQUEST, "key"), "pending", POLICY, ADA, 2.0), ENGLISH, Form("/x", "token")))
    for text in ("<small>Deploy</small>", "<small>Close</small>", "Please note: ", "Goes to production."):
        assert text in drawn
    assert "Hurry!" not in drawn


@pytest.mark.parametrize(("stage", "words"), [("release", WORDS), ("gone", Words())])
def test_a_card_to_confirm_has_the_words_of_its_stage(stage: str, words: Words) -> None:
    case, press = Case(REQUEST, "key"), Interaction("", "approve", "", ADA)
    key, decision = TicketKey("k1", b"x" * 32), Decision("confirm", stage, 1)
    assert words == confirm_answer(decision, case, press, POLICY, key, "https://relay.example", 2.0).words
    elsewhere = replace(case, request=replace(REQUEST, repository="octo/none"))
    assert Words() == confirm_answer(decision, elsewhere, press, POLICY, key, "https://relay.example", 2.0).words
