"""A fake GitHub in moods: it takes dispatches, refuses them, fails, or loses its answers, and notes each arrival."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event, Lock
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

from relay.approval.gates import GATE
from relay.model.values import Json

LONG: Final = 12.0  # seconds; longer than the relay waits for any answer
GONE: Final = "octo/gone"  # a repository that GitHub does not know
RETRY_AFTER: Final = "Retry-After"
_PAGE: Final = re.compile(r"/api/review/([a-z2-7]{32})\)")

Taking = Literal["takes", "takes slowly", "takes late", "takes and fails", "takes and cuts", "takes and stalls"]
Failing = Literal["fails", "cuts", "stalls", "limits", "asks to wait", "refuses", "is closed", "is settled"]
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
        "is settled": Manner(takes=False, status=422),
    }
)
ANSWERED: Final = ("takes", "takes slowly")  # the sender must learn that the dispatch was taken


def named(event_type: str, run: int) -> str:
    """Return the name of a dispatch among those of its case: a release that runs again has its own."""
    return event_type if run == 1 else f"{event_type} run {run}"


def gate_of(run_id: str, environment: str) -> str:
    """Return the name of a run that waits at an environment, as GitHub knows it: no request has this id."""
    return f"gate {run_id} {environment}"


def review_of(state: str, comment: str) -> str:
    """Return the name of a verdict, or of a report, among the dispatches of its case."""
    return GATE if state else f"{GATE} report {comment}"


@dataclass(frozen=True)
class Arrival:
    """A dispatch that reached GitHub from a `sender`: `at` on the machine's clock, `clock` on the sender's.

    Its `event_type` is the name among the dispatches of its case. A verdict or report has the `id` of its gate.
    """

    at: float
    clock: float
    sender: int
    repository: str
    event_type: str
    id: str
    decision: str
    mood: Mood
    receipt: str = ""

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
        self.pages: dict[str, str] = {}  # by its gate, the id of the request that the page of a run leads to
        self.settled: set[str] = set()  # the gates that have their verdict
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
            return self._note(
                Arrival(
                    at=time.monotonic(),
                    clock=self._clock(sender),
                    sender=sender,
                    repository=repository,
                    event_type=named(event_type, approval.get("run", 1)),
                    id=approval["id"],
                    decision=approval["decision"],
                    mood="refuses" if repository == GONE else self.plan(),
                    receipt=str(approval.get("receipt", "")),
                )
            )

    def review(self, repository: str, run_id: str, said: Json, sender: int = 0) -> Arrival:
        """Note a verdict or a report that arrived, and how it is met: a gate that has its verdict takes no more."""
        gate, state, comment = gate_of(run_id, str(said["environment_name"])), said.get("state", ""), said["comment"]
        with self._lock:
            arrival = self._note(
                Arrival(
                    at=time.monotonic(),
                    clock=self._clock(sender),
                    sender=sender,
                    repository=repository,
                    event_type=review_of(str(state), str(comment)),
                    id=gate,
                    decision=str(state),
                    mood="is settled" if gate in self.settled else self.plan(),
                )
            )
            if arrival.taken:
                self.settled |= {gate} if state else set()
                page = _PAGE.search(str(comment))
                self.pages |= {gate: page[1]} if page else {}
            return arrival

    def _note(self, arrival: Arrival) -> Arrival:
        self.arrivals.append(arrival)
        self.arrived.set()
        return arrival
