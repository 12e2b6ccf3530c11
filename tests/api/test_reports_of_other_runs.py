"""Reports by the token of a released run: they are of that run, whatever address they state."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from tests.press.rerunning import RETRY, approved, failed, shown
from tests.support import road
from tests.support.example_policy import POLICY
from tests.support.github_tokens import bearer

RUNS = "https://github.com/octo/api/actions/runs"


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[road.Road]:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204, is_reusable=True)
    with road.made(tmp_path, httpx_mock, RELAY_POLICY=POLICY + RETRY) as made:
        yield made


def reported(here: road.Road, case_id: str, run_id: str, attempt: str, **fields: str) -> str:
    """Report a success by the token of a run. Return the state of the release that is shown."""
    token = bearer("repository-dispatch", run_id=run_id, run_attempt=attempt)
    assert 200 == here.report(case_id, {"state": "success", **fields}, authorization=token).status
    return str(shown(here, case_id)["run"]["status"])


@pytest.mark.parametrize("fields", [{}, {"url": f"{RUNS}/7"}, {"url": f"{RUNS}/7/attempts/9999"}])
def test_a_run_cannot_take_back_the_failure_of_another(here: road.Road, fields: dict[str, str]) -> None:
    case_id, ticket = approved(here)
    failed(here, case_id, run=7)
    assert "failure" == reported(here, case_id, "9", "1", **fields)
    assert (200, "released") == road.outcome(here.press("ada", "again", ticket))


def test_a_run_cannot_say_the_end_of_another_before_it_ends(here: road.Road) -> None:
    case_id, _ = approved(here)
    assert "success" == reported(here, case_id, "9", "1", url=f"{RUNS}/7")
    failed(here, case_id, run=7)
    assert "failure" == shown(here, case_id)["run"]["status"]


def test_a_run_that_was_started_again_tells_of_itself(here: road.Road) -> None:
    case_id, _ = approved(here)
    failed(here, case_id, run=7)
    assert "success" == reported(here, case_id, "7", "2")
