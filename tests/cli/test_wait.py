"""`relay wait`, against a relay whose answers change with the time that the command sleeps."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from tests.cli.running import run
from tests.cli.waiting import APPROVED, ENV, ID, JOB, LINK, FakeRelay, outputs, review, sends, stands

RUN = "https://github.com/octo/api/actions/runs/7"
REPLACED = "Superseded: a newer request of the same repository, environment and event type replaces it."


def test_each_change_is_a_line_with_its_link(httpx_mock: HTTPXMock) -> None:
    qa, lin, ada = {"stage": "qa"}, review("Lin", stage="qa"), review("에이다", comment="좋아요\n::error::x")
    running = {"run": {"status": "running", "text": "", "url": RUN, "at": "T", "by": "github"}}
    relay = FakeRelay(
        httpx_mock,
        [
            (0, stands(**qa)),
            (5, stands("pending", lin)),
            (20, stands("approved", lin, ada, dispatch=sends("owed"))),
            (40, stands("approved", lin, ada, dispatch=sends("delivered", run_url=RUN), **running)),
        ],
    )
    result = relay.wait()
    assert 0 == result.exit_code, result.output
    assert [
        f"Requested, stage qa: {LINK}",
        f"Reviewed by Lin: approve, stage qa: {LINK}",
        f"Stage qa passed, next is release: {LINK}",
        f"Reviewed by 에이다: approve, stage release, 좋아요 ::error::x: {LINK}",
        f"Approved: {LINK}",
        f"Dispatch owed: {LINK}",
        f"Dispatch delivered: {RUN}",
        f"Run running: {RUN}",
    ] == result.stdout.splitlines()


def test_a_stage_that_the_policy_renames_has_not_passed(httpx_mock: HTTPXMock) -> None:
    ended = stands("cancelled", stage="release", cancelled_by="key:ci")
    relay = FakeRelay(httpx_mock, [(0, stands()), (5, stands(stage="ship")), (20, ended)])
    lines = [f"Requested, stage release: {LINK}", f"Cancelled by key:ci: {LINK}"]
    assert lines == relay.wait().stdout.splitlines()


@pytest.mark.parametrize(
    ("ended", "code", "line", "reason"),
    [
        (APPROVED, 0, "Approved", ""),
        (stands("rejected", review("Ada", "reject")), 3, "Rejected", "Rejected by Ada."),
        (stands("rejected", review("A{b}", "reject", comment="no")), 3, "Rejected", "Rejected by A{b}: no."),
        (stands("expired", review("Ada")), 3, "Expired", "Expired: not enough approvers had approved"),
        (stands("superseded"), 3, "Superseded by a newer request", REPLACED),
        (stands("cancelled", cancelled_by="key:ci"), 3, "Cancelled by key:ci", "Cancelled by key:ci: the request"),
        (stands("cancelled", cancelled_by="decided on GitHub"), 3, "Decided on GitHub", "Decided on GitHub: somebody"),
        (stands("melted"), 3, "Ended as melted", "The request has ended, and not by an approval."),
    ],
)
def test_each_end_is_told_as_it_is(
    httpx_mock: HTTPXMock, tmp_path: Path, ended: dict[str, Any], code: int, line: str, reason: str
) -> None:
    relay = FakeRelay(httpx_mock, [(0, stands()), (60, ended)])
    files = {"GITHUB_OUTPUT": f"{tmp_path}/output", "GITHUB_STEP_SUMMARY": f"{tmp_path}/summary"}
    result = relay.wait(env=JOB | files)
    assert (code, True) == (result.exit_code, reason in result.stderr)
    assert f"{line}: {LINK}" in result.stdout.splitlines()
    decision = ended["status"] if ended["status"] in ("approved", "rejected") else ""
    assert {"decision": decision, "status": ended["status"]} == outputs((tmp_path / "output").read_text("utf-8"))
    summary = (tmp_path / "summary").read_text("utf-8")
    assert f"### {ended['status'].capitalize()}" in summary
    assert f"- Request: {ID}" in summary
    assert bool(code) == ("::error title=relay::" in result.stderr)


def test_a_request_that_has_ended_before_is_not_waited_for(httpx_mock: HTTPXMock) -> None:
    relay = FakeRelay(httpx_mock, [(0, APPROVED)])
    assert 0 == relay.wait().exit_code
    assert [0] == relay.looks


def test_the_looks_become_rarer(httpx_mock: HTTPXMock) -> None:
    relay = FakeRelay(httpx_mock, [(0, stands()), (100, APPROVED)])
    assert 0 == relay.wait().exit_code
    pauses = [later - earlier for earlier, later in pairwise(relay.looks)]
    assert [2, 3, 4.5, 6.75, 10.125, 15, 15, 15, 15, 15] == pauses


def test_a_wait_that_is_over_says_that_the_request_goes_on(httpx_mock: HTTPXMock, tmp_path: Path) -> None:
    relay = FakeRelay(httpx_mock, [(0, stands())])
    result = relay.wait("--timeout", "90s", env=JOB | {"GITHUB_OUTPUT": f"{tmp_path}/output"})
    assert (3, 90) == (result.exit_code, relay.looks[-1])
    assert f"An approval still releases; `relay cancel {ID}` withdraws it." in result.stderr
    assert {"decision": "", "status": "pending"} == outputs((tmp_path / "output").read_text("utf-8"))


def test_an_hour_is_waited_if_no_time_is_given(httpx_mock: HTTPXMock) -> None:
    busy = httpx.Response(429, headers={"Retry-After": "3500"}, json={"error": "too-many"})
    relay = FakeRelay(httpx_mock, [(0, stands()), (1, busy), (3_000, stands())])
    assert (3, 3_600) == (relay.wait().exit_code, relay.looks[-1])


# the dispatch of the decision
@pytest.mark.parametrize(
    ("dispatch", "line", "until"),
    [
        (sends("delivered"), f"Dispatch delivered: {LINK}", 2),
        (sends("refused", "no such\nrepository"), f"Dispatch refused, no such repository: {LINK}", 2),
        (sends("dead", "gone"), f"Dispatch dead, gone: {LINK}", 2),
        (sends("owed", "GitHub answered 502"), f"Dispatch owed, GitHub answered 502: {LINK}", 22),
    ],
)
def test_an_approval_is_the_end_whatever_github_says(
    httpx_mock: HTTPXMock, dispatch: dict[str, Any], line: str, until: float
) -> None:
    relay = FakeRelay(httpx_mock, [(0, stands()), (2, stands("approved", dispatch=dispatch))])
    result = relay.wait()
    assert (0, until) == (result.exit_code, relay.looks[-1])
    assert line == result.stdout.splitlines()[-1]
    assert (until == 22) == ("GitHub has not taken the dispatch yet" in result.stderr)


# wrong usage
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--timeout", "1 hour"), "is a whole number and its unit"),
        (("--timeout", "31d"), "takes from 1 second to 30 days"),
        (("--timeout", ""), "--timeout: is empty"),
        (("--api-key", "a:b:c"), "is a whole entry of RELAY_API_KEYS"),
    ],
)
def test_wrong_usage_asks_nobody(arguments: tuple[str, ...], told: str) -> None:
    result = run("wait", ID, *arguments, env=ENV)
    assert 2 == result.exit_code
    assert told in result.stderr


@pytest.mark.parametrize(
    ("found", "lines"),
    [
        ({"reviews": "none", "dispatch": [], "run": 7, "stage": None}, [f"Requested: {LINK}"]),
        (
            {"reviews": [1, {"by": 7}]},
            [f"Requested, stage release: {LINK}"] + [f"Reviewed by an unknown person: : {LINK}"] * 2,
        ),
        (
            {"run": {"status": "failure", "text": "no\nquota"}},
            [f"Requested, stage release: {LINK}", f"Run failure, no quota: {LINK}"],
        ),
        (
            {"run": {"status": "cancelled", "text": "cancelled"}},
            [f"Requested, stage release: {LINK}", f"Run cancelled: {LINK}"],
        ),
    ],
)
def test_parts_of_another_form_are_left_out(httpx_mock: HTTPXMock, found: dict[str, Any], lines: list[str]) -> None:
    result = FakeRelay(httpx_mock, [(0, stands() | found)]).wait("--timeout", "1s")
    assert lines == result.stdout.splitlines()
