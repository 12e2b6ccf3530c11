"""Runs that wait at an environment: each gets one verdict, told on its page."""

from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from relay.journal.audit import audit_line
from relay.model.case import Case
from relay.outbox.commit import write
from relay.outbox.pay import Payer
from tests.support import gates, road
from tests.support.gates import RUN, Here, approve, asked, event, reports, verdicts


def test_an_approval_lets_the_run_go_on(here: Here) -> None:
    case = asked(here)
    assert (200, "released") == approve(here, case)
    assert [("approved", "Approved by\n- `Lin` (`qa`)\n- `Grace` (`release`): `go @octo/all`")] == verdicts(here)
    told = road.said(here.road.show(case.request.id))
    assert ("approved", "delivered") == (told["status"], told["dispatch"]["status"])
    assert "An approval in stage `qa` was counted; stage `release` needs 1 more approval." == reports(here)[1]


def test_a_report_on_the_page_of_the_run_is_no_dispatch(here: Here) -> None:
    case = asked(here)
    assert [] != reports(here)
    told = here.road.report(case.request.id, {"state": "started"})
    assert (409, "not-dispatched") == (told.status, road.said(told)["error"])
    approve(here, case)
    line = audit_line(here.road.case(case.request.id), lambda _: "")
    assert line is not None
    assert [{"event_type": "deployment_protection", "status": "delivered", "attempts": 1}] == line.facts["dispatches"]
    assert 200 == here.road.report(case.request.id, {"state": "started"}).status


def test_a_rejection_ends_the_run(here: Here) -> None:
    case = asked(here)
    assert (200, "rejected") == here.press("ada", "reject", case, "not on a Friday")
    assert [("rejected", "Rejected by\n- `Ada` (`qa`): `not on a Friday`")] == verdicts(here)


def test_what_expires_is_rejected_and_says_so(here: Here) -> None:
    case = asked(here)
    here.road.ahead += 31 * 86_400
    here.road.round()
    here.road.round()
    assert "expired" == here.road.case(case.request.id).status
    assert [("rejected", "This request has expired: nobody decided in time.")] == verdicts(here)


def test_what_is_cancelled_is_rejected_and_says_so(here: Here) -> None:
    case = asked(here)
    assert 200 == here.road.cancel(case.request.id).status
    assert [("rejected", "This request was cancelled.")] == verdicts(here)


def test_what_is_superseded_is_rejected_and_says_so(here: Here) -> None:
    older = asked(here, environment="newest")
    here.told(event("newest", run_id="18200345672"))
    assert "superseded" == here.road.case(older.request.id).status
    here.road.round()
    assert [("rejected", "This request was superseded by a newer one.")] == verdicts(here)


def test_without_supersede_each_run_has_its_own_verdict_in_order(here: Here) -> None:
    here.told(event())
    here.told(event(run_id="18200345672"))
    first, second = here.cases()
    approve(here, second)
    approve(here, first)
    assert [("18200345672", "approved"), (RUN, "approved")] == [
        (run_id, each["state"]) for _, run_id, each in here.github.verdicts
    ]


def test_a_second_job_of_the_attempt_gets_the_same_verdict(here: Here) -> None:
    here.github.attempts["octo/api", RUN] = 1
    case = asked(here)
    approve(here, case)
    assert [case.request.id] == [each.request.id for each in (asked(here),)]
    assert ["approved", "approved"] == [state for state, _ in verdicts(here)]


def test_what_was_decided_on_github_ends_the_request_at_the_verdict(here: Here) -> None:
    case = asked(here)
    here.press("lin", "approve", case)
    here.github.waiting.clear()  # an administrator lets it pass
    status, code = here.press("grace", "approve", case)
    assert (200, "approved-refused") == (status, code)
    told = road.said(here.road.show(case.request.id))
    assert ("cancelled", "decided on GitHub") == (told["status"], told["cancelled_by"])
    assert (200, "cancelled") == here.press("ada", "reject", case)


def test_a_run_that_completes_while_pending_was_decided_on_github(here: Here) -> None:
    here.github.attempts["octo/api", RUN] = 2
    case = asked(here)
    assert not here.completed(1)
    assert "pending" == here.road.case(case.request.id).status
    assert here.completed(2)
    ended = here.road.case(case.request.id)
    assert ("cancelled", "decided on GitHub", []) == (ended.status, ended.ended_by, verdicts(here))
    assert not here.completed(2)
    assert ended == here.road.case(case.request.id)


def test_a_run_decided_on_github_that_waits_again_is_asked_for_again(here: Here) -> None:
    here.github.attempts["octo/api", RUN] = 1
    here.told()
    assert here.completed(None)
    here.told()
    assert ["cancelled", "pending"] == sorted(case.status for case in here.cases())


@pytest.mark.parametrize(
    "told", [{}, {"action": "completed"}, {"action": "completed", "workflow_run": {}, "repository": {}}]
)
def test_a_run_of_others_ends_nothing(told: dict[str, Any], here: Here) -> None:
    case = asked(here)
    assert not here.gates.hear(told)
    assert not here.completed(1, "99")
    assert case == here.cases()[0]


def test_another_commit_in_between_is_read_again(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    case = asked(here)
    tries: list[object] = []

    def slower(*arguments: Any, **named: Any) -> Case | None:
        tries.append(arguments)
        return write(*arguments, **named) if len(tries) > 1 else None

    monkeypatch.setattr("relay.api.gates.write", slower)
    assert here.completed(1)
    assert ("cancelled", 2) == (here.road.case(case.request.id).status, len(tries))


def test_a_verdict_that_is_owed_already_is_not_owed_twice(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    here.github.attempts["octo/api", RUN] = 1
    approve(here, asked(here))
    monkeypatch.setattr(Payer, "commit", lambda *_, **__: None)  # another press commits first
    assert here.told()
    assert 1 == len(verdicts(here))


def test_a_verdict_that_github_does_not_take_yet_is_owed_and_paid_by_the_timer(here: Here) -> None:
    case = asked(here)
    here.press("lin", "approve", case)
    here.github.remaining = 0
    assert (200, "approved-retrying") == here.press("grace", "approve", case)
    here.github.remaining = 100
    here.road.ahead += 1_000
    here.road.round()
    assert ["approved"] == [state for state, _ in verdicts(here)]


def test_a_permission_that_was_not_accepted_is_told_with_its_cure(here: Here) -> None:
    case = asked(here)
    here.github.tokens.clear()
    here.github.installations["octo"].permissions.pop("deployments")
    here.press("lin", "approve", case)
    assert (200, "approved-refused") == here.press("grace", "approve", case)
    cure = here.road.case(case.request.id).debts[-1].cure
    assert "the App lacks the repository permission Deployments: write" in cure


def test_without_an_app_the_verdict_is_refused_with_the_cure(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    without = {"RELAY_GITHUB_APP_CLIENT_ID": "", "RELAY_GITHUB_APP_PRIVATE_KEY": ""}
    with gates.made(tmp_path, httpx_mock, **without) as here:
        case = asked(here)
        assert (200, "approved-refused") == approve(here, case)
        assert "set RELAY_GITHUB_APP_CLIENT_ID" in here.road.case(case.request.id).debts[-1].cure
