"""Cases drawn as cards of Teams, and the parts of a card."""

import json
from dataclasses import replace
from typing import Any

from relay.approval.policy import ChatChannel
from relay.chats.table import kinds
from relay.chats.teams.card import TeamsCards
from relay.model.answer import Answer
from relay.model.case import Case
from relay.model.people import Actor, Review
from relay.model.request import Proof, Status
from relay.policy_toml import parse
from relay.signed.request import read_form
from tests.support import entra_tokens, example_policy
from tests.support.entra_tokens import NOW

ORIGIN = "https://relay.example"
POLICY = parse.parse(example_policy.POLICY, kinds())
CARDS = TeamsCards(POLICY, ORIGIN)
OPS = ChatChannel("ops", "teams", "19:ops@thread.tacv2")
OLD = replace(OPS, card="messagecard")
LINK = {"@type": "OpenUri", "name": "Log", "targets": [{"os": "default", "uri": "https://log.example"}]}
POST = {"@type": "HttpPOST", "name": "Approve", "target": "https://evil.example"}


def case(environment: str = "production", *reviews: Review, status: Status = "pending", **fields: Any) -> Case:
    form = {"repository": "octo/api", "event_type": "deploy-api", "title": "배포", **fields}
    if environment:
        form["environment"] = environment
    request = read_form(form, issued_at=NOW, nonce="n" * 22, lifetime=86_400)
    proof: Proof = "key"
    return Case(request, proof, status=status, reviews=reviews, version=1)


def pending(made: Case, code: str = "pending", sentence: str = "") -> Answer:
    return Answer(code, sentence, made, "pending", "1 more approval in stage release", "t.i.c")


def adaptive(answer: Answer) -> dict[str, Any]:
    message = json.loads(json.dumps(CARDS.draw(answer, OPS)))
    (attachment,) = message["attachments"]
    assert "application/vnd.microsoft.card.adaptive" == attachment["contentType"]
    card: dict[str, Any] = attachment["content"]
    return card


def elements(card: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each for each in card["body"] if each["type"] == kind]


def buttons(card: dict[str, Any]) -> list[dict[str, Any]]:
    return [action for each in elements(card, "ActionSet") for action in each["actions"]]


def approved(name: str, stage: str = "release") -> Review:
    return Review("approve", Actor(f"entra:{entra_tokens.TENANT}/{example_policy.PEOPLE[name]}", name), stage, NOW)
