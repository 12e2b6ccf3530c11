"""Counts of this process since its start for GET /api/metrics, taken from the lines of the log, and their text.

https://prometheus.io/docs/specs/om/open_metrics_spec/
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock
from types import MappingProxyType
from typing import Final, NamedTuple

from relay.journal.events import Entry
from relay.model.case import Case

KIND: Final = "application/openmetrics-text; version=1.0.0; charset=utf-8"
MOST: Final = 200  # values of one label; more are counted as `other`
DECISIONS: Final = ("approved", "rejected", "cancelled", "superseded", "expired")
DISPATCHES: Final = MappingProxyType({"delivered": "delivered", "refused": "refused", "dead": "dead"})
_TO_DECISION: Final = (60.0, 300.0, 900.0, 3_600.0, 14_400.0, 86_400.0, 604_800.0)
_STEP: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Counts(NamedTuple):
    """A counter by the value of its one label."""

    name: str
    help: str
    label: str
    values: "Counter[str]"


class Times(NamedTuple):
    """A histogram of seconds by the value of its one label: buckets below each bound, their count and sum."""

    name: str
    help: str
    label: str
    bounds: Sequence[float]
    buckets: "dict[str, list[int]]"
    sums: "dict[str, float]"


class Metrics:
    """All counts of a process. Threads may count at once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.requests = Counts("relay_requests", "Requests that were made.", "", Counter({"": 0}))
        self.presses = Counts("relay_presses", "Presses and commands that were answered.", "outcome", Counter())
        self.decisions = Counts("relay_decisions", "Ends of requests.", "decision", Counter())
        self.dispatches = Counts("relay_dispatches", "Tries of dispatches.", "outcome", Counter())
        self.refusals = Counts("relay_refusals", "Calls that a check refused.", "check", Counter())
        about = "From the making of a request to its approval or rejection."
        self.to_decision = Times("relay_time_to_decision_seconds", about, "", _TO_DECISION, {}, {})
        self.steps = Times(
            "relay_step_seconds", "The steps of a press, a whole press, and a call.", "step", _STEP, {}, {}
        )

    def add(self, counts: Counts, value: str = "") -> None:
        """Count one."""
        with self._lock:
            known = value in counts.values or len(counts.values) < MOST
            counts.values[value if known else "other"] += 1

    def observe(self, times: Times, seconds: float, value: str = "") -> None:
        """Count one time."""
        with self._lock:
            buckets = times.buckets.setdefault(value, [0] * (len(times.bounds) + 1))
            buckets[bisect_left(times.bounds, seconds)] += 1
            times.sums[value] = times.sums.get(value, 0.0) + max(0.0, seconds)

    def text(self, gauges: Mapping[str, Sequence[tuple[Mapping[str, str], float]]]) -> str:
        """Return everything as OpenMetrics. A gauge has its values with their labels."""
        with self._lock:
            lines = [
                *(line for counts in (self.requests, self.presses, self.decisions) for line in _counted(counts)),
                *(line for counts in (self.dispatches, self.refusals) for line in _counted(counts)),
                *(line for times in (self.to_decision, self.steps) for line in _timed(times)),
            ]
        for name, values in gauges.items():
            lines.append(f"# TYPE {name} gauge")
            lines += [f"{name}{_labels(labels)} {value:g}" for labels, value in values]
        return "".join(f"{line}\n" for line in [*lines, "# EOF"])


METRICS: Final = Metrics()


def count(entry: Entry) -> None:
    """Count a line of the log."""
    fields = entry.fields
    if entry.event == "requested":
        METRICS.add(METRICS.requests)
    elif entry.event == "press":
        METRICS.add(METRICS.presses, str(fields.get("outcome", "")))
        if "ms" in fields:
            METRICS.observe(METRICS.steps, float(fields["ms"]) / 1_000, "press")
    elif entry.event in DECISIONS:
        METRICS.add(METRICS.decisions, entry.event)
    elif entry.event in DISPATCHES:
        METRICS.add(METRICS.dispatches, DISPATCHES[entry.event])
    elif entry.event == "undelivered" and "channel" not in fields and fields.get("outcome") == "retry":
        METRICS.add(METRICS.dispatches, "retry")
    if entry.event in ("press", "http", "sign_in") and fields.get("check"):
        METRICS.add(METRICS.refusals, str(fields["check"]))


def count_decision(before: Case, after: Case) -> None:
    """Count the time to a decision that a commit brings."""
    if before.status == "pending" and after.status in ("approved", "rejected"):
        METRICS.observe(METRICS.to_decision, after.decided_at - after.request.issued_at)


@contextmanager
def timed(step: str, clock: Callable[[], float]) -> Iterator[None]:
    """Count the time of a step, however it ends. `clock` returns seconds."""
    began = clock()
    try:
        yield
    finally:
        METRICS.observe(METRICS.steps, clock() - began, step)


def count_call(seconds: float) -> None:
    """Count a call to the outside."""
    METRICS.observe(METRICS.steps, seconds, "call")


def _counted(counts: Counts) -> Iterator[str]:
    yield f"# TYPE {counts.name} counter"
    yield f"# HELP {counts.name} {counts.help}"
    for value, number in sorted(counts.values.items()):
        yield f"{counts.name}_total{_labels({counts.label: value})} {number}"


def _timed(times: Times) -> Iterator[str]:
    yield f"# TYPE {times.name} histogram"
    yield f"# UNIT {times.name} seconds"
    yield f"# HELP {times.name} {times.help}"
    for value, buckets in sorted(times.buckets.items()):
        below = 0
        for bound, number in zip([*map(str, times.bounds), "+Inf"], buckets, strict=True):
            below += number
            yield f"{times.name}_bucket{_labels({times.label: value, 'le': bound})} {below}"
        yield f"{times.name}_count{_labels({times.label: value})} {below}"
        yield f"{times.name}_sum{_labels({times.label: value})} {times.sums[value]:g}"


def _labels(labels: Mapping[str, str]) -> str:
    shown = [f'{name}="{_escaped(value)}"' for name, value in labels.items() if name]
    return "{" + ",".join(shown) + "}" if shown else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
