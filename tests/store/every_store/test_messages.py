"""The log of messages: one page newest first, whatever is asked for, and days that are forgotten."""

from dataclasses import replace
from typing import Any

import pytest

from relay.journal.messages import DAY, Message, forgotten_from, key
from relay.journal.search import Search
from relay.store.contract import Store
from tests.store.every_store.odd import ODD
from tests.support.stores import NOW, Make

ADA, LIN = "entra:t/ada", "slack:T1/lin"


def message(number: int, at: float = NOW, **fields: Any) -> Message:
    found: dict[str, Any] = {"direction": "in", "channel": "slack", "what": "press", "outcome": "counted"} | fields
    at = round(at, 3)
    return Message(at=at, key=key(at, number, f"{number:08x}"), **found)


def numbers(found: Any) -> list[int]:
    return [int(each.key[-8:], 16) for each in found]


FULL = message(
    1,
    NOW + 0.5,
    direction="out",
    channel="github",
    what="dispatch",
    outcome="retry",
    check="it-is-away",
    status=502,
    ms=12,
    attempt=3,
    request="abc",
    repository="Octo/api",
    person=ADA,
    trace="0af7651916cd43dd8448eb211c80319c",
)


def test_a_message_comes_back_as_it_was_kept(store: Store) -> None:
    bare = message(2, status=None)
    store.add_messages([FULL, bare])
    store.add_messages([FULL])  # an answer that was lost
    assert [FULL, bare] == [*store.messages(Search(), 10)]


def test_messages_are_newest_first_also_within_a_millisecond_and_over_midnight(make: Make) -> None:
    first, second = make(), make()
    midnight = NOW // DAY * DAY
    first.add_messages([message(1, midnight - 0.001), message(2, midnight), message(3, midnight)])
    second.add_messages([message(4, midnight + DAY), message(5, midnight - 3 * DAY)])
    assert [4, 3, 2, 1, 5] == numbers(first.messages(Search(), 10))
    assert [4, 3] == numbers(first.messages(Search(), 2))
    last = first.messages(Search(), 2)[-1].key
    assert [2, 1] == numbers(second.messages(Search(after=last), 2))
    assert [] == numbers(first.messages(Search(after=first.messages(Search(), 9)[-1].key), 2))


def test_an_empty_log_has_an_empty_page(store: Store) -> None:
    assert [] == [*store.messages(Search(), 10)]
    assert [] == [*store.messages(Search(request="abc", since=NOW), 10)]
    assert not store.forget_messages(NOW)


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        (Search(request="r1"), [5, 2, 1]),
        (Search(request="r1", outcome="refused"), [2]),
        (Search(request="r9"), []),
        (Search(repository="octo/API"), [2, 1]),
        (Search(people=(LIN,)), [4, 3]),
        (Search(people=(ADA, LIN)), [4, 3, 1]),
        (Search(outcome="refused"), [4, 2]),
        (Search(channel="teams", outcome="counted"), [3]),
        (Search(since=NOW + 2), [5, 4, 3, 2]),
        (Search(until=NOW + 2), [2, 1]),
        (Search(since=NOW + 2, until=NOW + 3, people=(LIN,)), [3]),
        (Search(request="r1", since=NOW + 2, until=NOW + 2), [2]),
        (Search(since=NOW + 2.001, until=NOW + 2.999), []),
        (Search(until=0.0), []),
        (Search(since=1e15), []),
    ],
)
def test_a_search_finds_what_equals_each_of_its_fields_and_includes_both_ends(
    store: Store, search: Search, expected: list[int]
) -> None:
    store.add_messages(
        [
            message(1, NOW + 1, request="r1", repository="octo/api", person=ADA),
            message(2, NOW + 2, request="r1", repository="Octo/Api", outcome="refused"),
            message(3, NOW + 3, request="r2", repository="octo/site", person=LIN, channel="teams"),
            message(4, NOW + 4, person=LIN, outcome="refused", channel="teams"),
            message(5, NOW + 5, request="r1"),
        ]
    )
    assert expected == numbers(store.messages(search, 10))


def test_days_that_are_over_are_forgotten_and_the_last_thirty_stay(store: Store) -> None:
    begin = forgotten_from(NOW)
    old = [message(number, begin - 1 - DAY * (number % 3), request=f"r{number % 7}") for number in range(120)]
    store.add_messages([*old[:60], message(900, begin, request="r1"), message(901, NOW, request="r1")])
    store.add_messages([*old[60:], message(902, begin - 0.001)])
    rounds = 0
    while store.forget_messages(begin):
        rounds += 1
        assert rounds < 20
    assert [901, 900] == numbers(store.messages(Search(), 1_000))
    assert [901, 900] == numbers(store.messages(Search(request="r1"), 1_000))
    assert [] == numbers(store.messages(Search(request="r2"), 1_000))


def test_many_messages_are_forgotten_in_batches(store: Store) -> None:
    old = [message(number, NOW, request="r") for number in range(600)]
    for start in range(0, 600, 100):
        store.add_messages(old[start : start + 100])
    assert store.forget_messages(NOW + 1)
    assert 0 < len(store.messages(Search(request="r"), 1_000)) < 600


@pytest.mark.parametrize("text", [text for text in ODD if text and text.isprintable()])
def test_a_message_takes_any_request_and_person(store: Store, text: str) -> None:
    store.add_messages([message(1, request=text, person=text), message(2, request="other", person="other")])
    assert [1] == numbers(store.messages(Search(request=text), 10))
    assert [1] == numbers(store.messages(Search(people=(text,)), 10))


def test_a_message_of_another_version_is_read_with_defaults(store: Store) -> None:
    lean = replace(FULL, check="", ms=None, attempt=None, trace="", status=None)
    store.add_messages([lean])
    assert [lean] == [*store.messages(Search(), 10)]
