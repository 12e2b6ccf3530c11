"""The values, messages and lines of the audit that the store in memory keeps."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from relay.journal.messages import Message
from tests.support.memory_tables import FORGOTTEN, Stepping

if TYPE_CHECKING:
    from relay.journal.audit import AuditLine
    from relay.journal.search import Search


class MemoryJournal(Stepping):
    """The part of the contract that knows no case."""

    def mark_round(self, at: float) -> None:
        with self._step("mark round"):
            self.tables.last_round = at
            ended = [key for key, (_, until) in self.tables.claims.items() if until <= at]
            for key in ended[:FORGOTTEN]:
                del self.tables.claims[key]

    def last_round(self) -> float:
        with self._step("last round"):
            return self.tables.last_round

    def put_if_absent(self, key: str, value: str, *, now: float, until: float) -> str:
        with self._step("put if absent"):
            stored, ends = self.tables.claims.get(key, ("", 0.0))
            if ends > now:
                return stored
            self.tables.claims[key] = (value, until)
            return value

    def put(self, key: str, value: str, *, until: float) -> None:
        with self._step("put"):
            self.tables.claims[key] = (value, until)

    def get(self, key: str, *, now: float) -> str | None:
        with self._step("get"):
            value, ends = self.tables.claims.get(key, ("", 0.0))
            return value if ends > now else None

    def add_messages(self, messages: Sequence[Message]) -> None:
        with self._step("add messages"):
            self.tables.messages.update((message.key, message) for message in messages)

    def messages(self, search: "Search", limit: int) -> list[Message]:
        with self._step("messages"):
            kept = sorted(self.tables.messages.items())
            return [message for _, message in kept if search.has(message)][:limit]

    def forget_messages(self, until: float) -> bool:
        with self._step("forget messages"):
            old = sorted(place for place, message in self.tables.messages.items() if message.at < until)
            for place in old[-FORGOTTEN:]:
                del self.tables.messages[place]
            return len(old) >= FORGOTTEN

    def add_audit(self, line: "AuditLine") -> None:
        with self._step("add audit"):
            self.tables.audit[line.at, line.request] = line

    def audit(self, since: float, until: float) -> "list[AuditLine]":
        with self._step("audit"):
            return [line for place, line in sorted(self.tables.audit.items()) if since <= place[0] <= until]

    def forget_audit(self, until: float) -> bool:
        with self._step("forget audit"):
            old = [place for place in sorted(self.tables.audit) if place[0] < until]
            for place in old[:FORGOTTEN]:
                del self.tables.audit[place]
            return len(old) >= FORGOTTEN
