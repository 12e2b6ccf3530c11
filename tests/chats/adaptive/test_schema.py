from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.chats import lint
from relay.chats.adaptive.body import Mention
from relay.chats.outlook import card as outlook
from relay.chats.workflows import card as workflows
from relay.model.case import Case, Successor
from relay.model.debts import Debt
from relay.model.people import Actor, Review
from relay.model.request import FACTS, Proof, Proven
from relay.signed.request import read_form
from tests.chats.adaptive.schema import problems
from tests.pictures.cards import ORIGINATOR, TARGET, drawn
from tests.support.entra_tokens import NOW
from tests.support.request_forms import FORMS, WORDS

VERSIONS = {"workflows": "1.2", "workflows-notification": "1.2", "outlook": "1.0"}  # of the parts, not of the card
PROOFS = st.sampled_from(["oidc", "key", "offline"])
CARDS = drawn()


def inside(message: dict[str, Any]) -> dict[str, Any]:
    card: dict[str, Any] = message["attachments"][0]["content"]
    return card


@pytest.mark.parametrize("name", CARDS)
def test_the_cards_of_the_pictures_are_in_the_official_schema(name: str) -> None:
    _, card = CARDS[name]
    assert [] == problems(card, VERSIONS.get(name, "1.4"))


def test_what_is_not_in_the_schema_is_found() -> None:
    assert [] != problems({"type": "AdaptiveCard", "version": "1.2", "body": [{"type": "TextBlok"}]}, "1.2")
    assert [] != problems({"type": "AdaptiveCard", "version": "1.2", "bodi": []}, "1.2")
    execute = {"type": "AdaptiveCard", "version": "1.4", "actions": [{"type": "Action.Execute", "verb": "x"}]}
    assert [] == problems(execute, "1.4")
    assert [] != problems(execute, "1.2")


@given(form=FORMS, proven=st.sampled_from([(), FACTS, FACTS[3:4]]), name=WORDS)
@settings(deadline=None, max_examples=60)
def test_every_request_is_a_card_for_a_workflow_and_for_a_phone(
    form: dict[str, object], proven: Proven, name: str
) -> None:
    request = read_form(form, issued_at=NOW, nonce="n" * 22, lifetime=60)
    url = f"https://relay.example/api/review/{request.id}"
    message = workflows.draw(request, review_url=url, proven=proven, mentions=[Mention(name, "ada@octo.example")])
    assert [] == problems(inside(message), "1.2")
    assert () == lint.breaches(message, "workflows")


@given(form=FORMS, proof=PROOFS, words=WORDS, status=st.sampled_from(["pending", "approved", "rejected", "superseded"]))
@settings(deadline=None, max_examples=60)
def test_every_case_is_a_card_for_outlook(form: dict[str, object], proof: Proof, words: str, status: Any) -> None:
    request = read_form(form, issued_at=NOW, nonce="n" * 22, lifetime=60)
    review = Review("reject", Actor("entra:t/o", words), words, NOW, words)
    case = Case(
        request, proof, status, "qa", (review,), NOW, (Debt("x", NOW, NOW),), superseded_by=Successor("a", words)
    )
    ticket = "t.t.t" if status == "pending" else ""
    card = outlook.redraw(case, status=status, needs=words, target=TARGET, ticket=ticket, originator=ORIGINATOR)
    assert [] == problems(card, "1.0")
    assert () == lint.breaches(card, "outlook")
