"""A fake GitHub in moods: it takes dispatches, refuses them, fails, or loses its answers, and notes each arrival."""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from threading import Event, Lock
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

from relay.errors import Outage
from relay.github.answers import classify
from relay.model import Json, Outcome, RetryAfter
from relay.net.call import HttpResponse

LONG: Final = 12.0  # seconds; longer than the relay waits for any answer
GONE: Final = "octo/gone"  # a repository that GitHub does not know
RETRY_AFTER: Final = "Retry-After"

Taking = Literal["takes", "takes slowly", "takes late", "takes and fails", "takes and cuts", "takes and stalls"]
Failing = Literal["fails", "cuts", "stalls", "limits", "asks to wait", "refuses", "is closed"]
Mood = Taking | Failing
Plan = Callable[[], Mood]


class Manner(NamedTuple):
    """How a dispatch is met: whether it is taken, the status answered or 0 for none, and the seconds until then."""

    takes: bool
    status: int = 0
    wait: float = 0.0
    headers: Mapping[str, str] = MappingProxyType({})


MANNERS: Final[Mapping[Mood, Manner]] = MappingProxyType(
    {
        "takes": Manner(takes=True, status=204),
        "takes slowly": Manner(takes=True, status=204, wait=0.2),
        "takes late": Manner(takes=True, status=204, wait=5.0),
        "takes and fails": Manner(takes=True, status=502),
        "takes and cuts": Manner(takes=True),
        "takes and stalls": Manner(takes=True, wait=LONG),
        "fails": Manner(takes=False, status=500),
        "cuts": Manner(takes=False),
        "stalls": Manner(takes=False, wait=LONG),
        "limits": Manner(takes=False, status=429, headers={RETRY_AFTER: "20"}),
        "asks to wait": Manner(takes=False, status=503, headers={RETRY_AFTER: "600"}),
        "refuses": Manner(takes=False, status=404),
        "is closed": Manner(takes=False),
    }
)
ANSWERED: Final = ("takes", "takes slowly")  # the sender must learn that the dispatch was taken

_CUT: Final = RetryAfter("the connection broke before its answer was complete", ambiguous=True)
_LATE: Final = RetryAfter("it did not answer in time", ambiguous=True)
_UNREACHED: Final = RetryAfter("it cannot be reached")


@dataclass(frozen=True)
class Arrival:
    """A dispatch that reached GitHub from a `sender`: `at` on the machine's clock, `clock` on the sender's."""

    at: float
    clock: float
    sender: int
    repository: str
    event_type: str
    id: str
    decision: str
    mood: Mood

    @property
    def taken(self) -> bool:
        """Tell whether workflows were started."""
        return MANNERS[self.mood].takes

    @property
    def answered(self) -> bool:
        """Tell whether the sender must learn that it was taken."""
        return self.mood in ANSWERED


class GitHub:
    """Meets each dispatch in the mood of its `plan`; `clock` returns the time of the sender of a number.

    `calls` are the times of all calls that GitHub counts, on their senders' clocks.
    """

    def __init__(self, clock: Callable[[int], float]) -> None:
        self.plan: Plan = lambda: "takes"
        self.arrivals: list[Arrival] = []
        self.calls: list[float] = []
        self.arrived = Event()
        self._clock = clock
        self._lock = Lock()

    def always(self, mood: Mood) -> None:
        """Be in one mood from now on."""
        self.plan = lambda: mood

    def count(self, sender: int = 0) -> None:
        """Count a call."""
        with self._lock:
            self.calls.append(self._clock(sender))

    def meet(self, repository: str, event_type: str, client_payload: Json, sender: int = 0) -> Arrival:
        """Note a dispatch that arrived, and how it is met."""
        approval: Any = client_payload["approval"]
        with self._lock:
            arrival = Arrival(
                at=time.monotonic(),
                clock=self._clock(sender),
                sender=sender,
                repository=repository,
                event_type=event_type,
                id=approval["id"],
                decision=approval["decision"],
                mood="refuses" if repository == GONE else self.plan(),
            )
            self.arrivals.append(arrival)
        self.arrived.set()
        return arrival


def _at_once(_step: str) -> AbstractContextManager[None]:
    return nullcontext()


class Dispatches:
    """The relay's port to the fake GitHub in the same process.

    A dispatch takes two steps: the call leaves, and the answer comes. `step` may wait in each, or raise Outage.
    """

    def __init__(
        self,
        github: GitHub,
        clock: Callable[[], float],
        step: Callable[[str], AbstractContextManager[None]] = _at_once,
        taken: Callable[[Arrival], None] = lambda _arrival: None,
    ) -> None:
        self._github = github
        self._clock = clock
        self._step = step
        self._taken = taken

    def identity(self, _repository: str) -> str:
        """Return the one credential."""
        return "token"

    def send(self, repository: str, event_type: str, client_payload: Json, *, deadline: float) -> Outcome:
        """Send once, and return the outcome as far as it reaches the sender."""
        try:
            with self._step("call"):
                if self._clock() > deadline:
                    return RetryAfter("no time was left to ask it")
                self._github.count()
        except Outage:
            return _UNREACHED
        try:
            with self._step("answer"):
                if self._clock() > deadline:
                    return _LATE
                arrival = self._github.meet(repository, event_type, client_payload)
                if arrival.taken:
                    self._taken(arrival)
        except Outage:
            return _CUT
        return self._outcome(arrival.mood)

    def _outcome(self, mood: Mood) -> Outcome:
        if mood == "is closed":
            return _UNREACHED
        manner = MANNERS[mood]
        if not manner.status:
            return _CUT
        headers = {name.lower(): value for name, value in manner.headers.items()}
        return classify(HttpResponse(manner.status, headers), self._clock())
