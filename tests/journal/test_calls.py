"""The messages of a call: gathered until it is over, or handed on at once."""

from collections.abc import Sequence

import pytest

from relay.journal.calls import Call, calling, note, note_answer, record
from relay.journal.messages import Message

TRACE = "0af7651916cd43dd8448eb211c80319c"
SENT = Message(1.0, "out", "github", "dispatch")


class Log:
    """The lists of messages as they were handed on."""

    def __init__(self) -> None:
        self.kept: list[list[Message]] = []

    def keep(self, messages: Sequence[Message]) -> None:
        self.kept.append([*messages])


def test_messages_of_a_call_are_handed_on_together_at_its_end() -> None:
    log = Log()
    with calling(Call(log.keep)):
        record(SENT)
        record(SENT)
        assert [] == log.kept
    assert [[SENT, SENT]] == log.kept


def test_a_call_is_handed_on_before_what_went_out_for_it() -> None:
    log, came = Log(), Message(0.9996, "in", "messagecard", "press")  # of the same millisecond
    with calling(Call(log.keep)):
        record(SENT)
        record(came)
    assert [["press", "dispatch"]] == [[message.what for message in kept] for kept in log.kept]


def test_a_timer_run_hands_each_message_on_at_once() -> None:
    log = Log()
    with calling(Call(log.keep, holds=False)):
        record(SENT)
        assert [[SENT]] == log.kept
    assert [[SENT]] == log.kept


def test_a_call_that_fails_hands_on_what_went_out_for_it() -> None:
    log = Log()

    def work() -> None:
        with calling(Call(log.keep)):
            record(SENT)
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        work()
    assert [[SENT]] == log.kept


def test_a_message_has_the_trace_of_its_call_unless_it_has_its_own() -> None:
    log = Log()
    own = Message(1.0, "out", "github", "dispatch", trace="f" * 32)
    with calling(Call(log.keep, trace=TRACE)):
        record(SENT)
        record(own)
    assert [TRACE, "f" * 32] == [each.trace for each in log.kept[0]]


def test_the_last_fact_wins_and_an_empty_one_says_nothing() -> None:
    with calling(Call(Log().keep)) as call:
        note(request="a", person="p")
        note(request="b", person="")
    assert {"request": "b", "person": "p"} == call.noted


def test_calls_within_calls_and_no_call_at_all() -> None:
    outer, inner = Log(), Log()
    note(request="a")
    record(SENT)
    with calling(Call(outer.keep)) as call:
        with calling(Call(inner.keep)):
            record(SENT)
        note(request="a")
    assert ([], [[SENT]], {"request": "a"}) == (outer.kept, inner.kept, call.noted)


def test_a_message_out_has_status_and_time_of_the_call_since_the_message_before() -> None:
    log = Log()
    with calling(Call(log.keep)):
        note_answer(200, 9.0)
        note_answer(204, 0.0125)
        record(SENT)
        record(SENT)
        note_answer(None, 2.0)
        record(SENT)
        note_answer(502, 1.0)
        record(Message(1.0, "in", "api", "request", status=201, ms=3))
    assert [(204, 12), (None, None), (None, 2000), (201, 3)] == [(each.status, each.ms) for each in log.kept[0]]
