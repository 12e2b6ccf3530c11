"""Registration: a request of an authenticated workflow becomes a case."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from relay.api.api_keys import Asker
from relay.api.json_replies import answered, json_reply
from relay.api.proofs import Proofs, TokenAsker
from relay.api.request_body import read_body
from relay.api.status import summary
from relay.api.token_fields import fill
from relay.approval.deciders import Ways, blocked_stage
from relay.approval.policy import ANY_TOKEN, Policy, rule_of
from relay.approval.token_rules import allow_token
from relay.errors import Refusal, malformed
from relay.journal.calls import note_case
from relay.model.case import Case
from relay.model.delivery import Delivery, Reply
from relay.model.request import ApprovalRequest
from relay.model.values import Json, iso
from relay.outbox.new_case import NewCases
from relay.outbox.supersede import Supersession
from relay.signed import canonical_json, tickets
from relay.signed.request import MAX_LIFETIME, read_form, undecided_field
from relay.signed.senders_actions import check_actions
from relay.signed.tickets import TicketKey
from relay.store.contract import Store

MAX_BODY: Final = 1024 * 1024
CLAIM_LIFETIME: Final = 86_400  # seconds for which an Idempotency-Key means the same request
MAX_KEY: Final = 255
BUDGET: Final = 8.0  # seconds in which the on_request dispatch and the cards are tried before the answer


NOBODY: Final = (
    "nobody could decide this: no chat and no sign-in of this relay proves enough approvers of stage {stage}. The "
    "operator lists tenants in RELAY_ENTRA_TENANTS, and ways to sign in in RELAY_SIGN_IN."
)


class _Claim(NamedTuple):
    """The use of an Idempotency-Key: the hash of its body, and the request that was made of it."""

    sha256: str
    id: str
    iat: int
    nonce: str


@dataclass(frozen=True, slots=True)
class Registration:
    """POST /api/requests, for workflows and any CI; `clock` returns Unix seconds, `nonce` a new random word."""

    store: Store
    new_cases: NewCases
    supersession: Supersession
    policy: Policy
    proofs: Proofs
    ticket_keys: Sequence[TicketKey]
    public_url: str
    github_url: str
    clock: Callable[[], float]
    nonce: Callable[[], str]
    ways: Ways | None = None
    has_page: bool = True

    def register(self, delivery: Delivery) -> Reply:
        """Answer 201 with the new request, or 200 with the request of the same Idempotency-Key."""
        return answered(lambda: self._register(delivery))

    def _register(self, delivery: Delivery) -> Reply:
        asker = self.proofs.prove(delivery)
        if len(delivery.body) > MAX_BODY:
            raise Refusal("too-large", "body")
        form, now, origin = _asking(read_body(delivery)), int(self.clock()), None
        if isinstance(asker, TokenAsker):
            form, origin = fill(form, asker.token, self.github_url)
        request = self._request(form, asker, issued_at=now, nonce=self.nonce())
        if self.supersession.applies(request):
            request = self._request(form, asker, issued_at=self.supersession.date(request), nonce=request.nonce)
        first = self._claim(delivery, asker, request)
        known = self.store.load(first.id) if first.id != request.id else None
        if known is not None:
            self.new_cases.close_older(known)
            note_case(known, outcome="repeated")
            return json_reply(200, self._created(self.store.load(known.request.id) or known))
        if first.id != request.id:  # the call that used the key first never committed: this is its request, made again
            request = self._request(form, asker, issued_at=first.iat, nonce=first.nonce)
        ranked = self.supersession.applies(request)
        case = Case(request, asker.proof, ranked=ranked, origin=origin)
        until = delivery.arrived_at + BUDGET
        case = self.new_cases.make(case, deadline=until, github_until=until, by=f"{asker.proof}:{asker.name}")
        return json_reply(201, self._created(case))

    def _claim(self, delivery: Delivery, asker: Asker | TokenAsker, request: ApprovalRequest) -> _Claim:
        """Return the first use of the call's Idempotency-Key: this request, if there was none."""
        said = delivery.body
        if isinstance(asker, TokenAsker):  # the same body asks for something else where the token has another commit
            said += json.dumps([request.ref, request.sha, request.environment]).encode()
        mine = _Claim(canonical_json.sha256(said), request.id, request.issued_at, request.nonce)
        key = delivery.headers.get("idempotency-key", "") or asker.idempotency_key
        if not key:
            return mine
        if len(key) > MAX_KEY or not key.isascii() or not key.isprintable():
            raise malformed("Idempotency-Key", f"takes 1 to {MAX_KEY} printable ASCII characters")
        name, now = f"request {asker.name} {canonical_json.sha256(key.encode())}", self.clock()
        stored = self.store.put_if_absent(name, json.dumps(mine), now=now, until=now + CLAIM_LIFETIME)
        first = _Claim(*json.loads(stored))
        if first.sha256 != mine.sha256:
            raise Refusal("key-reused", "another body under the same Idempotency-Key")
        return first

    def _request(self, form: Json, asker: Asker | TokenAsker, *, issued_at: int, nonce: str) -> ApprovalRequest:
        request = read_form(form, issued_at=issued_at, nonce=nonce, lifetime=MAX_LIFETIME)
        if isinstance(asker, Asker) and not asker.may_ask_for(request.repository):
            raise Refusal("not-allowed", "the key's scope", message="This API key may not ask for this repository.")
        self._allow(request, asker)
        check_actions(request, self.public_url)
        return self.new_cases.check(request, asker.proof)

    def _allow(self, request: ApprovalRequest, asker: Asker | TokenAsker) -> None:
        """Judge a workflow's token. A notification, and a request without a rule, are for its own repository only."""
        if isinstance(asker, TokenAsker):
            rule = rule_of(self.policy, request) if request.event_type else None
            allow_token(rule.tokens if rule else ANY_TOKEN, asker.token, request)
            if rule and not rule.self_approval and asker.token.run_attempt > 1 and not request.requested_by_also:
                # The token of a re-run names the actor of the first attempt alone.
                raise malformed("requested_by_also", "is required of a run that was started again: who started it")

    def _created(self, case: Case) -> dict[str, object]:
        request = case.request
        page: dict[str, object] = {} if self.has_page else {"review_page": "off"}
        return (
            summary(case, self.policy, self.clock())
            | self._warning(request)
            | page
            | {
                "proven": [*case.proven],
                "expires_at": iso(request.expires_at),
                "review_url": f"{self.public_url}/api/review/{request.id}",
                "ticket": tickets.sign(request, self.ticket_keys[0], self.public_url, self_contained=False),
            }
        )

    def _warning(self, request: ApprovalRequest) -> dict[str, object]:
        """Return a warning if the settings of this relay leave a stage of the request without enough approvers."""
        rule = rule_of(self.policy, request) if request.event_type else None
        stage = blocked_stage(self.policy, rule, self.ways, request.approvers) if rule and self.ways else None
        return {"warning": NOBODY.format(stage=stage.name)} if stage else {}


def _asking(form: Json) -> Json:
    """Return the form as the asker wrote it.

    Raises Refusal malformed for gates without an event type, and for a list of approvers that names nobody.
    """
    if form.get("approvers") == []:  # a list that a program computed must not mean every approver of the rule
        raise malformed("approvers", "names nobody. Leave the field out to let all approvers of the rule press")
    field = undecided_field(form)
    # A reject event alone has a refusal of its own.
    if field and field != "reject_event_type" and form.get("event_type") is None:
        raise malformed(
            "event_type",
            f"is missing: without it this is a notification that asks nobody, and {field} is given. Usually the event "
            "type is misspelt, or a variable that is not set",
        )
    return form
