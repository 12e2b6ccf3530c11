"""The commit on the card, in runs whose GITHUB_SHA is another than what was built."""

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from tests.cli.running import ASK, OFFLINE, run
from tests.cli.sending import CREATED, ENV

MERGE = "1" * 40
HEAD = "2" * 40
OTHER = "3" * 40
PULL = {"pull_request": {"head": {"sha": HEAD, "ref": "feature"}}}


def registered(
    httpx_mock: HTTPXMock, tmp_path: Path, name: str, event: Any, *options: str, ref: str = "refs/pull/12/merge"
) -> dict[str, Any]:
    """Return the form that a run of an event registers."""
    httpx_mock.add_response(status_code=201, json=CREATED)
    (tmp_path / "event.json").write_text(json.dumps(event), "utf-8")
    env = ENV | {
        "GITHUB_EVENT_NAME": name,
        "GITHUB_EVENT_PATH": f"{tmp_path}/event.json",
        "GITHUB_SHA": MERGE,
        "GITHUB_REF": ref,
        "GITHUB_REPOSITORY": "octo/api",
    }
    result = run("card", "--register", *ASK, *options, env=env)
    assert 0 == result.exit_code, result.stderr
    (asked,) = httpx_mock.get_requests()
    form: dict[str, Any] = json.loads(asked.content)
    return form


@pytest.mark.parametrize("name", ["pull_request", "pull_request_review", "pull_request_review_comment"])
def test_the_card_of_a_pull_request_names_its_head_and_not_the_merge_commit(
    name: str, httpx_mock: HTTPXMock, tmp_path: Path
) -> None:
    form = registered(httpx_mock, tmp_path, name, PULL)
    assert (HEAD, "refs/pull/12/head") == (form["sha"], form["ref"])


@pytest.mark.parametrize("name", ["workflow_run", "check_run", "check_suite"])
@pytest.mark.parametrize(("owner", "expected"), [("octo/api", "refs/heads/feature"), ("fork/api", None), (None, None)])
def test_the_card_of_a_run_that_ended_names_what_that_run_built(
    name: str, owner: str | None, expected: str | None, httpx_mock: HTTPXMock, tmp_path: Path
) -> None:
    event = {name: {"head_sha": HEAD, "head_branch": "feature", "head_repository": {"full_name": owner}}}
    form = registered(httpx_mock, tmp_path, name, event, ref="refs/heads/main")
    assert (HEAD, expected) == (form["sha"], form.get("ref"))


@pytest.mark.parametrize("name", ["push", "release", "merge_group", "repository_dispatch", "schedule", ""])
def test_in_other_runs_the_commit_is_that_of_the_run(name: str, httpx_mock: HTTPXMock, tmp_path: Path) -> None:
    form = registered(httpx_mock, tmp_path, name, PULL, ref="refs/heads/main")
    assert (MERGE, "refs/heads/main") == (form["sha"], form["ref"])


@pytest.mark.parametrize("name", ["pull_request", "issue_comment", "workflow_run"])
def test_a_commit_that_is_given_counts_everywhere(name: str, httpx_mock: HTTPXMock, tmp_path: Path) -> None:
    form = registered(httpx_mock, tmp_path, name, {}, "--sha", OTHER, "--ref", "refs/heads/x")
    assert (OTHER, "refs/heads/x") == (form["sha"], form["ref"])


@pytest.mark.parametrize("name", ["pull_request_target", "issue_comment", "issues"])
def test_where_the_event_does_not_tell_the_cure_is_said(name: str) -> None:
    result = run("card", *ASK, env=OFFLINE | {"GITHUB_EVENT_NAME": name, "GITHUB_SHA": MERGE})
    assert 2 == result.exit_code
    assert f"--sha: in a run of {name} GITHUB_SHA is the head of a branch" in result.stderr


@pytest.mark.parametrize(
    "event", [{}, [], {"pull_request": 5}, {"pull_request": {"head": {"sha": "x"}}}, {"pull_request": {"head": None}}]
)
def test_an_event_without_the_commit_is_told_with_the_cure(event: object, tmp_path: Path) -> None:
    (tmp_path / "event.json").write_text(json.dumps(event))
    env = OFFLINE | {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": f"{tmp_path}/event.json"}
    result = run("card", *ASK, env=env)
    assert 2 == result.exit_code
    assert "GITHUB_EVENT_PATH does not name it. Give --sha" in result.stderr


def test_a_notification_asks_for_no_commit() -> None:
    assert 0 == run("card", "--title", "x", env={"GITHUB_EVENT_NAME": "issue_comment"}).exit_code
