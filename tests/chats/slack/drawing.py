"""A case to be drawn as a message of Slack, and the parts of the message."""

from typing import Any

from relay.model.answer import Answer
from relay.model.case import Case
from relay.model.people import Actor, Review
from relay.model.request import ApprovalRequest, Status
from tests.chats.slack.mrkdwn import texts

TICKET = "a.b.c" * 100
REQUEST = ApprovalRequest(
    id="r" * 32,
    repository="octo/api",
    title="Deploy api to production?",
    issued_at=1_790_000_000,
    expires_at=1_790_086_400,
    nonce="n" * 22,
    event_type="deploy-api",
    environment="production",
    ref="refs/heads/main",
    sha="0123456789abcdef",
    requested_by="octocat",
    run_url="https://github.com/octo/api/actions/runs/1",
    links=({"name": "Diff", "url": "https://github.com/octo/api/compare"},),
    facts=({"name": "Tests", "value": "128 passed"},),
)
ADA = Review("approve", Actor("slack:T1/U1", "Ada *Lovelace*"), "qa", 1_790_000_100, "fine <!here>")


def answer(request: ApprovalRequest = REQUEST, *, status: Status = "pending", **changes: Any) -> Answer:
    case = Case(request, "key", status=status, **changes)
    live = status == "pending"
    return Answer(
        "pending", "", case, status, "1 more approval in stage release" if live else "", TICKET if live else ""
    )


def shown(message: dict[str, Any]) -> str:
    return "\n".join(text["text"] for _, text in texts(message["blocks"]))


def block(message: dict[str, Any], kind: str, identifier: str = "") -> dict[str, Any]:
    found: dict[str, Any] = next(
        each for each in message["blocks"] if each["type"] == kind and each.get("block_id", "").startswith(identifier)
    )
    return found
