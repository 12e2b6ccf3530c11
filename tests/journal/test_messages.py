"""One message: its fields as people and programs read them, and its place in the log."""

from dataclasses import replace

import pytest

from relay.journal import messages
from relay.journal.messages import Message, day_of, forgotten_from, is_key, key, moment, restored, shown, stored

FIELDS = ["at", "direction", "channel", "what", "outcome", "check", "status", "ms", "attempt", "request"]
NOW = 1_800_000_000.0


def test_a_message_shows_every_field_and_null_where_one_does_not_apply() -> None:
    bare = shown(Message(NOW + 0.5, "in", "api", "request", key="k"))
    assert [*FIELDS, "repository", "person", "trace"] == [*bare]
    assert "2027-01-15T08:00:00.500Z" == bare["at"]
    assert {None} == {bare[name] for name in [*FIELDS[4:], "repository", "person", "trace"]}


def test_a_zero_is_shown_as_it_is() -> None:
    assert 0 == shown(Message(NOW, "in", "api", "request", ms=0))["ms"]


def test_what_is_stored_lacks_what_is_empty_and_comes_back_with_defaults() -> None:
    bare = Message(NOW, "in", "api", "request", ms=0, key="k")
    assert {"at": NOW, "direction": "in", "channel": "api", "what": "request", "ms": 0} == stored(bare)
    assert bare == restored({**stored(bare), "later": "field"}, "k")
    assert replace(bare, at=0.0, ms=None, channel="", what="") == restored({}, "k")


@pytest.mark.parametrize("text", ["", "x", key(NOW, 1, "0" * 8) + " ", key(NOW, 1, "0" * 8)[:-1], "\u0660" * 14])
def test_other_texts_are_no_keys(text: str) -> None:
    assert not is_key(text)


def test_keys_sort_from_the_newest_and_tell_their_day() -> None:
    places = [key(NOW + 86_400, 1, "f" * 8), key(NOW, 2, "0" * 8), key(NOW, 1, "f" * 8), key(NOW - 0.001, 3, "0" * 8)]
    assert sorted(places) == places
    assert all(map(is_key, places))
    assert [int(NOW // 86_400) + 1, *[int(NOW // 86_400)] * 3] == [day_of(place) for place in places]
    assert is_key(key(-1.0, 1, "0" * 8))
    assert is_key(key(1e15, 2**40, "0" * 8))


def test_the_last_thirty_whole_days_are_kept() -> None:
    assert "2026-12-16T00:00:00.000Z" == moment(forgotten_from(NOW))
    assert 30 == messages.KEPT_DAYS
