"""Torture for some seconds: a sound relay passes, and each broken one is found."""

import pytest

from tests.torture import programme, stories, storms
from tests.torture.judge import Verdict
from tests.torture.programme import Scenario, play, sweep_of
from tests.torture.stage import Stage
from tests.torture.stores import SQLITE
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


def test_a_relay_is_struck_at_each_place_in_turn_and_everything_holds() -> None:
    verdict = play(sweep_of(stories.one_stage, 1), SQLITE, 1, SECONDS).verdict
    assert {} == dict(verdict.violations)
    assert verdict.counts["kills"] == verdict.counts["places where one was ended"] > 0


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


def test_a_relay_that_lets_older_requests_live_is_found() -> None:
    verdict = play(sweep_of(stories.superseded, 1), SQLITE, 1, 0.0, fault="supersedes nothing").verdict
    assert "older one approved" in verdict.violations


def test_every_story_and_storm_has_a_name_of_its_own() -> None:
    names = [each.name for each in (*programme.sweeps(), *programme.SCENARIOS)]
    assert sorted(set(names)) == sorted(names)
    assert {*programme.BOTH} <= {*names}
