"""Requests and cases, drawn as MessageCards that keep every limit."""

from typing import Any

from relay.chats.shared.message_card import draw, redraw
from relay.chats.shared.message_card_limits import check
from relay.model.case import Case
from relay.model.people import Actor, Review
from relay.model.request import FACTS, ApprovalRequest, Proven
from relay.signed.request import read_form
from tests.support.entra_tokens import NOW

TARGET = "https://relay.example/api/interactions/messagecard"
OPEN = {"@type": "OpenUri", "name": "Logs", "targets": [{"os": "default", "uri": "https://ci.example"}]}
POST = {"@type": "HttpPOST", "name": "Retry", "target": "https://ci.example"}
REVIEW = Review("approve", Actor("entra:t/o", "에이다 *Ada*"), "qa", NOW, "좋아요\n# 정말")


def ask(**fields: object) -> ApprovalRequest:
    form = {"repository": "octo/api", "event_type": "deploy-api", "title": "배포 승인", **fields}
    return read_form({k: v for k, v in form.items() if v is not None}, issued_at=NOW, nonce="n" * 22, lifetime=86_400)


def drawn(request: ApprovalRequest, proven: Proven = FACTS) -> dict[str, Any]:
    card = draw(request, target=TARGET, ticket="t.t.t", proven=proven)
    assert () == check(card)
    return card


def again(case: Case, status: str = "", needs: str = "", ticket: str = "") -> dict[str, Any]:
    card = redraw(case, status=status or case.status, needs=needs, target=TARGET, ticket=ticket)
    assert () == check(card)
    return card


def facts(card: dict[str, Any], section: int = 0) -> dict[str, str]:
    return {fact["name"]: fact["value"] for fact in card["sections"][section]["facts"]}


def headers(action: dict[str, Any]) -> dict[str, str]:
    return {header["name"]: header["value"] for header in action["headers"]}
