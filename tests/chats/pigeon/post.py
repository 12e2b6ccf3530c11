"""The lofts of the tests' chat: notes are posted by POST, and updated by PUT."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from relay.approval.policy import ChatChannel
from relay.chats.contract.outgoing import Posted
from relay.model.answer import Answer
from relay.model.debts import Delivered, Outcome, RetryAfter
from relay.model.request import ApprovalRequest, Proof
from relay.model.values import Json
from relay.net import client as http_client
from relay.net.call import CallError
from relay.net.client import Client

API = "https://pigeon.example/lofts"
MAX_TITLE = 100


class Notes:
    """The cards: a title, and the state of the case."""

    def draw(self, answer: Answer, channel: ChatChannel) -> Json:
        """Return the note that shows a case."""
        title, loft = answer.case.request.title, channel.place
        return {"type": "note", "text": f"{loft}: {title} is {answer.status}", "ticket": answer.ticket}

    def fits(self, request: ApprovalRequest, proof: Proof, channel: ChatChannel) -> str:
        """Return why a pigeon cannot carry the note."""
        assert (proof, channel.kind) == ("key", "pigeon")
        return "as a card, the title is too heavy" if len(request.title) > MAX_TITLE else ""


@dataclass(frozen=True, slots=True)
class Lofts:
    """The API of the lofts."""

    client: Callable[[], Client]
    clock: Callable[[], float]

    def post(self, place: str, message: Json, *, deadline: float) -> tuple[Posted | None, Outcome]:
        """Post a note, and return its name."""
        answer = self._send("POST", place, message, deadline)
        if not answer:
            return None, RetryAfter("no pigeon came back")
        return Posted(place, str(json.loads(answer)["id"])), Delivered()

    def update(self, place: str, message_id: str, message: Json, *, deadline: float) -> Outcome:
        """Put a note in the place of another."""
        answer = self._send("PUT", f"{place}/{message_id}", message, deadline)
        return Delivered() if answer else RetryAfter("no pigeon came back")

    def say(self, thread: str, message: Json, *, deadline: float) -> Outcome:
        """Post a note that nobody updates."""
        return self.post(thread, message, deadline=deadline)[1]

    def _send(self, method: str, path: str, message: Json, deadline: float) -> bytes:
        try:
            answer = http_client.ask(
                self.client(),
                method,
                f"{API}/{path}",
                headers={"Content-Type": "application/json"},
                content=json.dumps(message).encode(),
                deadline=deadline,
                clock=self.clock,
            )
        except CallError:
            return b""
        return answer.body
