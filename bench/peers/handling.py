"""The job of a click, done the ordinary way: PyJWT, one claim in SQLite, httpx with a shared client.

It judges by a list of object ids, signs no receipt, keeps no debt and draws no card.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

import jwt

from bench.tenant import ADA, AUDIENCE, TENANT

APPROVERS: Final = frozenset({ADA})
HEADERS: Final = {
    "Accept": "application/vnd.github+json",
    "Authorization": "Bearer github_pat_made_up",
    "X-GitHub-Api-Version": "2022-11-28",
}


class DeniedError(Exception):
    """The click is refused. `status` is the HTTP status of the answer."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True)
class Approved:
    """The dispatch to send: its address and its event."""

    url: str
    event: dict[str, Any]


class Ordinary:
    """The code that both ordinary peers share. Each serves and calls GitHub in its own way."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._outside = environ["ORDINARY_OUTSIDE"]
        self._keys = jwt.PyJWKClient(f"{self._outside}/{TENANT}/discovery/v2.0/keys")
        self._path = environ["ORDINARY_STORE"]
        self._turn = Lock()
        self._connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("CREATE TABLE IF NOT EXISTS claims (id TEXT PRIMARY KEY, by TEXT NOT NULL)")

    def person(self, authorization: str) -> str:
        """Return the object id that the token proves. Raises DeniedError."""
        token = authorization.removeprefix("Bearer ")
        try:
            key = self._keys.get_signing_key_from_jwt(token)
            claims = jwt.decode(
                token,
                key.key,
                algorithms=["RS256"],
                audience=AUDIENCE,
                issuer=f"{self._outside}/{TENANT}/v2.0",
                options={"require": ["exp", "iat", "oid"]},
            )
        except jwt.PyJWTError:
            raise DeniedError(401) from None
        return str(claims["oid"])

    def claim(self, person: str, body: Mapping[str, Any]) -> Approved:
        """Record, durably and once, that this person approved. Raises DeniedError."""
        if person not in APPROVERS:
            raise DeniedError(403)
        with self._turn:
            written = self._connection.execute(
                "INSERT INTO claims VALUES (?, ?) ON CONFLICT DO NOTHING", (body["id"], person)
            )
        if written.rowcount != 1:
            raise DeniedError(409)
        payload = {**body["client_payload"], "approval": {"id": body["id"], "by": person}}
        return Approved(
            f"{self._outside}/repos/{body['repository']}/dispatches",
            {"event_type": body["event_type"], "client_payload": payload},
        )

    def claims(self) -> int:
        """Return how many claims are in the file."""
        with closing(sqlite3.connect(self._path)) as connection:
            return int(connection.execute("SELECT count(*) FROM claims").fetchone()[0])

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
