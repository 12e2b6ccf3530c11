"""In every history each event is made once and told, in order, wherever the process was killed."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from relay.model.case import Case
from tests.outbox.notices.histories import History, counted
from tests.outbox.notices.killing import Fuse, with_table_writes
from tests.support import azurite, examples, stores
from tests.support.chaos.telling import made_twice

CASES: Final = st.integers(0, 3)
STEPS: Final = st.one_of(
    st.tuples(st.just("ask"), st.integers(0, 3)),
    st.tuples(st.just("press"), CASES, st.integers(0, 2), st.sampled_from(["approve"] * 4 + ["reject"])),
    st.tuples(st.just("press"), CASES, st.integers(0, 2), st.just("approve")),
    st.tuples(st.just("cancel"), CASES),
    st.tuples(st.just("report"), CASES, st.sampled_from(["started", "success", "failure"])),
    st.tuples(st.just("round"), st.sampled_from([0, 1, 30, 1_500])),
    st.tuples(st.just("set_github"), st.sampled_from(["up", "down", "no"])),
    st.tuples(st.just("set_channel"), st.integers(0, 3), st.sampled_from(["up", "down", "lost"])),
)
HISTORIES: Final = st.lists(st.tuples(STEPS, st.integers(0, 30)), min_size=3, max_size=16)
Histories = list[tuple[tuple[Any, ...], int]]
_FUSES: list[Fuse] = []


def check(history: History) -> None:
    """Check each case against what its channels heard."""
    history.settle()
    heard = history.channels.heard
    for case_id in {*history.asked, *(found[0] for each in heard.values() for found in each)}:
        case = history.here.world.store.load(case_id)
        assert case is not None
        assert len(case.events) == len(set(case.events))
        check_implied(case)
        numbers = {number: name for channel in heard.values() for found, number, name in channel if found == case_id}
        assert all(name in case.events[number - 1] for number, name in numbers.items())
        everything = range(1, len(case.events) + 1)
        said = [number for number in everything if numbers.get(number) in ("reviewed", "passed")]
        for channel, expected in {
            "events": everything,
            "releases": everything,
            "ownersada": said,
            "ownersgrace": said,
        }.items():
            told = [*dict.fromkeys(number for found, number, _ in heard.get(channel, []) if found == case_id)]
            # The operator's replay tells what was given up after what came later.
            assert [*expected] == (sorted(told) if case_id in history.replayed else told)
        announced = [name for name in map(numbers.get, everything) if name in ANNOUNCED]
        assert announced[-1] == history.channels.shown["testers", case_id]


ANNOUNCED: Final = ("requested", "approved", "rejected", "cancelled", "expired", "delivered")


def check_implied(case: Case) -> None:
    """Check that each event that the state of a case implies was made exactly once."""
    made = counted(case.events)
    assert [] == made_twice(case)
    if case.status == "approved":
        assert int(case.request.environment == "staged") == made.get("passed", 0)
    assert made.get("undelivered", 0) <= 1


def play(history: History, steps: Histories) -> None:
    try:
        for step, fuse in steps:
            history.take(step, fuse)
        check(history)
    finally:
        history.close()


LOST: Final[Histories] = [
    (("set_channel", 1, "lost"), 0),
    (("ask", 1), 0),
    (("round", 1), 0),
    (("press", 0, 2, "approve"), 0),
    (("round", 30), 0),
    (("press", 0, 0, "approve"), 0),
    (("press", 0, 1, "approve"), 0),
    (("report", 0, "failure"), 0),
]


STORY: Final[tuple[tuple[Any, ...], ...]] = (
    ("ask", 1),  # staged
    ("round", 0),
    ("press", 0, 2, "approve"),
    ("press", 0, 0, "approve"),
    ("press", 0, 1, "approve"),
    ("round", 1),
    ("report", 0, "started"),
    ("report", 0, "failure"),
    ("round", 1),
    ("ask", 2),
    ("ask", 2),  # takes the place of the one before
    ("cancel", 2),
    ("ask", 3),  # with a dispatch at once
    ("press", 3, 0, "reject"),
    ("ask", 0),
    ("round", 1_500),  # it expires
)
BRIEF: Final[tuple[tuple[Any, ...], ...]] = (
    ("ask", 3),  # with a dispatch at once
    ("press", 0, 0, "approve"),
    ("round", 1),
    ("report", 0, "success"),
    ("ask", 2),
    ("ask", 2),  # takes the place of the one before
    ("cancel", 2),
)
EVERY: Final = 5  # of the moments of a round, which has a hundred
EVERY_ON_TABLES: Final = 20  # of the same: each moment plays the story anew, over HTTP
OF_A_KILLED_PROCESS: Final = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")


def steps_of(story: tuple[tuple[Any, ...], ...]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("step", range(len(story)), ids=lambda number: f"{number}-{story[number][0]}")


@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(HISTORIES)
@example(LOST)
def test_a_history_on_sqlite_is_told_once_and_in_order(steps: Histories) -> None:
    with tempfile.TemporaryDirectory() as folder:
        play(History(Path(folder)), steps)


@OF_A_KILLED_PROCESS
def test_a_history_on_tables_is_told_once_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    azurite.need()
    with_table_writes(lambda: _FUSES[-1] if _FUSES else None, monkeypatch.setattr)

    @settings(deadline=None, max_examples=25 if examples.are_full() else 6, suppress_health_check=list(HealthCheck))
    @given(HISTORIES)
    @example(LOST)
    def told(steps: Histories) -> None:
        with tempfile.TemporaryDirectory() as folder:
            history = on_tables(Path(folder))
            _FUSES.append(history.fuse)
            play(history, steps)

    told()


@pytest.mark.full
@steps_of(STORY)
def test_wherever_a_process_on_sqlite_is_killed_all_is_told_once_and_in_order(tmp_path: Path, step: int) -> None:
    kill_everywhere(STORY, step, lambda number: History(tmp_path / str(number)))


@pytest.mark.full
@OF_A_KILLED_PROCESS
@steps_of(BRIEF)
def test_wherever_a_process_on_tables_is_killed_all_is_told_once_and_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    azurite.need()
    with_table_writes(lambda: _FUSES[-1] if _FUSES else None, monkeypatch.setattr)

    def made(number: int) -> History:
        history = on_tables(tmp_path / str(number))
        _FUSES.append(history.fuse)
        return history

    kill_everywhere(BRIEF, step, made, of_a_round=EVERY_ON_TABLES)


def kill_everywhere(
    story: tuple[tuple[Any, ...], ...], step: int, made: Callable[[int], History], *, of_a_round: int = EVERY
) -> None:
    """Play the story once for each moment of one step, and kill the process at that moment."""
    history = made(0)
    moments = [history.moments(each) for each in story[: step + 1]][-1]
    history.close()
    assert moments > 1
    for moment in range(1, moments + 1, of_a_round if story[step][0] == "round" else 1):
        play(made(moment), [(each, moment if place == step else 0) for place, each in enumerate(story)])


def on_tables(folder: Path) -> History:
    storage = stores.new_tables()
    return History(
        folder,
        RELAY_STORE="tables",
        RELAY_TABLE_PREFIX=storage.prefix,
        AzureWebJobsStorage=storage.connection,
    )
