"""The check whether a release was overtaken: GitHub has since taken a newer approval of the same group."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from relay.api.json_replies import answered, json_reply
from relay.api.request_body import read_json
from relay.approval.groups import Rank, group_of_released
from relay.approval.releases import overtakes
from relay.errors import Refusal, malformed, unknown_field
from relay.journal.calls import note
from relay.model.delivery import Delivery, Reply
from relay.signed import receipts
from relay.store.contract import Store

MAX_BODY: Final = 128 * 1024  # a dispatch takes 64 KiB in all, and the receipt is in it


@dataclass(frozen=True, slots=True)
class ReceiptsCheck:
    """POST /api/receipts/check. The receipt is its own proof; `clock` returns Unix seconds."""

    store: Store
    key_set: Mapping[str, object]
    public_url: str
    clock: Callable[[], float]

    def check(self, delivery: Delivery) -> Reply:
        """Answer with the id of the approval that overtook this one, or null."""
        return answered(lambda: self._check(delivery))

    def _check(self, delivery: Delivery) -> Reply:
        if len(delivery.body) > MAX_BODY:
            raise Refusal("too-large", "body", message=f"The body is larger than {MAX_BODY // 1024} KiB.")
        body = read_json(delivery.body)
        for name in body.keys() - {"receipt"}:
            raise unknown_field(name)
        receipt = body.get("receipt")
        if not isinstance(receipt, str):
            raise malformed("receipt", "is required: approval.receipt of the event, as text")
        claims = receipts.open_receipt(receipt, self.key_set, issuer=self.public_url)
        note(request=str(claims["jti"]), repository=str(claims["aud"]))
        if not receipts.has_begun(claims, self.clock()):
            raise Refusal("not-genuine", "receipt: from the future", message="The receipt is from the future.")
        if receipts.has_ended(claims, self.clock()):
            raise Refusal("expired", "receipt: expired", message="The receipt has expired; it lives one day.")
        return json_reply(200, {"id": claims["jti"], "overtaken_by": self._overtaken_by(claims)})

    def _overtaken_by(self, claims: Mapping[str, Any]) -> str | None:
        if "supersede" not in claims:  # an announcement or a rejection; these are never overtaken
            return None
        group = group_of_released(claims["aud"], claims["environment"] or "", claims["event_type"])
        mine = Rank(int(datetime.fromisoformat(claims["decided_at"]).timestamp()), claims["jti"])
        newest = self.store.newest(group)
        return newest.id if newest and overtakes(newest, mine) else None
