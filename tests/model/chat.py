"""Chat where people press and the relay posts. Its answers may come late, or be lost."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final

from relay.approval.cards import fingerprint
from relay.approval.policy import ChatChannel
from relay.chats.contract.incoming import Budget
from relay.chats.contract.outgoing import Posted
from relay.errors import Outage
from relay.model.answer import Answer
from relay.model.debts import Delivered, Outcome, RetryAfter
from relay.model.delivery import Delivery, Interaction, Reply, Verified
from relay.model.request import ApprovalRequest, Proof
from relay.model.values import Json

_UNSEEN: Final = RetryAfter("it cannot be reached")
_LATE: Final = RetryAfter("no time was left to ask it")
_CUT: Final = RetryAfter("the connection broke before its answer was complete", ambiguous=True)


class Drawing:
    """Draws a case as the fingerprint of its card."""

    def draw(self, answer: Answer, channel: ChatChannel) -> Json:  # noqa: ARG002 - the port
        return {"id": answer.case.request.id, "face": fingerprint(answer.case)}

    def fits(self, request: ApprovalRequest, proof: Proof, channel: ChatChannel) -> str:  # noqa: ARG002 - the port
        return ""


class Messages:
    """Messages by name. Each call leaves in one step and is answered in the next."""

    def __init__(self, clock: Callable[[], float], step: Callable[[str], AbstractContextManager[None]]) -> None:
        self.shown: dict[str, Json] = {}
        self._clock = clock
        self._step = step
        self._posted = 0

    def post(self, place: str, message: Json, *, deadline: float) -> tuple[Posted | None, Outcome]:
        self._posted += 1
        name = f"message-{self._posted}"
        outcome = self._put(name, message, deadline)
        return (Posted(place, name) if isinstance(outcome, Delivered) else None), outcome

    def say(self, thread: str, message: Json, *, deadline: float) -> Outcome:
        return self.post(thread, message, deadline=deadline)[1]

    def update(self, place: str, message_id: str, message: Json, *, deadline: float) -> Outcome:  # noqa: ARG002 - the port
        assert message_id in self.shown, "changed what was never posted"
        assert self.shown[message_id]["id"] == message["id"], "changed another request's card"
        return self._put(message_id, message, deadline)

    def _put(self, name: str, message: Json, deadline: float) -> Outcome:
        try:
            with self._step("post"):
                if self._clock() > deadline:
                    return _LATE
        except Outage:
            return _UNSEEN
        try:
            with self._step("posted"):
                if self._clock() > deadline:
                    return _CUT
                self.shown[name] = message
        except Outage:
            return _CUT
        return Delivered()


class Chat:
    """Chat in which a proven person pressed. It keeps the answer in `said`."""

    budget = Budget(4.0, 4.0)
    max_body = 1

    def __init__(self, interaction: Interaction) -> None:
        self.interaction = interaction
        self.said: Answer | str = ""

    def keys_needed(self, delivery: Delivery) -> None:
        """Need no public key."""

    def verify(self, delivery: Delivery, keys: object, now: float) -> Verified:  # noqa: ARG002 - the port
        return Verified(delivery, self.interaction.actor)

    def read(self, genuine: Verified) -> Interaction:  # noqa: ARG002 - the port
        return self.interaction

    def reply(self, answer: Answer, delivery: Delivery) -> Reply:  # noqa: ARG002 - the port
        self.said = answer
        return Reply(200, {}, b"")

    def refuse(self, code: str, check: str = "", delivery: Delivery | None = None, /) -> Reply:  # noqa: ARG002 - the port
        self.said = code
        return Reply(503, {}, b"")
