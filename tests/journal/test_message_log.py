"""The log beside the calls: nothing waits for its store, and what is lost is counted."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event

import pytest

from relay.errors import Outage
from relay.journal import message_log
from relay.journal.message_log import MessageLog
from relay.journal.messages import Message

NOW = 1_800_000_000.0


@dataclass
class Kept:
    """A store that keeps messages once `opened`, unless it is `broken`."""

    messages: list[Message] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    opened: Event = field(default_factory=Event)
    broken: bool = False
    closed: bool = False

    def add_messages(self, messages: Sequence[Message]) -> None:
        assert self.opened.wait(60)
        if self.broken:
            raise Outage("the store does not work")
        if self.closed:
            raise ValueError("the transport has been closed")
        self.batches.append(len(messages))
        self.messages += messages


@pytest.fixture
def store() -> Kept:
    return Kept()


def said(number: int, at: float = NOW) -> Message:
    return Message(at, "in", "api", f"{number}")


def test_messages_are_written_in_their_order_and_nobody_waits(store: Kept) -> None:
    log = MessageLog(store, lambda: NOW)
    for number in range(5):
        log.keep([said(number)])  # returns while the store is closed
    assert not log.flush(0.01)
    store.opened.set()
    assert log.flush(10)
    assert ["0", "1", "2", "3", "4"] == [each.what for each in store.messages]
    assert sorted((each.key for each in store.messages), reverse=True) == [each.key for each in store.messages]
    assert (0, "") == (log.lost, log.fault)


def test_times_are_kept_to_the_millisecond(store: Kept) -> None:
    store.opened.set()
    log = MessageLog(store, lambda: NOW)
    log.keep([said(1, NOW + 0.123456)])
    assert log.flush(10)
    assert [NOW + 0.123] == [each.at for each in store.messages]


def test_no_thread_lives_on_once_all_is_written(store: Kept) -> None:
    store.opened.set()
    log = MessageLog(store, lambda: NOW)
    for _ in range(3):
        log.keep([said(1)])
        assert log.flush(10)
    log.keep([])
    assert log.flush(0)
    assert 3 == len(store.messages)


def test_what_cannot_be_written_is_lost_and_counted_and_the_next_is_tried(store: Kept) -> None:
    store.broken = True
    store.opened.set()
    log = MessageLog(store, lambda: NOW)
    log.keep([said(1), said(2)])
    assert log.flush(10)
    assert (2, "the store does not work") == (log.lost, log.fault)
    store.broken = False
    log.keep([said(3)])
    assert log.flush(10)
    assert ["3"] == [each.what for each in store.messages]


def test_a_store_that_is_closed_ends_neither_the_log_nor_the_process(store: Kept) -> None:
    store.closed = True
    store.opened.set()
    log = MessageLog(store, lambda: NOW)
    log.keep([said(1)])
    assert log.flush(10)
    store.closed = False
    log.keep([said(2)])
    assert log.flush(10)
    assert (1, "ValueError", ["2"]) == (log.lost, log.fault, [each.what for each in store.messages])


def test_messages_that_come_together_are_written_together(store: Kept) -> None:
    store.opened.set()
    log = MessageLog(store, lambda: NOW)
    for number in range(10):
        log.keep([said(number)])
    assert log.flush(10)
    assert [10] == store.batches


def test_a_store_that_hangs_costs_the_oldest_messages_and_no_memory(
    store: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_log, "WAITING", 10)
    log = MessageLog(store, lambda: NOW)
    log.keep([said(0)])
    while log._waiting:  # the thread has taken it, and hangs
        threading.Event().wait(0.001)
    log.keep([said(number) for number in range(1, 31)])
    store.opened.set()
    assert log.flush(10)
    assert ["0", *(f"{number}" for number in range(21, 31))] == [each.what for each in store.messages]
    assert (20, "too many messages wait for the store") == (log.lost, log.fault)


def test_at_most_a_hundred_are_written_together(store: Kept) -> None:
    log = MessageLog(store, lambda: NOW)
    log.keep([said(number) for number in range(250)])
    store.opened.set()
    assert log.flush(10)
    assert [100, 100, 50] == store.batches


def test_a_process_without_threads_loses_messages_and_raises_nothing(
    store: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_thread(*_: object, **__: object) -> None:
        raise RuntimeError("can't start new thread")

    log = MessageLog(store, lambda: NOW)
    monkeypatch.setattr(message_log, "Thread", no_thread)
    log.keep([said(1), said(2)])
    assert log.flush(0)
    assert (2, "can't start new thread") == (log.lost, log.fault)
