"""Cards of docs/cards: one release of an API, as each host gets it."""

from collections.abc import Mapping
from typing import Any, Final

from relay.approval.policy import ChatChannel
from relay.chats.adaptive.body import Mention
from relay.chats.outlook import card as outlook
from relay.chats.table import kinds
from relay.chats.teams.card import TeamsCards
from relay.chats.workflows import card as workflows
from relay.model.answer import Answer
from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.people import Actor, Review
from relay.model.request import FACTS, ApprovalRequest
from relay.policy_toml import parse
from relay.signed.request import read_form
from tests.support.entra_tokens import NOW

RELAY: Final = "https://relay.example"
TARGET: Final = f"{RELAY}/api/interactions/messagecard"
TENANT: Final = "72f988bf-86f1-41af-91ab-2d7cd011db47"
ORIGINATOR: Final = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"
POLICY: Final = f"""
[people.ada]
name = "Ada Lovelace"
entra = "{TENANT}/00000000-0000-0000-0000-00000000000a"
[people.grace]
name = "Grace Hopper"
entra = "{TENANT}/00000000-0000-0000-0000-00000000000b"

[[rule]]
repository = "octo/*"
environment = "production"
event_types = ["deploy-*"]
requests = ["oidc", "key", "offline"]
self_approval = true
[[rule.stage]]
name = "release"
approvers = ["ada", "grace"]
required = 2
"""
FORM: Final = {
    "repository": "octo/payments-api",
    "event_type": "deploy-payments-production",
    "environment": "production",
    "title": "Release payments-api 2.14.0 to production",
    "text": "Retries of card payments become **idempotent**, and the nightly settlement no longer locks the ledger.",
    "ref": "refs/tags/v2.14.0",
    "sha": "8f3c1d9a4be27605fd1c0e9d7ab3c6f24e5b8a10",
    "run_url": "https://github.com/octo/payments-api/actions/runs/18234567890",
    "requested_by": "octocat",
    "confirm": "Migrations run first and take about 4 minutes.",
    "facts": [
        {"name": "Tests", "value": "1,842 passed"},
        {"name": "Image", "value": "ghcr.io/octo/payments-api:2.14.0"},
        {"name": "Rollback", "value": "one click, under 2 minutes"},
    ],
    "links": [
        {"name": "Changes since 2.13.2", "url": "https://github.com/octo/payments-api/compare/v2.13.2...v2.14.0"},
        {"name": "Staging", "url": "https://staging.octo.example"},
    ],
}
ADA: Final = Actor(f"entra:{TENANT}/00000000-0000-0000-0000-00000000000a", "Ada Lovelace")
GRACE: Final = Actor(f"entra:{TENANT}/00000000-0000-0000-0000-00000000000b", "Grace Hopper")
REVIEWS: Final = (
    Review("approve", ADA, "release", NOW + 540, "Looked at the migration plan: fine."),
    Review("approve", GRACE, "release", NOW + 1_260),
)


def ask(**fields: object) -> ApprovalRequest:
    """Return the request of the release, with changed fields. A change to None leaves a field out."""
    form = {name: value for name, value in {**FORM, **fields}.items() if value is not None}
    return read_form(form, issued_at=NOW, nonce="n" * 22, lifetime=86_400)


def drawn() -> Mapping[str, tuple[str, Mapping[str, Any]]]:
    """Return each picture's name, with its host and the card."""
    request = ask()
    people = (Mention("Ada Lovelace", "ada@octo.example"), Mention("Grace Hopper", "grace@octo.example"))
    first = workflows.draw(request, review_url=f"{RELAY}/api/review/{request.id}", proven=FACTS, mentions=people)
    note = workflows.draw(
        ask(event_type=None, environment=None, confirm=None, title="payments-api 2.14.0 is in production"),
        review_url="",
        proven=FACTS,
    )
    pending = Case(request, "oidc", "pending", "release", REVIEWS[:1])
    delivered = Debt("deploy-payments-production", NOW, NOW, status="delivered")
    approved = Case(request, "oidc", "approved", "release", REVIEWS, NOW + 1_260, (delivered,))
    return {
        "workflows": ("teams", _inside(first)),
        "workflows-notification": ("teams", _inside(note)),
        "teams-pending": ("teams", _bot(pending, "1 more approval in stage release", "t.t.t")),
        "teams-decided": ("teams", _bot(approved, "", "")),
        "outlook": (
            "outlook",
            outlook.draw(request, target=TARGET, ticket="t.t.t", proven=FACTS, originator=ORIGINATOR),
        ),
    }


def _bot(case: Case, needs: str, ticket: str) -> Mapping[str, Any]:
    cards = TeamsCards(parse.parse(POLICY, kinds()), RELAY)
    answer = Answer("pending" if ticket else "already-approved", "", case, case.status, needs, ticket)
    return _inside(cards.draw(answer, ChatChannel("ops", "teams", "19:ops@thread.tacv2", "adaptive")))


def _inside(message: Mapping[str, Any]) -> Mapping[str, Any]:
    card: Mapping[str, Any] = message["attachments"][0]["content"]
    return card
