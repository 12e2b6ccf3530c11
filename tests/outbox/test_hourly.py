"""The hour of a cause, on every store: one notice is told, the next waits, and the others are counted."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

import pytest

from relay.approval.notify import Notify
from relay.model.events import EventName
from relay.outbox.alarm import EVERY
from relay.outbox.hourly import CLOSED, Hour, Turn, is_for_operators
from tests.support import stores
from tests.support.stores import Make

KEY: Final = "undelivered entry owners ada it-does-not-accept-the-relay-s-credential"
NOW: Final = float(stores.NOW)
OVER: Final = NOW + EVERY
_STORES: Final[dict[str, Callable[[Path], AbstractContextManager[Make]]]] = {
    "memory": lambda _folder: stores.memory(),
    "sqlite": stores.sqlite,
    "tables": lambda _folder: stores.tables(),
}


@pytest.fixture(params=sorted(_STORES))
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    with _STORES[request.param](tmp_path) as made:
        yield made


@pytest.fixture
def hour(make: Make) -> Hour:
    return Hour(make(), KEY)


def test_forty_of_one_cause_are_one_message_at_once_and_one_after_an_hour_that_counts_the_others(
    hour: Hour, make: Make
) -> None:
    processes = [hour, Hour(make(), KEY)]
    assert Turn(NOW) == hour.turn("case/0", NOW)
    assert Turn(OVER) == processes[1].turn("case/1", NOW + 1)
    for number in range(2, 40):
        assert processes[number % 2].turn(f"case/{number}", NOW + number) is None
    assert Turn(OVER, 38) == processes[0].turn("case/1", OVER)


def test_the_hour_begins_anew_with_each_message(hour: Hour) -> None:
    hour.turn("case/0", NOW)
    hour.turn("case/1", NOW)
    assert Turn(OVER) == hour.turn("case/1", OVER)
    assert Turn(OVER + EVERY) == hour.turn("case/2", OVER + 1)
    assert Turn(OVER + EVERY) == hour.turn("case/2", OVER + EVERY)


def test_another_cause_has_an_hour_of_its_own(hour: Hour) -> None:
    hour.turn("case/0", NOW)
    assert Turn(NOW) == Hour(hour.store, "undelivered entry owners ada lost").turn("case/1", NOW)


def test_one_that_the_chat_did_not_take_is_tried_again_with_its_number(hour: Hour) -> None:
    for number in range(3):
        hour.turn(f"case/{number}", NOW)
    hour.turn("case/1", OVER)
    assert Turn(OVER + EVERY) == hour.turn("case/3", OVER + 1)
    assert Turn(OVER + 5, 1) == hour.turn("case/1", OVER + 5)
    assert hour.turn("case/4", OVER + 6) is None


def test_one_that_no_chat_took_for_an_hour_is_counted_by_the_next(hour: Hour) -> None:
    hour.turn("case/0", NOW)
    hour.turn("case/1", NOW)
    assert hour.turn("case/0", OVER) is None
    assert Turn(OVER, 1) == hour.turn("case/1", OVER)


def test_one_that_could_not_be_written_down_is_counted_once(hour: Hour) -> None:
    for number in (0, 1, 2, 2, 3, 2):
        hour.turn(f"case/{number}", NOW)
    assert Turn(OVER, 2) == hour.turn("case/1", OVER)


def test_nothing_waits_for_a_process_that_ended_before_it_gave_its_part_up(hour: Hour) -> None:
    hour.turn("case/0", NOW)
    hour.store.put(f"{KEY} next", "case/0", until=NOW + 100)
    assert CLOSED == hour.store.get(f"{KEY} case/0 1", now=NOW)
    assert Turn(OVER) == hour.turn("case/1", NOW + 1)


def test_a_number_that_another_process_has_not_written_yet_is_counted_all_the_same(hour: Hour) -> None:
    for number in range(4):
        hour.turn(f"case/{number}", NOW)
    hour.store.put(f"{KEY} case/1 size", "1", until=NOW)
    assert hour.turn("case/4", NOW + 1) is None
    assert Turn(OVER, 3) == hour.turn("case/1", OVER)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (("undelivered", "failing", "recovered"), True),
        (("failing",), True),
        (("undelivered",), False),
        (("undelivered", "failing", "approved"), False),
    ],
)
def test_the_entry_of_operators_hears_of_the_relay_itself_and_of_nothing_that_went_well(
    on: tuple[EventName, ...],
    expected: bool,
) -> None:
    assert expected == is_for_operators(Notify("name", on, ("owners",)))
