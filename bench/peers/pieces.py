"""The pieces of a click, each written the ordinary way."""

import json
import os
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict
from threading import Lock

import httpx
import jwt

from bench import tenant
from bench.clicked import turning
from bench.peers.handling import HEADERS
from bench.run import Run
from relay.model.case import Case


class OrdinaryPieces:
    """Pieces with PyJWT, sqlite3 and httpx, as the first pages of their documentation show them."""

    def __init__(self, run: Run, case: Case, payload: Mapping[str, object]) -> None:
        self._run, self._case, self._payload = run, case, payload
        self._tokens = turning([run.tenant.token(run.outside) for _ in range(200)])
        self._tickets = turning([tenant.ticket() for _ in range(200)])
        self._key = run.tenant.key.public_key()
        self._client = httpx.Client(headers=HEADERS, timeout=10)
        self._turn = Lock()
        self._rows = sqlite3.connect(run.folder / "rows.db", isolation_level=None, check_same_thread=False)
        for statement in ("journal_mode = WAL", "synchronous = FULL"):
            self._rows.execute(f"PRAGMA {statement}")
        self._rows.execute("CREATE TABLE decisions (id TEXT PRIMARY KEY, body TEXT NOT NULL)")

    def token(self) -> None:
        """Verify the token of the person, with the key at hand."""
        issuer = f"{self._run.outside}/{tenant.TENANT}/v2.0"
        jwt.decode(next(self._tokens), self._key, algorithms=["RS256"], audience=tenant.AUDIENCE, issuer=issuer)

    def ticket(self) -> None:
        """Verify a ticket, and leave its request unread."""
        jwt.decode(next(self._tickets), tenant.TICKET_KEY.secret, algorithms=["HS256"], audience=tenant.ORIGIN)

    def encode(self) -> None:
        """Make the bytes that are stored."""
        json.dumps(asdict(self._case)).encode()

    def commit(self) -> None:
        """Write one row of the same size, alone."""
        body = json.dumps({"id": self._case.request.id, "said": "x" * 900})
        with self._turn:
            self._rows.execute("INSERT INTO decisions VALUES (?, ?)", (os.urandom(16).hex(), body))

    def dispatch(self) -> None:
        """Send the dispatch over a shared client."""
        event = {"event_type": tenant.EVENT, "client_payload": self._payload}
        self._client.post(f"{self._run.outside}/repos/{tenant.REPOSITORY}/dispatches", json=event).raise_for_status()

    def receipt(self) -> None:
        """Sign the same payload."""
        jwt.encode(dict(self._payload), tenant.RECEIPT_KEY, algorithm="EdDSA", headers={"kid": "bench"})

    def close(self) -> None:
        """Close the file and the client."""
        self._rows.close()
        self._client.close()
