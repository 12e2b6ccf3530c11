"""A request as a workflow makes it, without a key and with one: the whole of POST /api/requests, with fresh tokens."""

import json
import os
import time
import uuid
from typing import Final

import jwt

from bench import tenant
from bench.run import Run
from relay.app import build, read_all
from relay.identity.github_issuers import issuer_of
from relay.model.delivery import Delivery

TOKENS: Final = 1_200  # more than are measured; each makes one request
KEY: Final = "0123456789abcdef0123456789abcdef"
CREATED: Final = 201


class Asked:
    """Requests of both kinds, each of which can be made many times."""

    def __init__(self, run: Run) -> None:
        settings = tenant.environ(run.outside, run.folder / "asked.db") | {"RELAY_API_KEYS": f"ci:{KEY}:octo/*"}
        self._relay = build(*read_all(settings))
        self._body = json.dumps({name: tenant.FORM[name] for name in ("event_type", "environment", "title")}).encode()
        self._keyed_body = json.dumps(tenant.FORM).encode()
        self._tokens = [_token(run) for _ in range(TOKENS)]

    def keyless(self) -> None:
        """Register a request by the token of a job."""
        self._register({"authorization": f"Bearer {self._tokens.pop()}"}, self._body)

    def keyed(self) -> None:
        """Register the same request by a key, with an Idempotency-Key as the command sends it."""
        self._register({"x-relay-key": KEY, "idempotency-key": os.urandom(12).hex()}, self._keyed_body)

    def close(self) -> None:
        """Close the store and the connections."""
        self._relay.close()

    def _register(self, headers: dict[str, str], body: bytes) -> None:
        registration = self._relay.registration()  # as each call of the function does
        reply = registration.register(Delivery("", headers, body, time.time()))
        if reply.status != CREATED:
            raise ValueError(f"not registered: {reply.body.decode()}")


def _token(run: Run) -> str:
    now = int(time.time())
    claims = {
        "iss": issuer_of(run.outside),
        "aud": tenant.ORIGIN,
        "iat": now,
        "nbf": now - 300,
        "exp": now + 3_600,
        "jti": str(uuid.uuid4()),
        "repository": tenant.REPOSITORY,
        "repository_id": "710044512",
        "repository_owner_id": "9919",
        "ref": "refs/heads/main",
        "sha": "0123456789abcdef0123456789abcdef01234567",
        "run_id": "18200345671",
        "run_attempt": "1",
        "actor": "octocat",
        "actor_id": "583231",
        "event_name": "push",
        "job_workflow_ref": "octo/api/.github/workflows/ask.yml@refs/heads/main",
    }
    return jwt.encode(claims, run.tenant.key, algorithm="RS256", headers={"kid": "bench"})
