"""The tables of the store in memory, and its single steps."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import Final

from relay.approval.groups import Rank
from relay.approval.wake_ups import WakeUp
from relay.github.rate_limit import CallBudget
from relay.journal.audit import AuditLine
from relay.journal.messages import Message
from relay.model.case import Case
from relay.store import codec

FORGOTTEN: Final = 500  # values, groups, messages or lines that one call forgets at most
Step = Callable[[str], AbstractContextManager[None]]
_decoded: Final = lru_cache(1_000)(codec.decode)


@dataclass
class Tables:
    """All that is durable. Several stores may share it, as several processes share a file."""

    born_at: float
    bodies: dict[str, bytes] = field(default_factory=dict)
    rows: dict[WakeUp, None] = field(default_factory=dict)
    claims: dict[str, tuple[str, float]] = field(default_factory=dict)
    heads: dict[str, Rank] = field(default_factory=dict)
    pending: dict[str, set[Rank]] = field(default_factory=dict)
    buckets: dict[str, CallBudget] = field(default_factory=dict)
    last_round: float = 0.0
    messages: dict[str, Message] = field(default_factory=dict)
    audit: dict[tuple[int, str], AuditLine] = field(default_factory=dict)
    turn: Lock = field(default_factory=Lock)

    def case(self, case_id: str) -> Case | None:
        """Return a case, or None. Raises ValueError if it is of a newer form."""
        body = self.bodies.get(case_id)
        return None if body is None else _decoded(body)

    def cases(self) -> list[Case]:
        """Return every case."""
        return [_decoded(body) for body in self.bodies.values()]


def at_once(_name: str) -> AbstractContextManager[None]:
    """Do a step without waiting or failing."""
    return nullcontext()


class Stepping:
    """Steps over `tables`, each done within `step(name)`, which may wait, or raise before the step or after it."""

    def __init__(self, tables: Tables, step: Step = at_once) -> None:
        self.tables = tables
        self._wait = step

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        with self._wait(name), self.tables.turn:
            yield
