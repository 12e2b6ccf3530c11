"""Runs that are started again while a request or a verdict of an earlier attempt is open.

GitHub's verdict names the run and the environment, and not the attempt.
"""

from relay.model.case import Case
from tests.support.gates import RUN, Here, asked, event, verdicts


def started_again(here: Here, environment: str = "production") -> Case:
    """Let Grace start the run again, without any word that the first attempt has ended. Return the new request."""
    here.github.waiting.clear()
    here.github.attempts["octo/api", RUN] = 2
    sender = {"login": "grace", "id": 1002, "type": "User"}
    assert here.told(event(environment, sender=sender))
    return next(case for case in here.cases() if case.gate and case.gate.attempt == 2)


def first_attempt(here: Here, environment: str = "production") -> Case:
    here.github.attempts["octo/api", RUN] = 1
    return asked(here, environment=environment)


def test_the_person_who_starts_a_run_again_does_not_approve_it_by_the_card_of_the_first_attempt(here: Here) -> None:
    first = first_attempt(here)
    here.press("lin", "approve", first)
    second = started_again(here)
    here.press("lin", "approve", second)
    assert (403, "own-request") == here.press("grace", "approve", second)
    assert (200, "cancelled") == here.press("grace", "approve", first)
    assert ([], "decided on GitHub") == (verdicts(here), here.road.case(first.request.id).ended_by)


def test_a_newer_attempt_is_not_rejected_as_the_one_that_it_supersedes(here: Here) -> None:
    first_attempt(here, "newest")
    started_again(here, "newest")
    here.road.round()
    assert [] == verdicts(here)


def test_the_request_of_a_newer_attempt_in_another_environment_ends_the_older_one_too(here: Here) -> None:
    first = first_attempt(here)
    started_again(here, "newest")
    assert "cancelled" == here.road.case(first.request.id).status


def test_an_attempt_that_nobody_could_approve_ends_the_request_of_the_one_before(here: Here) -> None:
    first = first_attempt(here, "newest")
    here.github.attempts["octo/api", RUN] = 2
    assert not here.told(event("newest", sender={"login": "ada", "id": 1001, "type": "User"}))
    assert (200, "cancelled") == here.press("ada", "approve", first)
    assert [] == verdicts(here)


def test_a_verdict_that_was_late_for_its_attempt_does_not_let_the_next_one_go_on(here: Here) -> None:
    first = first_attempt(here)
    here.press("lin", "approve", first)
    here.github.remaining = 0
    assert (200, "approved-retrying") == here.press("grace", "approve", first)
    here.github.remaining = 100
    second = started_again(here)
    here.road.ahead += 1_000
    here.road.round()
    ended = here.road.case(first.request.id)
    assert ([], "cancelled", "decided on GitHub") == (verdicts(here), ended.status, ended.ended_by)
    assert "pending" == here.road.case(second.request.id).status


def test_a_verdict_that_is_late_reaches_the_attempt_that_still_waits(here: Here) -> None:
    first = first_attempt(here)
    here.press("lin", "approve", first)
    here.github.remaining = 0
    here.press("grace", "approve", first)
    here.github.remaining = 100
    here.road.ahead += 1_000
    here.road.round()
    assert ["approved"] == [state for state, _ in verdicts(here)]
