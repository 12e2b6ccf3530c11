"""The arithmetic of scale: from the work of one approval to instances, waits, limits and money. Pure.

Targets of the Table service: https://learn.microsoft.com/azure/storage/tables/scalability-targets
"""

import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from relay.github.rate_limit import HOUR_LIMIT, MINUTE_LIMIT

PRICES: Final = Path(__file__).with_name("prices.toml")
REQUESTS: Final = 5_000  # an hour, of one credential of GitHub
ACCOUNT: Final = 20_000  # operations a second of a storage account
PARTITION: Final = 2_000  # entities a second of a partition
INSTANCES: Final = 40  # `maximumInstanceCount` of infra/main.bicep
CONCURRENCY: Final = 64  # `concurrency` of infra/relay.bicep
GIGABYTES: Final = 2.0  # `instanceMemoryMB` of infra/main.bicep; Azure gives such an instance one core
ROUND: Final = 15  # seconds between rounds of the timer, in function_app.py
MONTH: Final = 30 * 86_400  # seconds
MILLION: Final = 1_000_000
ONE_CREDENTIAL: Final = "one credential of GitHub"


@dataclass(frozen=True, slots=True)
class Work:
    """The work of one approval: calls to the Table service, entities in the hottest partition, seconds of a core."""

    operations: float
    hottest: float
    cpu: float


def read(path: Path = PRICES) -> dict[str, dict[str, float]]:
    """Return the amounts of the file by kind, `prices` and `times`, and name."""
    found = tomllib.loads(path.read_text("utf-8"))
    return {kind: {name: float(each["amount"]) for name, each in entries.items()} for kind, entries in found.items()}


def seconds(work: Work, times: dict[str, float]) -> float:
    """Return the seconds that an approval holds one of the places of an instance."""
    return work.cpu + work.operations * times["table_operation"] + times["dispatch"]


def instances(work: Work, times: dict[str, float], rate: float) -> int:
    """Return the instances for `rate` approvals a minute, by their places or by their cores."""
    busy = max(seconds(work, times) / CONCURRENCY, work.cpu)
    return max(1, math.ceil(round(rate / 60 * busy, 6)))


def ends(work: Work, times: dict[str, float]) -> dict[str, float]:
    """Return the approvals a minute that each resource sustains, the first that gives way first."""
    busy = max(seconds(work, times) / CONCURRENCY, work.cpu)
    found = {
        ONE_CREDENTIAL: min(MINUTE_LIMIT, HOUR_LIMIT / 60, REQUESTS / 60),
        "the hottest partition": 60 * PARTITION / work.hottest,
        "the storage account": 60 * ACCOUNT / work.operations,
        f"{INSTANCES} instances": 60 * INSTANCES / busy,
    }
    return dict(sorted(found.items(), key=lambda each: each[1]))


def credentials(rate: float) -> int:
    """Return the number of GitHub credentials that `rate` dispatches a minute need without end."""
    return math.ceil(rate * 60 / HOUR_LIMIT)


def wait(rate: float) -> float:
    """Return the hours that the last approval of an hour at this rate waits, with one credential."""
    return max(0.0, rate * 60 - HOUR_LIMIT) / HOUR_LIMIT


def cost(work: Work, amounts: dict[str, dict[str, float]], *, at_once: int) -> float:
    """Return the USD of a million approvals, if an instance always handles `at_once` of them together."""
    prices, times = amounts["prices"], amounts["times"]
    held = seconds(work, times)
    billed = _billed(held, times) if at_once == 1 else max(held / at_once, work.cpu)
    return MILLION * _one(billed, work.operations, prices)


def idle_month(calls: float, amounts: dict[str, dict[str, float]]) -> float:
    """Return the USD of a month in which the timer alone works, with this many calls a round."""
    return MONTH / ROUND * _one(_billed(0.0, amounts["times"]), calls, amounts["prices"])


def _billed(held: float, times: dict[str, float]) -> float:
    """Return the seconds that are billed for an execution alone on its instance."""
    step = times["billed_in_steps_of"]
    return max(times["shortest_billed"], math.ceil(round(held / step, 6)) * step)


def _one(billed: float, calls: float, prices: dict[str, float]) -> float:
    """Return the USD of one execution."""
    memory = billed * GIGABYTES * prices["gigabyte_second"]
    return prices["execution"] + memory + calls * prices["table_operation"]
