"""Who asks: a workflow, or any CI, with one of the keys of RELAY_API_KEYS."""

import hmac
from collections.abc import Sequence
from typing import Final, NamedTuple

from relay.approval.policy import matches
from relay.errors import Refusal
from relay.model import ApiKey, Case, Delivery

OPERATOR: Final = "operator"


class Asker(NamedTuple):
    """Who holds a key, and all scopes that the key is listed with."""

    name: str
    scopes: tuple[str, ...]

    def may_ask_for(self, repository: str) -> bool:
        """Tell whether requests of a repository may be made with the key."""
        return any(scope != OPERATOR and matches(scope, repository) for scope in self.scopes)

    def may_see(self, case: Case) -> bool:
        """Tell whether a case may be seen and withdrawn with the key."""
        return OPERATOR in self.scopes or self.may_ask_for(case.request.repository)


def prove(delivery: Delivery, api_keys: Sequence[ApiKey]) -> Asker:
    """Return who asks. Raises Refusal not-genuine."""
    given = delivery.headers.get("x-relay-key", "").encode("utf-8", "replace")
    found = [key for key in api_keys if hmac.compare_digest(key.key.encode(), given)]
    if not found:
        raise Refusal(
            "not-genuine",
            "x-relay-key is missing or unknown",
            message="The header x-relay-key is missing or not a key of RELAY_API_KEYS.",
        )
    return Asker(found[0].name, tuple(key.scope for key in found))
