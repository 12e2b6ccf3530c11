"""The OIDC tokens of made-up jobs: GitHub's issuer with a key of this run, and the address at which a runner asks.

https://docs.github.com/actions/reference/security/oidc
"""

import hashlib
import hmac
import re
import secrets
import time
import uuid
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from relay.approval.policy import Policy
from relay.dev.simulator.answers import Answer, NotTaken, json_answer
from relay.dev.simulator.entra import public_key
from relay.dev.simulator.incoming import Call
from relay.errors import Refusal
from relay.identity.github_issuers import issuer_of
from relay.identity.github_oidc import GITHUB, KEYS_PATH
from relay.signed.fields import READERS

LIFETIME: Final = 300  # seconds, as at GitHub
PATH: Final = "/_services/token"  # where GitHub Enterprise Server has its issuer too
_ASK: Final = f"{PATH}/idtoken"
_JOB: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ref": "refs/heads/main",
        "ref_type": "branch",
        "sha": "5f0c1d9e8b7a6543210fedcba9876543210fedcb",
        "run_id": "18200345671",
        "run_number": "214",
        "run_attempt": "1",
        "runner_environment": "github-hosted",
        "actor": "octocat",
        "actor_id": "583231",
        "event_name": "push",
        "repository_visibility": "private",
        "workflow": "ask",
        "head_ref": "",
        "base_ref": "",
    }
)
# A job may be of any event, ref or person. The rest is the issuer's to say.
_CHOSEN: Final = frozenset({*GITHUB.required, *GITHUB.optional, *GITHUB.ignored}) - {
    *("iss", "aud", "exp", "iat", "nbf", "jti", "sub")
}


_FACTS: Final = ("repository", "environment", "ref", "sha", "run_url", "requested_by", "requested_by_id")
_RUN: Final = re.compile(r"/actions/runs/([1-9][0-9]{0,19})\Z")


class JobTokens:
    """Gives tokens to runners that have the secret of this run. The relay believes them by its settings alone.

    `owners` are the ids of owners by their names; all others are made up.
    """

    def __init__(self, origin: str, owners: Mapping[str, str] = MappingProxyType({})) -> None:
        self._origin = origin
        self._owners = owners
        self._issuer = issuer_of(origin)
        self._request_token = secrets.token_urlsafe(24)
        self._kid = uuid.uuid4().hex
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def environment(self, repository: str, **claims: str) -> dict[str, str]:
        """Return the variables of a job with the permission id-token: write, for which the token says `claims`."""
        query = urlencode({"api-version": "2.0", "repository": repository, **claims})
        return {
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{self._origin}{_ASK}?{query}",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": self._request_token,
        }

    def of_form(self, form: Mapping[str, object], audience: str) -> str:
        """Return the token of the job that would send a form: its claims say the same.

        It is empty if no job has such facts. The relay then names the field, as it does for a key.
        """
        facts = [name for name in _FACTS if form.get(name)]
        if "repository" not in facts or not all(_is_taken(name, form[name]) for name in facts):
            return ""
        return self._token(claims_of(form), audience)

    def take(self, call: Call) -> Answer:
        """Answer a call below PATH. Raises NotTaken."""
        if call.method == "GET" and call.path == PATH + KEYS_PATH:
            return json_answer(200, {"keys": [public_key(self._key, self._kid)]})
        if call.method != "GET" or call.path != _ASK:
            raise NotTaken(404, "There is nothing at this address.")
        scheme, _, given = call.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.encode(), self._request_token.encode()):
            raise NotTaken(401, "The request token is not the one of this run.")
        query = call.query
        job = {name: value for name, value in query.items() if name in _CHOSEN}
        if "/" not in job.get("repository", ""):
            raise NotTaken(400, "the address names no repository", "repository")
        return json_answer(200, {"count": 1, "value": self._token(job, query.get("audience", ""))})

    def _token(self, job: Mapping[str, str], audience: str) -> str:
        repository = job["repository"]
        owner = repository.partition("/")[0]
        owner_id = self._owners.get(owner.lower()) or number_of(owner)
        made = {**_JOB, "repository_id": number_of(repository), "repository_owner_id": owner_id, **job}
        workflow = f"{repository}/.github/workflows/{made['workflow']}.yml@{made['ref']}"
        now = int(time.time())
        claims = {
            "repository_owner": owner,
            "workflow_ref": workflow,
            "workflow_sha": made["sha"],
            "job_workflow_ref": workflow,
            "job_workflow_sha": made["sha"],
            **made,
            "iss": self._issuer,
            "aud": audience or f"https://github.com/{owner}",
            "sub": f"repo:{owner}@{owner_id}/{repository}@{number_of(repository)}:ref:{made['ref']}",
            "jti": str(uuid.uuid4()),
            "iat": now,
            "nbf": now - 300,
            "exp": now + LIFETIME,
        }
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": self._kid})


def owner_ids(policy: Policy) -> dict[str, str]:
    """Return the ids of owners that the policy names, by the owner in lower case."""
    named = ((rule.repository.partition("/")[0].lower(), rule.tokens.owner_id) for rule in policy.rules)
    return {owner: number for owner, number in named if number}


def claims_of(form: Mapping[str, object]) -> dict[str, str]:
    """Return the claims of the job that would send a form. Facts that the form leaves out are those of any job."""
    claims = {name: str(form[name]) for name in ("repository", "environment", "ref", "sha") if form.get(name)}
    if run := _RUN.search(str(form.get("run_url"))):
        claims["run_id"] = run[1]
    if actor := form.get("requested_by"):
        claims |= {"actor": str(actor), "actor_id": str(form.get("requested_by_id") or number_of(str(actor)))}
    return claims | ({"run_attempt": "2"} if form.get("requested_by_also") else {})


def _is_taken(name: str, value: object) -> bool:
    try:
        READERS[name](name, value)
    except Refusal:
        return False
    return True


def number_of(name: str) -> str:
    """Return the made-up id of a repository or an owner, the same in every run."""
    return str(1 + int(hashlib.sha256(name.lower().encode()).hexdigest()[:8], 16))
