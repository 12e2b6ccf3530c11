"""Scale: several instances on one storage account, GitHub's limits enforced, and the arithmetic for more.

One instance presses alone, as at one approval a minute. Then several press at once: first for as many repositories and
more than GitHub takes in a minute, then for one repository. Rounds of the timer pay the rest.
"""

import json
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final
from urllib.request import urlopen

from bench import projection, tenant
from bench.counting import CountingProxy
from bench.figures import Line
from bench.processes import line, outside, started, tell
from bench.projection import Work
from bench.run import Run
from tests.support import azurite

PROCESSES: Final = 6
THREADS: Final = 4
ALONE: Final = 20  # approvals, one after another
CROWD: Final = 102  # approvals at once, more than GitHub takes in a minute
ONE_REPOSITORY: Final = 72  # approvals at once of one repository, fewer than that
PATIENCE: Final = 240.0  # seconds until all that is owed is paid
RATES: Final = (1, 100, 10_000)  # approvals a minute
BUSY_PRESS: Final = "busy"
BUSY: Final = 1_000  # approvals a minute, from which on the work is that of the crowd
Process = subprocess.Popen[str]


@dataclass(frozen=True, slots=True)
class Found:
    """The figures of presses: the work of each, its outcome, and the payments that followed.

    `hottest` names the table and the partition that they touched most. `waited` are the seconds until GitHub took the
    last, `rounds` and `idle` the calls of a round of the timer.
    """

    work: Work
    hottest: str
    outcomes: Mapping[str, int]
    waited: float
    rounds: float
    idle: int
    refused: int


def measure(run: Run) -> list[Line]:
    """Press alone and in a crowd, then compute."""
    if not azurite.is_here():
        raise RuntimeError(azurite.MISSING)
    alone = pressed(run, instances=1, clicks=ALONE, threads=1, apart=True)
    crowd = pressed(run, instances=PROCESSES, clicks=CROWD, threads=THREADS, apart=True)
    one = pressed(run, instances=PROCESSES, clicks=ONE_REPOSITORY, threads=THREADS, apart=False)
    return [
        *_measured(f"{ALONE} one after another, each", alone),
        *_measured(f"{CROWD} at once, {PROCESSES} instances, each", crowd),
        *_measured(f"{ONE_REPOSITORY} at once for one repository, each", one),
        Line("scale", "a round of the timer with nothing to do", "calls", alone.idle),
        *projected(alone.work, crowd.work, alone.idle),
    ]


