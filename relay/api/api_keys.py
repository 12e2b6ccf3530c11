"""API keys: a workflow, or any CI, proves itself with one of RELAY_API_KEYS."""

import hmac
from collections.abc import Sequence
from typing import Final, NamedTuple

from relay.approval.globs import matches
from relay.errors import Refusal
from relay.model.case import Case
from relay.model.delivery import Delivery
from relay.model.request import ApiKey, Proof

OPERATOR: Final = "operator"


class Asker(NamedTuple):
    """The holder of a key, with every scope that the key is listed with."""

    name: str
    scopes: tuple[str, ...]
    proof: Proof = "key"
    idempotency_key: str = ""  # empty for a key, which asks for many requests

    def may_ask_for(self, repository: str) -> bool:
        """Tell whether the key may register requests of a repository."""
        return any(scope != OPERATOR and matches(scope, repository) for scope in self.scopes)

    def may_see(self, case: Case) -> bool:
        """Tell whether the key may see a case and cancel it."""
        return OPERATOR in self.scopes or self.may_ask_for(case.request.repository)


def authenticate(delivery: Delivery, api_keys: Sequence[ApiKey]) -> Asker:
    """Return the holder of the key in x-relay-key. Raises Refusal not-genuine."""
    given = delivery.headers.get("x-relay-key", "").encode("utf-8", "replace")
    found = [key for key in api_keys if hmac.compare_digest(key.key.encode(), given)]
    if not found:
        raise Refusal(
            "not-genuine",
            "x-relay-key is missing or unknown",
            message="The header x-relay-key is missing or not a key of RELAY_API_KEYS.",
        )
    return Asker(found[0].name, tuple(key.scope for key in found))
