"""GitHub's OIDC tokens: the proof of a workflow's job, with every documented claim in a table.

https://docs.github.com/actions/reference/security/oidc
Repository and ref are read from their own claims. `sub` is never parsed: its form is the owner's to change, and
repositories made since July 2026 have immutable ids in it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from relay.identity import bearer_tokens
from relay.identity.token_claims import LEEWAY, Check, TokenKind, TokenProfile

KEYS_PATH: Final = "/.well-known/jwks"
# Events of commits that the repository itself holds. A pull request, even of a fork, is none of them.
OWN_EVENTS: Final = frozenset(
    {"push", "workflow_dispatch", "schedule", "release", "repository_dispatch", "deployment", "create", "merge_group"}
)
# Events whose actor caused them. The actor of the others may be the last author, or an app.
_BY_ACTOR: Final = frozenset({"push", "workflow_dispatch", "release", "create"})
_BOT: Final = "[bot]"
_MAX_TEXT: Final = 1_024

_NUMBER: Final = re.compile("[1-9][0-9]{0,19}")
_REPOSITORY: Final = re.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,99}/[A-Za-z0-9._-]{1,100}")
_SHA: Final = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")
_LOGIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}(\[bot\])?")
_EVENT: Final = re.compile("[a-z][a-z_]{0,99}")
_JTI: Final = re.compile("[!-~]{1,128}")


@dataclass(frozen=True, slots=True)
class WorkflowToken:
    """The proven claims of one job. Ids are texts, as in the token. `environment` is empty if the job has none."""

    jti: str
    repository: str
    repository_id: str
    repository_owner_id: str
    ref: str
    sha: str
    run_id: str
    run_attempt: int
    actor: str
    actor_id: str
    event_name: str
    job_workflow_ref: str
    environment: str = ""

    @property
    def proves_commit(self) -> bool:
        """Tell whether ref and sha are the repository's own, and not a pull request's or another event's."""
        return self.event_name in OWN_EVENTS

    @property
    def proves_requester(self) -> bool:
        """Tell whether the actor is the person who asks. On a re-run the actor is still that of the first attempt."""
        return self.event_name in _BY_ACTOR and self.run_attempt == 1 and not self.actor.endswith(_BOT)


def profiles(issuers: Iterable[str], audience: str) -> tuple[TokenProfile, ...]:
    """Return the profile of each issuer. `audience` is the relay's public origin."""
    none: frozenset[str] = frozenset()
    return tuple(
        TokenProfile(GITHUB, issuer, issuer + KEYS_PATH, none, frozenset({audience}), none) for issuer in issuers
    )


def bearer(headers: Mapping[str, str]) -> str:
    """Return the bearer token of a request (header names in lower case), or an empty string if there is none.

    An Authorization header of another scheme is no token. Raises Refusal not-genuine if it is not one token.
    """
    given = headers.get("authorization", "").strip(" \t")
    if given.partition(" ")[0].lower() != "bearer":
        return ""
    return bearer_tokens.bearer({"authorization": given})


def verify(token: str, profile: TokenProfile, keys: Mapping[str, RSAPublicKey], now: float) -> WorkflowToken:
    """Prove a job's token. Raises Refusal not-genuine. Total: any text in, a proven token or Refusal out."""
    claims = bearer_tokens.prove(token, profile, keys, now)
    return WorkflowToken(
        run_attempt=int(claims["run_attempt"]),
        environment=claims.get("environment", ""),
        **{name: claims[name] for name in _TEXTS},
    )


def _matches(pattern: re.Pattern[str]) -> Check:
    return lambda value, _profile, _now: isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_text(value: object, _profile: TokenProfile, _now: float) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _MAX_TEXT and value.isprintable()


def _is_issuer(value: object, profile: TokenProfile, _now: float) -> bool:
    return value == profile.issuer


def _is_audience(value: object, profile: TokenProfile, _now: float) -> bool:
    """Tell whether the token is for this relay alone. A list of its one origin is the same (RFC 7519, 4.1.3)."""
    return any(value in (audience, [audience]) for audience in profile.audiences)


def _has_begun(value: object, _profile: TokenProfile, now: float) -> bool:
    return type(value) is int and value <= now + LEEWAY  # type() since a bool is an int too


def _has_not_ended(value: object, _profile: TokenProfile, now: float) -> bool:
    return type(value) is int and value > now - LEEWAY


_ATTEMPT: Final = re.compile("[1-9][0-9]{0,5}")
GITHUB: Final = TokenKind(
    name="github",
    person="",  # it proves a job; its actor counts as the requester only as `proves_requester` says
    required={
        "iss": _is_issuer,
        "aud": _is_audience,
        "exp": _has_not_ended,
        "iat": _has_begun,
        "jti": _matches(_JTI),
        "repository": _matches(_REPOSITORY),
        "repository_id": _matches(_NUMBER),
        "repository_owner_id": _matches(_NUMBER),
        "ref": _is_text,
        "sha": _matches(_SHA),
        "run_id": _matches(_NUMBER),
        "run_attempt": _matches(_ATTEMPT),
        "actor": _matches(_LOGIN),
        "actor_id": _matches(_NUMBER),
        "event_name": _matches(_EVENT),
        "job_workflow_ref": _is_text,
    },
    optional={"nbf": _has_begun, "environment": _is_text},
    ignored=frozenset(
        {
            "sub",  # its form is the owner's choice
            "base_ref",  # of pull requests, which prove no commit
            "head_ref",
            "check_run_id",
            "enterprise",
            "enterprise_id",
            "environment_node_id",
            "job_workflow_sha",  # job_workflow_ref names the same file
            "ref_protected",
            "ref_type",  # ref says it too
            "repository_owner",  # repository says it too
            "repository_visibility",
            "run_number",
            "runner_environment",
            "workflow",
            "workflow_ref",  # of the calling workflow; the job runs job_workflow_ref
            "workflow_sha",
        }
    ),
)
_TEXTS: Final = tuple(name for name in GITHUB.required if name in WorkflowToken.__slots__ and name != "run_attempt")
