"""Clicks of people on cards: the proof of who they are, and the headers of the button."""

import time
from typing import Any

from tests.support import entra_tokens, example_policy


def claims(person: str, **changes: Any) -> dict[str, object]:
    """Return the claims of a token made now for a person of the policy, or for an object id."""
    now = int(time.time())
    entra = entra_tokens.v2_claims() | {
        "iat": now,
        "nbf": now,
        "exp": now + 3_600,
        "oid": example_policy.PEOPLE.get(person, person),
    }
    changed = entra | {"name": example_policy.NAMES.get(person, "Somebody")} | changes
    return {name: value for name, value in changed.items() if value is not None}


def bearer(person: str, **changes: Any) -> str:
    return f"Bearer {entra_tokens.token(claims(person, **changes))}"


def headers(person: str, verdict: str, ticket_text: str, **changes: Any) -> dict[str, str]:
    return {
        "authorization": bearer(person, **changes),
        "relay-ticket": ticket_text,
        "relay-verdict": verdict,
        "content-type": "application/json",
    }
