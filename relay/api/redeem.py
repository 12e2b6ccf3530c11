"""Redemption of a receipt: of all runs that one approval started, exactly one wins."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from relay.api.api_keys import Asker
from relay.api.json_replies import answered, json_reply
from relay.api.proofs import Proofs, TokenAsker
from relay.api.request_body import read_json
from relay.errors import Refusal, malformed, unknown_field
from relay.journal.calls import note
from relay.model.case import Case
from relay.model.delivery import Delivery, Reply
from relay.signed import canonical_json, receipts
from relay.store.contract import Store

MAX_BODY: Final = 128 * 1024  # a dispatch takes 64 KiB in all, and the receipt is in it
KEPT: Final = 86_400  # seconds after the receipt's own end
TARGET: Final = "repository_dispatch"  # the event of the runs that an approval starts, if its receipt names no other
_RUN_ID: Final = re.compile("[1-9][0-9]{0,19}")
_FIELDS: Final = frozenset({"receipt", "run_id"})


@dataclass(frozen=True, slots=True)
class Redemption:
    """POST /api/receipts/redeem. `clock` returns Unix seconds, `nonce` a new random word."""

    store: Store
    proofs: Proofs
    key_set: Mapping[str, object]
    public_url: str
    clock: Callable[[], float]
    nonce: Callable[[], str]

    def redeem(self, delivery: Delivery) -> Reply:
        """Answer 200 to the first run and to each of its attempts, and 409 to any other run."""
        return answered(lambda: self._redeem(delivery))

    def _redeem(self, delivery: Delivery) -> Reply:
        asker = self.proofs.prove(delivery)
        if len(delivery.body) > MAX_BODY:
            raise Refusal("too-large", "body", message=f"The body is larger than {MAX_BODY // 1024} KiB.")
        body = read_json(delivery.body)
        for name in body.keys() - _FIELDS:
            raise unknown_field(name)
        receipt = body.get("receipt")
        if not isinstance(receipt, str):
            raise malformed("receipt", "is required: approval.receipt of the event, as text")
        now = self.clock()
        claims = receipts.open_receipt(receipt, self.key_set, issuer=self.public_url)
        note(request=str(claims["jti"]), repository=str(claims["aud"]))
        if not receipts.has_begun(claims, now):
            raise Refusal("not-genuine", "receipt: from the future", message="The receipt is from the future.")
        run_id = self._run(asker, claims, body.get("run_id"))
        if receipts.has_ended(claims, now):
            raise Refusal("expired", "receipt: expired", message="The receipt has expired; it lives one day.")
        case = self.store.load(str(claims.get("jti")))
        by_key, last = isinstance(asker, Asker), _last_run(case, claims)
        if int(claims.get("run", 1)) < last:
            kept = self.store.get(_key(claims, last, ""), now=now)
            message = "The release was started again since, and only that later run redeems. Release nothing."
            return _lost(message, json.loads(kept) if kept else {}, by_key=by_key)
        return self._take(claims, run_id, _later_stage(case, claims), by_key=by_key, now=now)

    def _run(self, asker: Asker | TokenAsker, claims: Mapping[str, Any], given: object) -> str:
        """Return the id of the run that redeems. Raises Refusal not-allowed for a run of another repository."""
        repository = str(claims.get("aud"))
        if given is not None and not (isinstance(given, str) and _RUN_ID.fullmatch(given)):
            raise malformed("run_id", "must be the run's id as text, 1 to 20 digits")
        if isinstance(asker, Asker):
            if not asker.may_ask_for(repository):
                raise _not_allowed("the key's scope", "This API key is not for the repository of the receipt.")
            if given is None:
                raise malformed("run_id", "is required with an API key: GITHUB_RUN_ID of the released workflow")
            return str(given)
        token = asker.token
        case = self.store.load(str(claims.get("jti")))
        if token.repository.lower() != repository.lower() or not _is_same_repository(asker, case):
            raise _not_allowed("another repository's token", "The receipt is for another repository.")
        target = str(claims.get("target", TARGET))
        if token.event_name != target:
            raise _not_allowed("another event", f"Only a run that {target} started redeems its approval.")
        if given not in (None, token.run_id):
            raise malformed("run_id", "differs from the token's own run; leave it out")
        return token.run_id

    def _take(self, claims: Mapping[str, Any], run_id: str, stage: str, *, by_key: bool, now: float) -> Reply:
        mine = {"repository": claims["aud"], "run_id": run_id, "nonce": self.nonce()}
        key = _key(claims, claims.get("run", 1), stage)
        kept = json.loads(self.store.put_if_absent(key, json.dumps(mine), now=now, until=claims["exp"] + KEPT))
        if kept["run_id"] == run_id:
            first = kept["nonce"] == mine["nonce"]
            return json_reply(200, {"id": claims["jti"], "first": first, "redeemed_by": _redeemer(kept)})
        return _lost("Another run has redeemed this approval already. Release nothing.", kept, by_key=by_key)


def _last_run(case: Case | None, claims: Mapping[str, Any]) -> int:
    """Return the number of the last release that was sent under the approval of a receipt, or 1."""
    if case is None or claims.get("event_type") != case.request.event_type:
        return 1
    sent = [debt.run for debt in case.debts if debt.kind == "dispatch" and not debt.decision and debt.was_sent]
    return max(sent, default=1)


def _later_stage(case: Case | None, claims: Mapping[str, Any]) -> str:
    """Return the stage of a receipt if its event told of an earlier stage of the approval too, else an empty text."""
    debts, event_type = case.debts if case else (), claims.get("event_type")
    told = [debt.passed[-1] for debt in debts if debt.passed and debt.event_type == event_type]
    return str(claims.get("stage")) if claims.get("stage") in told[1:] else ""


def _key(claims: Mapping[str, Any], run: object, stage: str) -> str:
    """Return the key, in the store, of the redemption of a release of the approval of a receipt."""
    approval = [claims.get(name) for name in ("jti", "event_type", "decision")] + [run] + [stage] * bool(stage)
    return f"redeemed {canonical_json.sha256(json.dumps(approval).encode())}"


def _redeemer(kept: Mapping[str, str]) -> dict[str, str]:
    return {name: kept[name] for name in ("repository", "run_id")}


def _lost(message: str, kept: Mapping[str, str], *, by_key: bool) -> Reply:
    """Answer a run that redeems nothing. `kept` is the stored value of the run that did, or empty if none has yet."""
    note(outcome="already-redeemed")
    redeemed_by = _redeemer(kept) if kept else {}
    if by_key:  # the id is all that a key's holder would need to pass for that run
        redeemed_by.pop("run_id", None)
    said = {"error": "already-redeemed", "message": message}
    return json_reply(409, {**said, "redeemed_by": redeemed_by} if redeemed_by else said)


def _is_same_repository(asker: TokenAsker, case: Case | None) -> bool:
    """Tell whether the asker is of the repository that the request was proven for, if a token proved one."""
    origin = case.origin if case else None
    return origin is None or bool(origin.asker) or origin.repository_id == asker.token.repository_id


def _not_allowed(check: str, message: str) -> Refusal:
    return Refusal("not-allowed", check, message=message)
