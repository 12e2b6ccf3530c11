"""Genuine tokens of GitHub Actions, made of its documented claims. Tests begin with these and spoil one thing."""

import json
import time
import uuid
from pathlib import Path
from typing import Any, Final

from tests.support import entra_tokens
from tests.support.entra_tokens import PUBLIC, header, jwk, sign

CASES: Final = Path(__file__).parents[1] / "fixtures" / "github_oidc"
NAMES: Final = sorted(each.name for each in CASES.iterdir())
NOW: Final = entra_tokens.NOW
ORIGIN: Final = "https://relay.example"
ISSUER: Final = "https://token.actions.githubusercontent.com"
SLUG_ISSUER: Final = f"{ISSUER}/octo-inc"
JWKS_URL: Final = f"{ISSUER}/.well-known/jwks"
KID: Final = "cc413527-173f-5a05-976e-9c52b1d7b431"
KEYS: Final = {KID: PUBLIC}


def claims(case: str = "push", **changes: object) -> dict[str, Any]:
    """Return the claims of a case. A change to None leaves that claim out."""
    genuine = json.loads((CASES / case / "claims.json").read_text("utf-8"))
    return {name: value for name, value in (genuine | changes).items() if value is not None}


def fresh(case: str = "push", **changes: object) -> dict[str, Any]:
    """Return the claims of a case, made now."""
    now = int(time.time())
    return claims(case, **{"jti": str(uuid.uuid4()), "nbf": now - 300, "iat": now, "exp": now + 300, **changes})


def token(made: dict[str, Any] | None = None, **header_changes: object) -> str:
    """Return a genuine token of claims, those of a push if none are given."""
    return sign(header(**{"kid": KID, **header_changes}), claims() if made is None else made)


def bearer(case: str = "push", **changes: object) -> str:
    """Return the Authorization header of a token made now."""
    return f"Bearer {token(fresh(case, **changes))}"


def jwks() -> dict[str, object]:
    """Return GitHub's key set."""
    return {"keys": [jwk(kid=KID, alg="RS256")]}
