"""The alarm: operators hear that the relay fails and that it has recovered, for one cause at most once an hour."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from relay.chats.contract.outgoing import OutgoingNotice
from relay.chats.notices import Notices
from relay.chats.table import kinds
from relay.chats.webhook.event import event_id
from relay.errors import Outage
from relay.model.debts import Delivered, Outcome, RetryAfter
from relay.outbox.alarm import EVERY, Alarm
from relay.policy_toml import parse
from relay.store.contract import Store
from tests.support import example_policy, road, stores
from tests.support.clock import Clock
from tests.support.logged import logged

NOTIFY = """
[channels.events]
kind = "webhook"
[[notify]]
on = ["expired"]
to = ["events"]
[[notify]]
on = ["failing", "recovered"]
to = ["events", "origin"]
"""
POLICY = example_policy.POLICY + NOTIFY
TROUBLE = {"github": "GitHub: it does not accept the relay's credential"}


class Nonces:
    """Words that differ at each call."""

    def __init__(self) -> None:
        self.number = 0

    def __call__(self) -> str:
        self.number += 1
        return str(self.number)


class Chat:
    """A chat that only keeps the words of its notices."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.ids: list[str] = []
        self.outcome: Outcome = Delivered()

    def tell(self, outgoing: OutgoingNotice, *, deadline: float) -> tuple[None, Outcome]:  # noqa: ARG002 - the protocol
        if isinstance(self.outcome, Delivered):
            self.words.append("".join(piece.text for piece in outgoing.pieces))
            self.ids.append(event_id(outgoing))
        return None, self.outcome


class Away:
    """A store that does not answer."""

    def __getattr__(self, _name: str) -> Any:
        def fails(*_given: object, **_named: object) -> None:
            raise Outage("the store is away")

        return fails


AWAY: Any = Away()


@pytest.fixture
def store() -> Iterator[Store]:
    with stores.memory() as make:
        yield make()


@pytest.fixture
def chat() -> Chat:
    return Chat()


@pytest.fixture
def clock() -> Clock:
    return Clock(stores.NOW)


@pytest.fixture
def alarm(store: Store, chat: Chat, clock: Clock) -> Alarm:
    policy = parse.parse(POLICY, kinds())
    notices = Notices({"webhook": chat}, lambda _: (), policy, road.ORIGIN)
    return Alarm(store, notices, policy, clock, Nonces())


def test_a_trouble_is_told_once_an_hour_and_its_end_once(alarm: Alarm, chat: Chat, clock: Clock) -> None:
    for _ in range(4):
        alarm.tell(TROUBLE)
        clock.now += 300
    assert [f"The relay needs an operator: github: {TROUBLE['github']}"] == chat.words
    clock.now += EVERY
    alarm.tell(TROUBLE)
    assert 2 == len(chat.words)
    for _ in range(2):
        alarm.tell({})
        clock.now += 300
    assert ["The relay works again: github"] == chat.words[2:]


def test_two_causes_are_two_messages(alarm: Alarm, chat: Chat) -> None:
    alarm.tell({**TROUBLE, "clock": "1 h ahead"})
    alarm.tell(TROUBLE)
    assert ["github:", "clock:", "again: clock"] == [
        next(part for part in ("github:", "clock:", "again: clock") if part in words) for words in chat.words
    ]
    # In one second, and a receiver that remembers ids takes each for another event.
    assert [f"relay-{what}_{int(stores.NOW)}" for what in ("github-failing", "clock-failing", "clock-recovered")] == (
        chat.ids
    )


def test_a_relay_that_comes_and_goes_is_told_once_an_hour(alarm: Alarm, chat: Chat, clock: Clock) -> None:
    for _ in range(6):
        alarm.tell(TROUBLE)
        alarm.tell({})
        clock.now += 60
    assert 2 == len(chat.words)


def test_of_two_processes_one_tells(alarm: Alarm, store: Store, chat: Chat, clock: Clock) -> None:
    other = replace(alarm, memory={})
    alarm.tell(TROUBLE)
    other.tell(TROUBLE)
    other.tell({})
    alarm.tell({})
    assert 2 == len(chat.words)


def looks_for_five_hours(alarms: list[Alarm], clock: Clock) -> None:
    for _ in range(60):
        clock.now += 300
        for each in alarms:
            each.tell({})


def test_an_end_that_another_process_told_is_not_told_again(alarm: Alarm, chat: Chat, clock: Clock) -> None:
    other = replace(alarm, memory={})
    alarm.tell(TROUBLE)
    other.tell({})
    looks_for_five_hours([alarm, other], clock)
    assert 2 == len(chat.words)


def test_an_end_that_another_process_tells_just_now_is_not_told_again(
    alarm: Alarm, chat: Chat, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, told = replace(alarm, memory={}), chat.tell
    alarm.tell(TROUBLE)

    def tell_late(outgoing: OutgoingNotice, *, deadline: float) -> tuple[None, Outcome]:
        monkeypatch.setattr(chat, "tell", told)
        other.tell({})
        return told(outgoing, deadline=deadline)

    monkeypatch.setattr(chat, "tell", tell_late)
    alarm.tell({})
    looks_for_five_hours([alarm, other], clock)
    assert 2 == len(chat.words)


def test_the_end_of_what_two_processes_told_without_a_store_is_told_once(
    alarm: Alarm, chat: Chat, clock: Clock
) -> None:
    other, trouble = replace(alarm, memory={}), {"store": "away"}
    for each in (alarm, other):
        replace(each, store=AWAY).tell(trouble)
    assert 2 == len(chat.words)
    looks_for_five_hours([alarm, other], clock)
    assert ["The relay works again: store"] == chat.words[2:]


def test_an_end_told_before_the_trouble_came_again_is_not_its_end(alarm: Alarm, chat: Chat, clock: Clock) -> None:
    other, trouble = replace(alarm, memory={}), {"store": "away"}
    replace(other, store=AWAY).tell(trouble)
    other.tell({})
    clock.now += 60
    replace(alarm, store=AWAY).tell(trouble)
    looks_for_five_hours([alarm, other], clock)
    assert ["The relay works again: store"] * 2 == [words for words in chat.words if "again" in words]


def test_without_a_store_the_memory_of_the_process_counts(alarm: Alarm, chat: Chat, clock: Clock) -> None:
    alone = replace(alarm, store=AWAY)
    for troubles in ({"store": "away"}, {"store": "away"}, {}, {}):
        alone.tell(troubles)
        clock.now += 60
    assert ["The relay needs an operator: store: away", "The relay works again: store"] == chat.words


def test_what_no_channel_took_is_told_at_the_next_look_and_logged(
    alarm: Alarm, chat: Chat, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    chat.outcome = RetryAfter("it is away")
    alarm.tell(TROUBLE)
    (line,) = logged(caplog)
    assert ("notified", "not posted", "events") == (line["event"], line["outcome"], line["channel"])
    assert "it is away" in line["reason"]
    chat.outcome = Delivered()
    clock.now += 300
    alarm.tell(TROUBLE)
    assert 1 == len(chat.words)


def test_channels_that_take_nothing_are_tried_once_a_minute_however_often_anybody_looks(
    alarm: Alarm, chat: Chat, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    chat.outcome = RetryAfter("it is away")
    for _ in range(59):
        alarm.tell(TROUBLE)
        clock.now += 1
    assert 1 == len(logged(caplog))
    clock.now += 1
    alarm.tell(TROUBLE)
    assert 2 == len(logged(caplog))
