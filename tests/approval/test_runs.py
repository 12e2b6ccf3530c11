"""Runs of one case beyond the number that it keeps."""

from relay.approval.runs import MAX_RUNS, with_run
from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.runs import Run, RunStatus
from tests.approval.reviewers import REQUEST

PREVIEW = Debt("preview", 1, 1, status="delivered", decision="requested")
RELEASE = Debt("deploy-api", 2, 2, status="delivered")
CASE = Case(REQUEST, "key", "approved", debts=(PREVIEW, RELEASE))


def flooded(status: RunStatus, debt: int) -> Case:
    """Return the case with as many runs of a dispatch as it keeps."""
    case = CASE
    for number in range(MAX_RUNS):
        case = with_run(case, Run(status, 5, "github", id=f"1{number}", debt=debt))
    return case


def seen(case: Case, status: RunStatus) -> str:
    """Return the status that is shown after news of one more run of the release."""
    after = with_run(case, Run(status, 6, "github", id="7", debt=1))
    assert MAX_RUNS == len(after.runs)
    return after.run.status if after.run else ""


def test_runs_that_others_start_hide_no_failure() -> None:
    assert ["failure"] * 3 == [seen(flooded(status, 1), "failure") for status in ("success", "queued", "running")]


def test_a_run_that_waits_is_kept_before_those_that_have_succeeded() -> None:
    assert "queued" == seen(flooded("success", 1), "queued")


def test_the_runs_of_a_preview_leave_room_for_that_of_the_release() -> None:
    assert ["failure", "success"] == [seen(flooded("failure", 0), status) for status in ("failure", "success")]


def test_one_more_run_that_is_no_worse_changes_nothing() -> None:
    case = flooded("failure", 1)
    assert case == with_run(case, Run("success", 6, "github", id="7", debt=1))
