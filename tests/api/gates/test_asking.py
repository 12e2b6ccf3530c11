"""Runs that wait at an environment: each is asked for once, with what GitHub proves."""

import pytest

from tests.support import road
from tests.support.gates import RUN, Here, approve, asked, event, reports


def test_a_run_that_waits_is_asked_for_with_what_github_proves(here: Here) -> None:
    case = asked(here)
    request = case.request
    assert ("Deploy refs/heads/main to production", "octo/api", "production") == (
        request.title,
        request.repository,
        request.environment,
    )
    assert f"https://github.com/octo/api/actions/runs/{RUN}" == request.run_url
    assert ("refs/heads/main", "hubot", 4242) == (request.ref, request.requested_by, request.requested_by_id)
    assert ("github", ("repository", "ref", "sha", "run", "environment", "requester")) == (case.proof, case.proven)
    assert 30 * 86_400 == request.expires_at - request.issued_at
    page = f"{road.ORIGIN}/api/review/{request.id}"
    assert [f"Waiting for approval: 1 more approval in stage qa. [Decide on the review page]({page})"] == reports(here)


def test_a_bot_s_deployment_is_asked_for_by_its_creator_who_is_only_stated(here: Here) -> None:
    bot = {"login": "github-actions[bot]", "id": 41_898_282, "type": "Bot"}
    case = asked(here, sender=bot)
    assert ("mona", 77, False) == (
        case.request.requested_by,
        case.request.requested_by_id,
        case.is_requester_proven,
    )


def test_a_bot_s_deployment_without_a_creator_is_the_bot_s(here: Here) -> None:
    case = asked(here, sender={"login": "x[bot]", "id": 9, "type": "Bot"}, deployment=None)
    assert ("x[bot]", False) == (case.request.requested_by, case.is_requester_proven)


def test_the_person_who_deploys_does_not_approve(here: Here) -> None:
    case = asked(here, sender={"login": "lin", "id": 1003, "type": "User"})
    assert (403, "own-request") == here.press("lin", "approve", case)


def test_ref_and_commit_come_from_the_deployment_where_the_event_has_none(here: Here) -> None:
    told = event(deployment={"ref": "v1.2", "sha": "f" * 40})
    del told["ref"], told["sha"]
    assert here.told(told)
    assert ("v1.2", "f" * 40) == (here.cases()[0].request.ref, here.cases()[0].request.sha)


def test_two_webhooks_of_one_gate_are_one_request(here: Here) -> None:
    here.github.attempts["octo/api", RUN] = 1
    case = asked(here)
    assert case == asked(here)
    assert 1 == len(reports(here))


def test_another_attempt_of_the_run_is_asked_for_anew(here: Here) -> None:
    here.github.attempts["octo/api", RUN] = 1
    here.told()
    here.github.attempts["octo/api", RUN] = 2
    here.told()
    assert [1, 2] == sorted(case.gate.attempt for case in here.cases() if case.gate)


def test_another_environment_of_the_run_is_asked_for_too(here: Here) -> None:
    here.told()
    here.told(event("newest"))
    assert ["newest", "production"] == sorted(case.request.environment for case in here.cases())


def test_where_the_attempt_is_not_known_a_decided_gate_is_asked_for_anew(here: Here) -> None:
    approve(here, asked(here))
    here.told()
    assert ["approved", "pending"] == sorted(case.status for case in here.cases())


def test_no_rule_is_told_on_the_page_of_the_run(here: Here) -> None:
    assert not here.told(event("staging"))
    assert ["The relay asks nobody: No rule of the operator's policy takes this request. Nothing was recorded."] == (
        reports(here)
    )
    assert [] == here.cases()


def test_a_gate_that_nobody_could_approve_is_told_on_the_page_of_the_run(here: Here) -> None:
    assert not here.told(event("newest", sender={"login": "ada", "id": 1001, "type": "User"}))
    assert "The relay asks nobody: requested_by: leaves 0 of 1 required approvers in stage approval" in reports(here)[0]


def test_another_action_is_ignored(here: Here) -> None:
    assert not here.told({**event(), "action": "closed"})


def test_a_first_commit_that_was_lost_is_made_again(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(type(here.gates), "_commit", lambda *_: None)
        here.told()
    assert [] == here.cases()
    assert "pending" == asked(here).status
