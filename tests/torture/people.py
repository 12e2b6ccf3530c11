"""People who press buttons, and workflows that ask, cancel, and send the timer on its way."""

import json
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from relay.approval.groups import Rank
from relay.dev.simulator.slack_workspace import Message
from relay.signed import canonical_json
from tests.support import click_answers, clicks, road
from tests.support.chaos.neighbours import Neighbours
from tests.torture import rules
from tests.torture.calls import LOOK, ROUND, Reply, call
from tests.torture.diary import CUT, Answered, Card, Diary, slack_user
from tests.torture.lives import Slot


@dataclass
class People:
    """All people, and the workflows that ask them."""

    outside: Neighbours
    diary: Diary

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
        status, _, body = call(self.diary, at, "/api/requests", headers, json.dumps(form).encode())
        if status not in {200, 201}:
            self._note("ask", "workflow", "", str(status), "", began, at)
            return None
        made = json.loads(body)
        claims = claims_of(made["ticket"])
        card = Card(
            id=made["id"],
            environment=environment,
            repository=repository,
            ticket=made["ticket"],
            mark=Rank(claims["iat"], made["id"]),
            registered=True,
            known_at=time.monotonic(),
        )
        with self.diary.lock:
            self.diary.asked.append(key)
            self.diary.cards.append(card)
        self._note("ask", "workflow", card.id, str(status), made["status"], began, at)
        return card

    def carry(self, at: Slot, environment: str, *, repository: str = rules.API) -> Card:
        """Make a request that only its card carries, without registering it."""
        issued_at = int(at.now())
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
        with self.diary.lock:
            self.diary.cards.append(card)
        return card

    def press(self, at: Slot, person: str, verdict: str, card: Card, *, ticket: str = "") -> str:
        """Press a button, and return the code of the answer."""
        now = int(at.now())
        headers = clicks.headers(
            person, verdict, ticket or card.ticket, iss=self.outside.issuer, iat=now - 60, nbf=now - 60, exp=now + 3_600
        )
        began = time.monotonic()
        reply = call(self.diary, at, "/api/interactions/messagecard", headers)
        if reply.status == 200:
            with suppress(KeyError):
                card.ticket = click_answers.pressable(json.loads(reply.body))["approve"]
        code, sentence = _code(reply), reply.headers.get("card-action-status", "")
        self._note(verdict, person, card.id, code, sentence, began, at)
        return code

    def press_in_slack(self, at: Slot, person: str, verdict: str, message: Message) -> str:
        """Press a button of a message in Slack, and return the code of the answer."""
        button = next(each for each in _buttons(message) if each["action_id"] == verdict)
        press = self.outside.slack.fake.press(slack_user(person), message, verdict, name=person, at=at.now())
        began = time.monotonic()
        code = _code(call(self.diary, at, "/api/interactions/slack", press.headers, press.body))
        self._note(verdict, person, claims_of(button["value"])["jti"], code, "", began, at)
        return code

    def cancel(self, at: Slot, card: Card) -> str:
        """Withdraw a registered request, and return its status, or the code of the refusal."""
        began = time.monotonic()
        reply = call(self.diary, at, f"/api/requests/{card.id}/cancel", {"x-relay-key": road.API_KEY})
        said = json.loads(reply.body) if reply.status else {}
        code = str(said.get("status") or said.get("error") or CUT)
        self._note("cancel", "workflow", card.id, code, "", began, at)
        return code

    def round(self, at: Slot) -> bool:
        """Run the timer once. Return False if it could not."""
        return call(self.diary, at, ROUND, {}).status == 200

    def look(self, at: Slot) -> bool:
        """Ask for health, which runs a late round. Return False if there was no answer."""
        return call(self.diary, at, LOOK, {}, method="GET").status in {200, 503}

    def _note(self, act: str, person: str, case_id: str, code: str, sentence: str, began: float, at: Slot) -> None:
        answered = Answered(act, person, case_id, code, sentence, began, time.monotonic(), at.number)
        with self.diary.lock:
            self.diary.answers.append(answered)


def pressable(message: Message) -> set[str]:
    """Return the verdicts of a message's live buttons."""
    return {each["action_id"] for each in _buttons(message)}


def card_ids(message: Message) -> set[str]:
    """Return the ids of the requests that a message's live buttons are for."""
    return {str(claims_of(each["value"])["jti"]) for each in _buttons(message)}


def claims_of(ticket: str) -> dict[str, Any]:
    """Return the claims of a ticket, unverified."""
    found: dict[str, Any] = json.loads(canonical_json.from_base64url(ticket.split(".")[1]))
    return found


def _buttons(message: Message) -> list[dict[str, str]]:
    elements = [each for block in message.blocks if block["type"] == "actions" for each in block["elements"]]
    return [each for each in elements if not each["action_id"].startswith("link-")]


def _code(reply: Reply) -> str:
    return reply.headers.get("relay-outcome", CUT if not reply.status else f"status {reply.status}")
