"""Torture for some seconds: a sound relay passes, and each broken one is found."""

import pytest

from tests.torture import programme, stories, storms, told_stories
from tests.torture.judge import Verdict
from tests.torture.programme import Scenario, play, sweep_of
from tests.torture.stage import Stage
from tests.torture.stores import SQLITE
from tests.torture.stories import Story
from tests.torture.storms import Weather

SECONDS = 2.0


def gust(here: Stage, seconds: float) -> None:
    storms.storm(here, Weather(people=6), seconds)


def late_answers(here: Stage, _seconds: float) -> None:
    here.github.always("takes slowly")
    for _ in range(3):
        here.press("ada", "approve", here.ask(f"one-{here.word()}"))


def beside_its_timer(fault: str) -> Verdict:
    return play(
        Scenario("beside its timer", late_answers, relays=1, every=0.05), SQLITE, 1, SECONDS, fault=fault
    ).verdict


def test_a_storm_passes_and_everything_holds() -> None:
    verdict = play(Scenario("a gust", gust), SQLITE, 1, SECONDS).verdict
    assert {} == dict(verdict.violations)
    assert verdict.counts["kills"] > 0
    assert verdict.counts["dispatches that GitHub took"] > 0


def test_a_timer_that_never_comes_leaves_nothing_owed_where_health_is_asked() -> None:
    outcome = play(Scenario("a gust without a timer", gust, every=0.0, by_health=True), SQLITE, 1, SECONDS)
    assert {} == dict(outcome.verdict.violations)
    assert outcome.verdict.counts["dispatches that GitHub took"] > 0


def test_a_relay_is_struck_at_each_place_in_turn_and_everything_holds() -> None:
    verdict = play(sweep_of(stories.one_stage, 1), SQLITE, 1, SECONDS).verdict
    assert {} == dict(verdict.violations)
    assert verdict.counts["kills"] == verdict.counts["places where one was ended"] > 0


def test_a_release_runs_again_once_however_its_relay_is_struck() -> None:
    verdict = play(sweep_of(stories.run_again, 1), SQLITE, 1, SECONDS).verdict
    assert {} == dict(verdict.violations)
    assert verdict.counts["dispatches that GitHub took"] > verdict.counts["requests"] > 0


TOLD = (
    *(told_stories.redeemed, told_stories.shown_in_slack),
    *(told_stories.told_of_a_rejection, told_stories.gates_in_turn),
)
FAULTS = {
    "forgets runs": (stories.run_again, "run forgotten"),
    "supersedes nothing": (stories.superseded, "older one approved"),
    "redeems for all": (told_stories.redeemed, "redeemed twice"),
    "forgets who redeemed": (told_stories.redeemed, "redeemed and refused"),
    "gives no verdict": (told_stories.gate_that_nobody_opens, "gate without its verdict"),
    "gives the other verdict": (told_stories.gates_in_turn, "told the other verdict"),
    "leaves cards": (told_stories.shown_in_slack, "untrue card"),
    "posts cards anew": (told_stories.shown_in_slack, "posted again without cause"),
    "forgets notices": (told_stories.shown_in_slack, "event never told"),
    "tells events anew": (told_stories.shown_in_slack, "event told twice"),
    "tells twice": (told_stories.shown_in_slack, "posted again without cause"),
    "tells in any order": (told_stories.told_of_a_rejection, "told out of order"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_relay_that_is_broken_in_one_way_is_found(fault: str) -> None:
    story, broken_promise = FAULTS[fault]
    assert broken_promise in play(sweep_of(story, 1), SQLITE, 1, 0.0, fault=fault).verdict.violations


@pytest.mark.parametrize(
    "story",
    [told_stories.redeemed, told_stories.shown_in_slack, told_stories.told_of_a_rejection, told_stories.gates_in_turn],
)
def test_what_follows_an_approval_holds_however_the_relay_is_struck(story: Story) -> None:
    verdict = play(sweep_of(story, 1), SQLITE, 1, SECONDS).verdict
    assert {} == dict(verdict.violations)
    assert verdict.counts["kills"] > 0
    assert verdict.counts["redeems that won"] + verdict.counts["events that the receiver took"] > 0


def test_a_relay_that_forgets_its_rows_is_found() -> None:
    verdict = play(sweep_of(stories.one_stage, 1), SQLITE, 1, SECONDS, fault="forgets rows").verdict
    assert {"rows that are not debts", "lives that are not cases"} & {*verdict.violations}


@pytest.mark.parametrize("fault", ["sends twice", "ends leases early"])
def test_a_relay_that_sends_what_was_sent_or_what_another_is_sending_is_found(fault: str) -> None:
    assert "dispatched again without cause" in beside_its_timer(fault).violations


def test_one_that_keeps_to_its_leases_sends_once_beside_its_timer() -> None:
    verdict = beside_its_timer("")
    assert {} == dict(verdict.violations)
    assert 3 == verdict.counts["dispatches that GitHub took"]


def test_every_story_and_storm_has_a_name_of_its_own() -> None:
    names = [each.name for each in (*programme.sweeps(), *programme.SCENARIOS)]
    assert sorted(set(names)) == sorted(names)
    assert {*programme.BOTH} <= {*names}
