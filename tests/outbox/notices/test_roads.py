"""Each road makes its events true, whoever commits: a press in each chat, the page, a command, the timer and others."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from relay.approval.events import EVENTS, OF_THE_RELAY
from relay.model.people import Verdict
from relay.outbox.timer import TimerRun
from tests.chats.teams.road.bot import Bot
from tests.outbox.notices.roads import (
    RELEASED,
    ROADS,
    Road,
    by_card,
    in_slack,
    in_stages,
    in_teams,
    on_the_page,
    refused,
    rejected,
)
from tests.outbox.notices.telling import Telling

pytestmark = pytest.mark.httpx_mock(should_mock=lambda request: request.url.host != "127.0.0.1")


@pytest.mark.parametrize(("take", "expected"), ROADS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_road_makes_its_events_true_and_each_is_told_once(here: Telling, take: Road, expected: list[str]) -> None:
    case_id = take(here)
    here.hours(1)
    told = [each for each in here.hooks.received if not case_id or each.event["data"]["request"]["id"] == case_id]
    assert expected == [each.type for each in told]
    assert len(here.hooks.received) == len({each.event["id"] for each in here.hooks.received})
    if case_id:
        assert [f"{case_id}_{number}" for number in range(1, len(expected) + 1)] == [each.event["id"] for each in told]
    assert [] == here.owed()


@pytest.mark.parametrize("press", [in_slack, in_teams, on_the_page])
@pytest.mark.parametrize(
    ("environment", "verdict", "status", "people", "expected"),
    [
        ("staged", "approve", 204, ("lin", "ada", "grace"), dict(ROADS)[in_stages]),
        ("production", "reject", 204, ("grace",), dict(ROADS)[rejected]),
        ("production", "approve", 404, ("ada",), dict(ROADS)[refused]),
    ],
    ids=["staged", "rejected", "refused"],
)
def test_a_press_makes_the_same_events_true_in_every_chat(
    bot: tuple[Telling, Bot],
    press: Callable[[Telling, Bot, str, str, Verdict], None],
    environment: str,
    verdict: Verdict,
    status: int,
    people: tuple[str, ...],
    expected: list[str],
) -> None:
    here, teams = bot
    here.github.status = status
    event = "refused-api" if verdict == "reject" else None
    case_id = here.ask(environment=environment, reject_event_type=event, channels=["releases", "ops"])
    for person in people:
        here.road.round()
        press(here, teams, person, case_id, verdict)
    here.hours(1)
    assert expected == here.hooks.types()


def test_every_event_comes_by_some_road() -> None:
    assert set(EVENTS) - OF_THE_RELAY == {event for _, events in ROADS for event in events}


def test_a_notification_has_no_events(here: Telling) -> None:
    here.ask(event_type=None, environment=None)
    here.hours(30)
    assert [] == here.hooks.received


@pytest.mark.parametrize("here", [()], indirect=True, ids=["no entries"])
def test_events_are_counted_where_nobody_hears_of_them(here: Telling) -> None:
    case = here.road.case(by_card(here))
    assert ("requested", "reviewed:0", "approved", "delivered:0") == case.events
    assert ["dispatch"] == [debt.kind for debt in case.debts]


def test_a_policy_that_no_longer_asks_tells_what_is_owed_already(here: Telling) -> None:
    case_id = by_card(here)
    silent = replace(here.road.world.policy, notify=())

    def run(timer: TimerRun) -> None:
        replace(timer, policy=silent, payer=replace(timer.payer, policy=silent)).run()

    run(here.road.timer())
    assert RELEASED == here.hooks.types()
    here.road.report(case_id, {"state": "started"})
    del here.hooks.received[:]
    run(here.road.timer())
    assert ["run_started"] == here.hooks.types()