def pressed(run: Run, *, instances: int, clicks: int, threads: int, apart: bool) -> Found:
    """Press on instances that share tables and a credential of their own, and pay the debts."""
    with ExitStack() as stack:
        proxy = stack.enter_context(CountingProxy(azurite.port()))
        limited = stack.enter_context(outside(run.folder, limited=True))
        prefix = f"run{time.monotonic_ns()}"
        more = tenant.environ(limited, run.folder / "unused.db") | {
            "RELAY_STORE": "tables",
            "RELAY_TABLE_PREFIX": prefix,
            "AzureWebJobsStorage": azurite.connection(proxy.port),
        }
        arguments = ("-m", "bench.scale_process", str(run.folder), limited)
        started_all = [
            stack.enter_context(started(*arguments, more=more, log=run.folder / "log")) for _ in range(instances)
        ]
        for process in started_all:  # a round opens the connections, and the first makes the tables
            _asked(process, [])
        proxy.restart()
        begun = time.monotonic()
        for process in started_all:
            tell(process, json.dumps([clicks // instances, threads, apart]))
        answers = [json.loads(line(process)) for process in started_all]
        calls, (((table, partition), hottest),) = len(proxy.seen), proxy.entities.most_common(1)
        outcomes = sum((Counter(each["outcomes"]) for each in answers), Counter())
        counted = clicks - outcomes[BUSY_PRESS]  # on a machine that does other work too a press may be told to wait
        if not counted:
            raise RuntimeError("every press was told to wait: measure on a machine without other work")
        rounds = sum(1 for _ in _rounds(started_all[0], limited, counted, begun + PATIENCE))
        waited, paid = time.monotonic() - begun, len(proxy.seen)
        _asked(started_all[0], [])
        return Found(
            Work(calls / counted, hottest / counted, sum(each["cpu"] for each in answers) / counted),
            f"{table.removeprefix(prefix)}, {partition}",
            outcomes,
            waited,
            (paid - calls) / max(1, rounds),
            len(proxy.seen) - paid,
            _counted(limited, "refused"),
        )


def _rounds(process: Process, limited: str, clicks: int, until: float) -> Iterator[None]:
    """Let the timer work as on Azure until GitHub has taken all. Raises RuntimeError if that takes too long."""
    while _counted(limited, "taken") < clicks:
        if time.monotonic() > until:
            raise RuntimeError("what is owed was not paid")
        time.sleep(projection.ROUND)
        _asked(process, [])
        yield


def _measured(title: str, found: Found) -> list[Line]:
    """Return the lines of the counts. Waits and rounds are left out if no dispatch was owed."""
    lines = [
        Line("scale", f"{title}: calls to the Table service", "calls", found.work.operations),
        Line("scale", f"{title}: entities in the hottest partition ({found.hottest})", "", found.work.hottest),
        Line("scale", f"{title}: work of an instance", "ms CPU", 1_000 * found.work.cpu),
        Line("scale", f"{title}: share released by its press", "%", _percent(found.outcomes)),
    ]
    waiting = found.outcomes.get(BUSY_PRESS, 0)
    if waiting:
        lines.append(Line("scale", f"{title}: presses told to wait, since the machine had other work", "", waiting))
    if not found.rounds:
        return lines
    return [
        *lines,
        Line("scale", f"{title}: calls that GitHub refused, all", "", found.refused),
        Line("scale", f"{title}: the last owed dispatch waited", "s", found.waited),
        Line("scale", f"{title}: a round of the timer while dispatches are owed", "calls", found.rounds),
    ]


def projected(alone: Work, crowd: Work, idle: float) -> list[Line]:
    """Compute lines from the work of one approval; from `BUSY` on, from its work in a crowd."""
    amounts = projection.read()
    lines = []
    for rate in RATES:
        work, title = crowd if rate >= BUSY else alone, f"computed, {rate:,} a minute"
        limits = projection.ends(work, amounts["times"])
        first = next((name for name, end in limits.items() if end < rate), "")
        lines += [
            Line("scale", f"{title}: {name}{', breaks first' if name == first else ''}", "% used", 100 * rate / end)
            for name, end in limits.items()
        ]
        lines += [
            Line("scale", f"{title}: instances", "", projection.instances(work, amounts["times"], rate)),
            Line("scale", f"{title}: credentials of GitHub", "", projection.credentials(rate)),
            Line("scale", f"{title} for an hour, one credential: the last waits", "h", projection.wait(rate)),
        ]
    for at_once, work in ((1, alone), (projection.CONCURRENCY, crowd)):
        title = f"computed, a million approvals: {at_once} at once on an instance"
        lines.append(Line("scale", title, "USD", projection.cost(work, amounts, at_once=at_once)))
    month = projection.idle_month(idle, amounts)
    return [*lines, Line("scale", "computed, a month of the timer with nothing to do", "USD", month)]


def _percent(outcomes: Mapping[str, int]) -> float:
    return 100 * outcomes["released"] / sum(outcomes.values())


def _asked(process: Process, order: list[int]) -> dict[str, Any]:
    tell(process, json.dumps(order))
    found: dict[str, Any] = json.loads(line(process))
    return found


def _counted(limited: str, name: str) -> int:
    with urlopen(f"{limited}/{name}", timeout=10) as answer:  # noqa: S310 - the fake outside on loopback
        return int(answer.read())
