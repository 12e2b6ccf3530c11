"""The call that is being answered: its facts, and the messages that go out for it, gathered until it is answered.

Each piece of code notes the facts that it knows. Outside of a call a message that goes out is handed on at once.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from relay.journal.messages import Message
from relay.journal.metrics import count_call
from relay.model.case import Case

Keep = Callable[[Sequence[Message]], None]


@dataclass(slots=True)
class Call:
    """A call under way. `keep` takes its messages, at the end of the call, or at once if it does not `hold` them."""

    keep: Keep
    trace: str = ""
    holds: bool = True
    noted: dict[str, str] = field(default_factory=dict)
    sent: list[Message] = field(default_factory=list)


_CALL: Final[ContextVar[Call | None]] = ContextVar("call", default=None)
_TRACE: Final = ContextVar("trace", default="")
_ANSWERED: Final[ContextVar["Answered | None"]] = ContextVar("answered", default=None)


class Answered(NamedTuple):
    """The end of a call to the outside: its HTTP status, None without an answer, and the seconds that it took."""

    status: int | None
    seconds: float


@contextmanager
def calling(call: Call) -> Iterator[Call]:
    """Gather the messages of a call, and hand them on once it is over, even after a failure."""
    before = _CALL.set(call)
    _ANSWERED.set(None)
    try:
        yield call
    finally:
        _CALL.reset(before)
        if call.sent:  # the press that is told last came before its dispatch, perhaps in the same millisecond
            call.keep(sorted(call.sent, key=lambda message: message.at))


@contextmanager
def tracing(trace: str) -> Iterator[None]:
    """Work for the call of another `trace`, unless it is empty: a debt is tried long after the call that owed it."""
    before = _TRACE.set(trace)
    try:
        yield
    finally:
        _TRACE.reset(before)


def trace() -> str:
    """Return the trace of the call that is being answered or worked for, or "" without one."""
    call = _CALL.get()
    return _TRACE.get() or (call.trace if call else "")


def note(**facts: str) -> None:
    """Note facts about the call: `request`, `repository`, `person`, `outcome`, `check`. A later one wins."""
    call = _CALL.get()
    if call is not None:
        call.noted.update((name, fact) for name, fact in facts.items() if fact)


def note_case(case: Case, **facts: str) -> None:
    """Note the request of a case, and other facts."""
    note(request=case.request.id, repository=case.request.repository, **facts)


def record(message: Message) -> None:
    """Record a message. It gets the trace of its call unless it has one.

    One that went out gets status and time of the call to the outside that was noted since the message before.
    """
    call, answered = _CALL.get(), _ANSWERED.get()
    if call is None:
        return
    whole = message if message.trace else replace(message, trace=call.trace)
    if whole.direction == "out" and answered is not None:
        whole = replace(whole, status=answered.status, ms=round(answered.seconds * 1000))
        _ANSWERED.set(None)
    if call.holds:
        call.sent.append(whole)
    else:
        call.keep([whole])


def note_answer(status: int | None, seconds: float) -> None:
    """Note the end of a call that changes something outside: its HTTP status, or None without an answer."""
    _ANSWERED.set(Answered(status, seconds))
    count_call(seconds)
