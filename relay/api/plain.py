"""Plain cards: a dispatch without approval, in the form of the original function. Only its own route imports this."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from relay.api.json_replies import answered
from relay.api.register import MAX_BODY
from relay.api.request_body import read_json
from relay.approval import wording
from relay.approval.policy import Policy
from relay.approval.requests import allow_plain
from relay.errors import Outage, Refusal, malformed
from relay.journal.calls import note_case
from relay.model.case import Case
from relay.model.debts import Debt, Outcome
from relay.model.delivery import Delivery, Reply
from relay.model.request import ApprovalRequest
from relay.outbox.pay import Payer
from relay.signed import canonical_json
from relay.signed.fields import OURS, OWNER, READERS, has_ours
from relay.store.contract import Store

BUDGET: Final = 4.0  # seconds from arrival to answer
SAME_FOR: Final = 600  # seconds in which the same JSON is the same dispatch


class Repository(BaseModel):
    """The repository of a plain dispatch."""

    model_config = ConfigDict(strict=True)
    owner: Annotated[str, Field(pattern=rf"^{OWNER}$")]
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,100}$")]


class PlainForm(BaseModel):
    """The body of POST /api/actions/run."""

    model_config = ConfigDict(strict=True, extra="forbid")
    event_type: Annotated[str, Field(min_length=1, max_length=100)]
    client_payload: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Plain:
    """POST /api/actions/run; `clock` returns Unix seconds, `nonce` a new random word. Runs are below `github_url`."""

    store: Store
    payer: Payer
    policy: Policy
    github_url: str
    clock: Callable[[], float]
    nonce: Callable[[], str]

    def run(self, delivery: Delivery) -> Reply:
        """Dispatch an event that a plain rule allows. The same JSON twice within ten minutes is one dispatch."""
        reply = answered(lambda: self._run(delivery))
        return reply if "Relay-Outcome" in reply.headers else with_card_headers(reply)

    def _run(self, delivery: Delivery) -> Reply:
        if len(delivery.body) > MAX_BODY:
            raise Refusal("too-large", "body")
        repository, form = read_plain(delivery.body, self.policy.plain_repository)
        allow_plain(self.policy, repository, form.event_type)
        case = self._case(repository, form, delivery)
        note_case(case)
        outcome: Outcome | None = None
        deadline = delivery.arrived_at + BUDGET
        if case.version:
            outcome = wording.paid_outcome(case.debts[0])
        else:
            committed = self.payer.commit(case, case, deadline=deadline)
            if committed is not None:
                outcome = self.payer.pay_leased(committed, deadline=deadline)[1].get(0)
            elif self.store.load(case.request.id) is None:
                raise Outage("the store did not take a plain dispatch")
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Location": f"{self.github_url}/{repository}/actions",
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
        first = json.loads(self.store.put_if_absent(key, json.dumps(mine), now=now, until=now + SAME_FOR))
        request = ApprovalRequest(
            id=canonical_json.digest({"plain": key, **first}),
            repository=repository,
            title=form.event_type,
            issued_at=first["iat"],
            expires_at=first["iat"] + SAME_FOR,
            nonce=first["nonce"],
            event_type=form.event_type,
            client_payload=form.client_payload,
        )
        debt = Debt(event_type=form.event_type, created_at=first["iat"], due_at=first["iat"], since=first["iat"])
        case = Case(request, "plain", status="approved", decided_at=first["iat"], debts=(debt,))
        return case if first == mine else self.store.load(request.id) or case


def with_card_headers(refusal: Reply) -> Reply:
    """Return a refusal with the headers that a card shows."""
    code = json.loads(refusal.body)["error"]
    shown = {"Relay-Outcome": code, "CARD-ACTION-STATUS": wording.refusal(code)}
    return Reply(refusal.status, {**refusal.headers, **shown}, refusal.body)


def read_plain(body: bytes, default_repository: str) -> tuple[str, PlainForm]:
    """Return the repository, OWNER/NAME, and the form. Raises Refusal malformed."""
    try:
        form = PlainForm.model_validate(read_json(body))
        READERS["event_type"]("event_type", form.event_type)
        _check_payload(form.client_payload)
        if "repository" not in form.client_payload and default_repository:
            return default_repository, form
        repository = _repository(form.client_payload.get("repository"))
    except ValidationError as error:
        path = ".".join(str(part) for part in error.errors()[0]["loc"] if isinstance(part, str))
        field = path if path in {"event_type", "client_payload", "owner", "name"} else "body"
        raise malformed(field, "is missing or not of the form") from None
    if repository.name in {".", ".."} or repository.name.lower().endswith(".git"):
        raise malformed("name", "is no repository's")
    return f"{repository.owner}/{repository.name}", form


def _repository(value: object) -> Repository:
    if not isinstance(value, dict):
        raise malformed("repository", "must be an object of owner and name")
    return Repository.model_validate(value)


def _check_payload(payload: dict[str, Any]) -> None:
    """Check a payload against GitHub's limits, https://docs.github.com/rest/repos/repos."""
    if has_ours(payload):
        raise malformed("client_payload", f"must not have the key {OURS}, in any letters")
    if len(payload) > 10:  # noqa: PLR2004 - GitHub's limit
        raise malformed("client_payload", "takes at most 10 top-level keys at GitHub")
    try:
        size = len(json.dumps(payload, ensure_ascii=False, allow_nan=False).encode())
    except ValueError:
        raise malformed("client_payload", "holds half a character, or a number too large for JSON") from None
    if size > 65_000:  # noqa: PLR2004 - GitHub's limit, with some room for the event type
        raise malformed("client_payload", "takes at most 65,000 bytes of JSON at GitHub")
