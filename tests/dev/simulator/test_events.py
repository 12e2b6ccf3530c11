"""The stream that the page lives on."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event

import httpx
import pytest

from relay.dev.simulator.event_stream import MOST, PING, Live, Stream
from tests.dev.simulator.here import ask, press, state, states

LONG = 60.0  # seconds that no test gets to wait


class Things:
    """How things stand, with how often somebody looked."""

    def __init__(self) -> None:
        self.stand: object = 1
        self.looks = 0

    def __call__(self) -> Mapping[str, object]:
        self.looks += 1
        return {"stand": self.stand}


@contextmanager
def live(
    look: Callable[[], Mapping[str, object]], *, every: float = LONG, ping: float = LONG, life: float = LONG
) -> Iterator[Live]:
    made = Live(look, every=every, ping=ping, life=life)
    yield made
    made.close()
    made.join()
    assert made._watcher is None or not made._watcher.is_alive()


def told(stream: Stream) -> object:
    event, _, rest = next(stream).decode().partition("\n")
    assert "event: state" == event
    assert rest.endswith("\n\n")
    return json.loads(rest.removeprefix("data: "))["stand"]


def test_a_stream_begins_with_how_things_stand_and_goes_on_with_what_changes() -> None:
    things = Things()
    with live(things) as watched:
        stream = watched.open()
        assert 1 == told(stream)
        things.stand = 2
        watched.wake()
        assert 2 == told(stream)
    assert [] == list(stream)


def test_what_nobody_tells_of_is_seen_all_the_same() -> None:
    things = Things()
    with live(things, every=0.01) as watched:
        stream = watched.open()
        assert 1 == told(stream)
        things.stand = 2
        assert 2 == told(stream)


def test_what_is_the_same_is_not_sent_again_and_silence_is_broken_by_a_comment() -> None:
    things = Things()
    with live(things, ping=0.02) as watched:
        stream = watched.open()
        assert 1 == told(stream)
        looks = things.looks
        watched.wake()
        assert PING == next(stream)
        assert PING == next(stream)
        assert looks < things.looks


def test_one_look_is_for_all_streams_and_a_new_one_is_told_what_stands_now() -> None:
    things = Things()
    with live(things) as watched:
        streams = [watched.open() for _ in range(3)]
        assert [1, 1, 1] == [told(each) for each in streams]
        assert 3 >= things.looks
        things.stand = 2
        late = watched.open()
        assert [2, 2, 2, 2] == [told(each) for each in (late, *streams)]


def test_nobody_looks_while_no_stream_is_open() -> None:
    things = Things()
    with live(things, every=0.001) as watched:
        watched.wake()
        assert 0 == things.looks
        stream = watched.open()
        told(stream)
        stream.close()
        watched.join()
        looks = things.looks
        things.stand = 2
        watched.wake()
        assert looks == things.looks
        assert 2 == told(watched.open())


def test_one_stream_too_many_ends_the_oldest() -> None:
    with live(Things()) as watched:
        streams = [watched.open() for _ in range(MOST + 1)]
        assert [] == list(streams[0])
        assert [1] * MOST == [told(each) for each in streams[1:]]


def test_a_stream_ends_by_itself_after_its_life() -> None:
    with live(Things(), life=0.05) as watched:
        stream = watched.open()
        assert 1 == told(stream)
        assert [] == list(stream)


def test_a_stream_that_opens_after_the_end_ends_at_once() -> None:
    things = Things()
    with live(things) as watched:
        watched.close()
        assert [] == list(watched.open())
        assert 0 == things.looks


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_look_that_fails_ends_the_streams_and_the_next_stream_tries_again() -> None:
    failing = Event()
    failing.set()

    def look() -> Mapping[str, object]:
        if failing.is_set():
            raise LookupError
        return {"stand": 1}

    with live(look) as watched:
        assert [] == list(watched.open())
        watched.join()
        failing.clear()
        assert 1 == told(watched.open())


def test_the_whole_state_comes_over_http_and_again_after_each_change(page: httpx.Client) -> None:
    with page.stream("GET", "/simulator/events") as answer:
        assert "text/event-stream; charset=utf-8" == answer.headers["content-type"]
        assert "no-store" == answer.headers["cache-control"]
        told = states(answer)
        first = next(told)
        assert {
            *("people", "places", "rooms", "samples", "github", "runs", "environments", "hooks"),
            *("cards", "dispatches", "outbox"),
        } <= set(first)
        assert ("healthy", [], [], []) == (
            first["github"]["mode"],
            first["cards"],
            first["dispatches"],
            first["outbox"],
        )
        page.post("/simulator/switch", json={"mode": "slow"})
        assert "slow" == next(told)["github"]["mode"]
        page.post("/simulator/switch", json={"mode": "healthy"})
        assert "healthy" == next(told)["github"]["mode"]
        card = ask(page, "production")
        following = (each for each in told if each["cards"])
        assert card["id"] == next(following)["cards"][0]["id"]
        press(page, card["id"], "ada")
        assert next(each for each in following if each["dispatches"] and each["dispatches"][0]["verify"])


def test_the_people_are_an_approver_a_second_one_a_requester_and_an_outsider(page: httpx.Client) -> None:
    people = {each["key"]: (each["name"], each["part"]) for each in state(page)["people"]}
    assert {
        "ada": ("Ada Lovelace", "owners"),
        "grace": ("Grace Hopper", "qa, owners"),
        "alan": ("Alan Turing", "qa, owners; asks in the samples"),
        "stranger": ("A stranger", "not in the policy"),
    } == people
    forms = {each["key"]: each["form"] for each in state(page)["samples"]}
    assert {"alan": 4, None: 1} == {
        login: [form.get("requested_by") for form in forms.values()].count(login) for login in ("alan", None)
    }
