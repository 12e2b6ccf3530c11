"""A token of GitHub Actions under the profiles of the tests: proven, or refused with the check that failed."""

import pytest

from relay.errors import Refusal
from relay.identity.bearer_tokens import peek
from relay.identity.github_oidc import WorkflowToken, profiles, verify
from tests.support.github_tokens import ISSUER, KEYS, NOW, ORIGIN, SLUG_ISSUER

PROFILES = profiles([ISSUER, SLUG_ISSUER], ORIGIN)


def prove(text: str, now: float = NOW) -> WorkflowToken:
    profile, _ = peek(text, PROFILES)
    return verify(text, profile, KEYS, now)


def why(text: str, now: float = NOW) -> str:
    with pytest.raises(Refusal) as refused:
        prove(text, now)
    assert "not-genuine" == refused.value.code
    return refused.value.check
