"""People and workflows that call the relays over HTTP, and every answer they got."""

import json
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from threading import Lock
from typing import Final

from relay.approval.groups import Rank
from relay.signed import canonical_json
from tests.support import entra_tokens, example_policy, road
from tests.torture import rules
from tests.torture.lives import Slot

PATIENCE: Final = 12.0  # seconds that a person waits for an answer
_ROUND: Final = 90.0  # seconds that a round may take
CUT: Final = "cut"  # no answer came


@dataclass
class Card:
    """A request as people see it. `ticket` is the one on its latest card."""

    id: str
    environment: str
    repository: str
    ticket: str
    mark: Rank
    registered: bool
    known_at: float  # when its asker had the answer, on the machine's clock


@dataclass(frozen=True)
class Answered:
    """The answer to an act of a person or a workflow; `began` and `ended` on the machine's clock."""

    act: str  # approve, reject, cancel, ask
    person: str
    id: str
    code: str
    sentence: str
    began: float
    ended: float
    life: int


@dataclass
class People:
    """All people and workflows, with the cards they know. `answers` and `asked` are for the judge."""

    issuer: str
    answers: list[Answered] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def ask(self, at: Slot, environment: str, *, key: str, repository: str = rules.API) -> Card | None:
        """Register a request under an Idempotency-Key. Return its card, or None if there was no good answer."""
        form = {
            "repository": repository,
            "environment": environment,
            "event_type": rules.RELEASE,
            "reject_event_type": rules.REFUSED,
            "title": f"Deploy {key}",
        }
        headers = {"x-relay-key": road.API_KEY, "idempotency-key": key, "content-type": "application/json"}
        began = time.monotonic()
        status, _, body = self._call(at, "/api/requests", headers, json.dumps(form).encode())
        if status not in {200, 201}:
            self._note("ask", "workflow", "", str(status), "", began, at)
            return None
        made = json.loads(body)
        claims = json.loads(_part(made["ticket"]))
        card = Card(
            id=made["id"],
            environment=environment,
            repository=repository,
            ticket=made["ticket"],
            mark=Rank(claims["iat"], made["id"]),
            registered=True,
            known_at=time.monotonic(),
        )
        with self.lock:
            self.asked.append(key)
            self.cards.append(card)
        self._note("ask", "workflow", card.id, str(status), made["status"], began, at)
        return card

    def carry(self, at: Slot, environment: str, *, repository: str = rules.API) -> Card:
        """Make a request that only its card carries, without registering it."""
        issued_at = int(time.time() + at.levers.shift.value)
        request = road.offline(
            environment,
            repository=repository,
            issued_at=issued_at,
            nonce=secrets.token_urlsafe(16),
            reject_event_type=rules.REFUSED,
        )
        card = Card(
            id=request.id,
            environment=environment,
            repository=repository,
            ticket=road.ticket(request),
            mark=Rank(issued_at, request.id),
            registered=False,
            known_at=time.monotonic(),
        )
        with self.lock:
            self.cards.append(card)
        return card

    def press(self, at: Slot, person: str, verdict: str, card: Card, *, ticket: str = "") -> str:
        """Press a button, and return the code of the answer."""
        now = int(time.time() + at.levers.shift.value)
        headers = road.headers(
            person, verdict, ticket or card.ticket, iss=self.issuer, iat=now - 60, nbf=now - 60, exp=now + 3_600
        )
        began = time.monotonic()
        status, given, body = self._call(at, "/api/interactions/messagecard", headers, b"")
        code = given.get("relay-outcome", CUT if not status else f"status {status}")
        if status == 200:
            with suppress(KeyError):
                card.ticket = road.pressable(json.loads(body))["approve"]
        self._note(verdict, person, card.id, code, given.get("card-action-status", ""), began, at)
        return code

    def cancel(self, at: Slot, card: Card) -> str:
        """Withdraw a registered request, and return its status, or the code of the refusal."""
        began = time.monotonic()
        status, _, body = self._call(at, f"/api/requests/{card.id}/cancel", {"x-relay-key": road.API_KEY}, b"")
        said = json.loads(body) if status else {}
        code = str(said.get("status") or said.get("error") or CUT)
        self._note("cancel", "workflow", card.id, code, "", began, at)
        return code

    def round(self, at: Slot) -> bool:
        """Run the timer once. Return False if it could not."""
        return self._call(at, "/round", {}, b"")[0] == 200

    def _call(self, at: Slot, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers by lower-case names, and body. Status 0 means no answer."""
        connection = HTTPConnection("127.0.0.1", at.port or 1, timeout=PATIENCE if path != "/round" else _ROUND)
        try:
            connection.request("POST", path, body, dict(headers))
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, HTTPException):
            return 0, {}, b""
        finally:
            connection.close()
        if answer.status in {500, 502} or (answer.status == 404 and path != "/round" and b"unknown" not in content):
            self.unexpected.append(f"{path} answered {answer.status}")
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content

    def _note(self, act: str, person: str, case_id: str, code: str, sentence: str, began: float, at: Slot) -> None:
        answered = Answered(act, person, case_id, code, sentence, began, time.monotonic(), at.number)
        with self.lock:
            self.answers.append(answered)


def actor(person: str) -> str:
    """Return the id by which the relay knows a person."""
    return f"entra:{entra_tokens.TENANT}/{example_policy.PEOPLE.get(person, person)}"


def _part(ticket: str) -> bytes:

    return canonical_json.from_base64url(ticket.split(".")[1])
