"""The conversations where the relay may post, as the deliveries of their chats named them."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from typing import Final

from relay.model.delivery import Conversation
from relay.store.contract import Store

REMEMBERED: Final = 10 * 365 * 86_400  # seconds; a bot that is installed today may be silent for long


@dataclass(frozen=True, slots=True)
class Conversations:
    """The conversations by chat and id; `clock` returns Unix seconds."""

    store: Store
    clock: Callable[[], float]

    def remember(self, place: Conversation) -> None:
        """Remember a conversation, as it is known from now on. Raises Outage."""
        now = self.clock()
        stored = json.dumps(asdict(place))
        if self.store.get(_key(place.kind, place.id), now=now) != stored:
            self.store.put(_key(place.kind, place.id), stored, until=now + REMEMBERED)

    def place(self, kind: str, id: str) -> Conversation | None:  # noqa: A002 - the field's name
        """Return a conversation that is known, or None. Raises Outage."""
        stored = self.store.get(_key(kind, id), now=self.clock())
        return _read(stored) if stored else None


def _read(stored: str) -> Conversation:
    # A newer version of the relay may have stored more, and this one posts there all the same.
    known: dict[str, str] = json.loads(stored)
    return Conversation(**{field.name: known[field.name] for field in fields(Conversation)})


def without_thread(place: Conversation) -> Conversation:
    """Return the whole conversation of a thread."""
    return replace(place, id=place.id.partition(";")[0])


def _key(kind: str, identifier: str) -> str:
    return f"place:{kind}:{identifier}"
