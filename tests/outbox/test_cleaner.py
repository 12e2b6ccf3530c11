"""The cleaner: each kind of what is old is looked for once an hour, and removed a little in each run."""

from collections.abc import Callable
from typing import Final

from relay.outbox.cleaner import BATCHES, EVERY, Cleaner

NOW: Final = 1_790_000_000.0


class Old:
    """Old things: so many batches, and the times at which one was asked for."""

    def __init__(self, batches: int) -> None:
        self.batches = batches
        self.asked: list[float] = []

    def remove(self, now: float) -> bool:
        self.asked.append(now - NOW)
        self.batches -= 1
        return self.batches > 0


def run(*kinds: Old, over: Callable[[], bool] = bool, rounds: int = 4) -> list[list[float]]:
    """Return the times at which each kind was asked for, in timer runs every 15 minutes."""
    cleaner = Cleaner([kind.remove for kind in kinds])
    for number in range(rounds):
        cleaner.run(NOW + number * 900, over)
    return [kind.asked for kind in kinds]


def test_what_is_not_there_is_looked_for_once_an_hour() -> None:
    assert [[0.0, EVERY], [0.0, EVERY]] == run(Old(0), Old(0), rounds=8)


def test_much_is_removed_over_several_runs_and_holds_up_no_other_kind() -> None:
    much, little = run(Old(BATCHES + 5), Old(1))
    assert ([0.0] * BATCHES + [900.0] * 5, [0.0]) == (much, little)


def test_a_run_that_is_over_removes_nothing() -> None:
    assert [[], []] == run(Old(5), Old(5), over=lambda: True)
