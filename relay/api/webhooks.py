"""POST /api/webhooks/github: events of GitHub, each proven, taken once, and handed to the reader of its kind."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from relay.api.json_replies import answered, json_reply
from relay.errors import Refusal
from relay.github import webhook
from relay.github.webhook import PING, Webhook
from relay.journal.calls import note
from relay.model.delivery import Delivery, Reply
from relay.model.values import Json
from relay.store.contract import Store

KEPT: Final = 7 * 86_400  # seconds for which a delivery counts once
SAME_FOR: Final = 600  # seconds for which the same body is the same delivery, under any id
Answered = Literal["taken", "ignored", "repeated"]
Reader = Callable[[Json], bool]


@dataclass(frozen=True, slots=True)
class Webhooks:
    """The webhooks of GitHub. `clock` returns Unix seconds.

    A reader of `readers`, by the name of its event, takes a payload and returns whether it was for this relay. It may
    be called twice for one delivery. Raises Outage if nothing was recorded.
    """

    store: Store
    secrets: Sequence[str]
    readers: Mapping[str, Reader]
    clock: Callable[[], float]

    def take(self, delivery: Delivery) -> Reply:
        """Answer 202 with the result of a delivery: taken, ignored, or repeated."""
        return answered(lambda: json_reply(202, {"status": self._noted(delivery)}))

    def _noted(self, delivery: Delivery) -> Answered:
        status = self._take(delivery)
        note(outcome=status)
        return status

    def _take(self, delivery: Delivery) -> Answered:
        if len(delivery.body) > webhook.MAX_BODY:
            raise Refusal("too-large", "body", message="The body is larger than 25 MiB.")
        webhook.prove(delivery.headers, delivery.body, self.secrets)
        found = webhook.read(delivery)
        if found.event == PING:
            return "taken"
        if self._is_repeated(found):
            return "repeated"
        reader = self.readers.get(found.event)
        taken = reader is not None and reader(found.payload)
        # Noted only now: what could not be recorded is taken when GitHub sends it again.
        self._note(found)
        return "taken" if taken else "ignored"

    def _is_repeated(self, found: Webhook) -> bool:
        now = self.clock()
        return any(self.store.get(key, now=now) is not None for key in _keys(found))

    def _note(self, found: Webhook) -> None:
        now = self.clock()
        for key, lifetime in zip(_keys(found), (KEPT, SAME_FOR), strict=True):
            self.store.put(key, "", until=now + lifetime)


def _keys(found: Webhook) -> tuple[str, str]:
    return f"github delivery {found.id}", f"github body {found.digest}"
