"""The plain form: a dispatch that nobody approved, for cards in the form of the original function."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from relay.api.json_replies import answered
from relay.api.plain_form import PlainForm, read_plain
from relay.api.register import MAX_BODY, Claims
from relay.approval import wording
from relay.approval.policy import Policy, allow_plain
from relay.errors import Outage, Refusal
from relay.model import ApprovalRequest, Case, Debt, Delivery, Outcome, Reply
from relay.outbox.pay import Payer
from relay.signed import canonical_json

BUDGET: Final = 4.0
SAME_FOR: Final = 600


@dataclass(frozen=True, slots=True)
class Plain:
    """POST /api/actions/run; `clock` returns Unix seconds, `nonce` a new random word."""

    cases: Claims
    payer: Payer
    policy: Policy
    clock: Callable[[], float]
    nonce: Callable[[], str]

    def run(self, delivery: Delivery) -> Reply:
        """Dispatch what the policy's plain rules allow; the same JSON twice within ten minutes is one dispatch."""
        reply = answered(lambda: self._run(delivery))
        return reply if "Relay-Outcome" in reply.headers else told(reply)

    def _run(self, delivery: Delivery) -> Reply:
        if len(delivery.body) > MAX_BODY:
            raise Refusal("too-large", "body")
        repository, form = read_plain(delivery.body, self.policy.plain_repository)
        allow_plain(self.policy, repository, form.event_type)
        case = self._case(repository, form, delivery)
        outcome: Outcome | None = None
        deadline = delivery.arrived_at + BUDGET
        if case.version:
            outcome = wording.paid_outcome(case.debts[0])
        else:
            committed = self.payer.commit(case, case, deadline=deadline)
            if committed is not None:
                outcome = self.payer.pay_leased(committed, deadline=deadline)[1].get(0)
            elif self.cases.load(case.request.id) is None:
                raise Outage("the store did not take a plain dispatch")
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Location": f"https://github.com/{repository}/actions",
            "Relay-Outcome": wording.dispatch_code(outcome),
            "CARD-ACTION-STATUS": wording.plain_sentence(outcome),
        }
        return Reply(202, headers, delivery.body)

    def _case(self, repository: str, form: PlainForm, delivery: Delivery) -> Case:
        """Return the case of this JSON: as stored, or new (version 0) if it is the first in ten minutes."""
        now = int(self.clock())
        # Not canonical JSON: the original took floats, and so does GitHub.
        same = json.dumps(json.loads(delivery.body), sort_keys=True)
        mine = {"iat": now, "nonce": self.nonce()}
        key = f"plain {canonical_json.sha256(same.encode())}"
        kept = json.loads(self.cases.put_if_absent(key, json.dumps(mine), now=now, until=now + SAME_FOR))
        request = ApprovalRequest(
            id=canonical_json.digest({"plain": key, **kept}),
            repository=repository,
            title=form.event_type,
            issued_at=kept["iat"],
            expires_at=kept["iat"] + SAME_FOR,
            nonce=kept["nonce"],
            event_type=form.event_type,
            client_payload=form.client_payload,
        )
        owed = Debt(event_type=form.event_type, created_at=kept["iat"], due_at=kept["iat"], since=kept["iat"])
        case = Case(request, "plain", status="approved", decided_at=kept["iat"], debts=(owed,))
        return case if kept == mine else self.cases.load(request.id) or case


def told(refusal: Reply) -> Reply:
    """Return a refusal with the headers in which a card is told."""
    code = json.loads(refusal.body)["error"]
    told_in = {"Relay-Outcome": code, "CARD-ACTION-STATUS": wording.refusal(code)}
    return Reply(refusal.status, {**refusal.headers, **told_in}, refusal.body)
