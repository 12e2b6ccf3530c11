"""Cards in the chats: each as it was posted, and as each person sees it now."""

import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final, Literal

from relay.dev.simulator.answers import NotTaken

_KEPT: Final = 20
Host = Literal["outlook", "workflows", "bot", "slack"]
Card = dict[str, Any]


@dataclass(slots=True)
class Posted:
    """A card in a chat. `card` is shown to everyone, `views` and `lines` to one person each, by their key.

    `revision` counts every event, and `edition` the changes for everyone. `failed` is the error of a flow that
    could not post the card. `message` is the chat's id of it, in `conversation`. A mail has its HTML, a `subject`
    and `to`; an empty `to` means the chosen person. A direct message is seen by `only` one person, by their key.
    `thread` is the card that it replies to, by its `id`. `last` is the person of the last press.
    """

    source: Literal["request", "webhook", "channel", "mail"]
    host: Host
    where: str
    card: Card
    title: str = ""
    request_id: str = ""
    message: str = ""
    conversation: str = ""
    mail: str = ""
    subject: str = ""
    to: str = ""
    only: str = ""
    thread: str = ""
    failed: str = ""
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    at: float = field(default_factory=time.time)
    revision: int = 0
    edition: int = 0
    views: dict[str, Card] = field(default_factory=dict)
    lines: dict[str, dict[str, object]] = field(default_factory=dict)
    last: str = ""

    def shown_to(self, person: str, *, everyone: bool = False) -> Card:
        """Return the card as a person sees it, or as it is for everyone."""
        return self.card if everyone else self.views.get(person, self.card)


class Board:
    """The last cards of all chats, the newest first. `on_change` is called after each change."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._lock = Lock()
        self._posted: list[Posted] = []
        self._askers: dict[str, str] = {}

    def post(self, posted: Posted) -> None:
        """Show a card, and drop the oldest."""
        with self._lock:
            self._posted.insert(0, posted)
            del self._posted[_KEPT:]
        self._on_change()

    def asked(self, request_id: str, by: str) -> None:
        """Store the requester of a request, which its card does not hold as a name to look up."""
        with self._lock:
            self._askers[request_id] = by

    def all(self) -> list[Posted]:
        """Return the cards, the newest first."""
        with self._lock:
            return list(self._posted)

    def find(self, card_id: object) -> Posted:
        """Return the card with this id. Raises NotTaken if there is none."""
        found = next((each for each in self.all() if each.id == card_id), None)
        if found is None:
            raise NotTaken(400, "no such card", "card")
        return found

    def edit(self, message: str, card: Card) -> None:
        """Change a message for everyone, and drop each person's own view of it. An unknown message is ignored."""
        with self._lock:
            for each in self._posted:
                if each.message == message:
                    each.card, each.views = card, {}
                    each.revision += 1
                    each.edition += 1
        self._on_change()

    def answer(self, posted: Posted, person: str, card: Card | None, line: Mapping[str, object]) -> None:
        """Show the outcome of a press to its person: the card of the answer, if any, and a line below it."""
        with self._lock:
            if card is not None:
                posted.views[person] = card
            posted.lines[person] = {**line, "at": time.time()}
            posted.last = person
            posted.revision += 1
        self._on_change()

    def refresh(self, posted: Posted, person: str, card: Card | None, edition: int) -> None:
        """Show a refreshed card to one person, unless the card of everyone has changed since `edition`."""
        with self._lock:
            if card is not None and posted.edition == edition:
                posted.views[person] = card
            posted.revision += 1
        self._on_change()

    def shown(self, state: Mapping[str, Mapping[str, Any]]) -> list[dict[str, object]]:
        """Return the cards for the page. `state` is the relay's state of each request, by id."""
        with self._lock:
            return [_shown(each, state.get(each.request_id), self._askers) for each in self._posted]

    def requests(self) -> Iterable[str]:
        """Return the ids of all requests that have a card."""
        return dict.fromkeys(each.request_id for each in self.all() if each.request_id)


def _shown(posted: Posted, state: Mapping[str, Any] | None, askers: Mapping[str, str]) -> dict[str, object]:
    return {
        "id": posted.id,
        "revision": posted.revision,
        "edition": posted.edition,
        "source": posted.source,
        "host": posted.host,
        "where": posted.where,
        "at": posted.at,
        "title": posted.title,
        "card": posted.card,
        "views": dict(posted.views),
        "lines": dict(posted.lines),
        "line": posted.lines.get(posted.last, {}),
        "subject": posted.subject or posted.title,
        "to": posted.to,
        "only": posted.only,
        "thread": posted.thread,
        "mail": bool(posted.mail),
        "failed": posted.failed,
        "request": {**state, "requested_by": askers.get(posted.request_id, "")} if state else None,
    }
