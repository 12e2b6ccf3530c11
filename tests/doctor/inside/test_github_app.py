"""Faults of a GitHub App, alone and beside a token, where it serves jobs that wait."""

from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from tests.doctor.examining import API, APP, PERMISSIONS, POLICY, REPOSITORY, answering, examined, found, subject
from tests.doctor.faults import Fault, answer, by_fault, check_fault
from tests.doctor.inside.test_github import ANNOUNCING, RELEASE, STARTABLE, STARTS
from tests.support import example_policy

INSTALLATION = ("GET", f"{REPOSITORY}/installation")
ABOUT = ("GET", f"{API}/app")
GATES = f"""{POLICY}
[[rule]]
repository = "octo/api"
target = "deployment_protection"
{example_policy.stage("release", "group:owners")}
"""
SECRET = {"RELAY_GITHUB_WEBHOOK_SECRET": "a secret of 16 characters"}
WAITING = APP | SECRET | {"RELAY_POLICY": GATES}
BESIDE = {name: value for name, value in WAITING.items() if name != "RELAY_GITHUB_TOKEN"}
VERDICTS = {"deployments": "write"}
FAULTS = [
    Fault("github-credential", "failed", "does not accept", "of the same App", {ABOUT: answer(401)}, APP),
    Fault(
        "github-app",
        "failed",
        "Contents: write",
        "Permissions & events",
        {ABOUT: answer(200, {"permissions": {"contents": "read"}})},
        APP,
    ),
    Fault(  # on_request of a rule that starts a workflow is a repository_dispatch
        "github-app",
        "failed",
        "does not ask for the permission Contents: write",
        "Permissions & events",
        {ABOUT: answer(200, {"permissions": {"actions": "write"}}), STARTS: answer(422), RELEASE: STARTABLE},
        APP | {"RELAY_POLICY": ANNOUNCING},
    ),
    Fault(
        "github-app",
        "warning",
        "has not accepted the permission actions",
        "Review request",
        {
            INSTALLATION: answer(
                200, {"id": 42, "permissions": {"contents": "write", "metadata": "read", "deployments": "write"}}
            )
        },
        APP,
    ),
    Fault(
        "github-permission",
        "failed",
        "no credential",
        "install the GitHub App",
        {INSTALLATION: answer(404, {"message": "Not Found"})},
        APP,
    ),
    Fault(
        "github-permission",
        "failed",
        "no credential",
        "suspended",
        {INSTALLATION: answer(200, {"id": 42, "suspended_at": "2026-01-01T00:00:00Z"})},
        APP,
    ),
    Fault(
        "github-app",
        "failed",
        "has not accepted the permission deployments",
        "Review request",
        {INSTALLATION: answer(200, {"id": 42, "permissions": PERMISSIONS | {"deployments": "read"}})},
        WAITING,
    ),
    Fault(
        "github-app",
        "failed",
        "does not ask for the event deployment_protection_rule",
        "Permissions & events",
        {ABOUT: answer(200, {"permissions": PERMISSIONS, "events": ["workflow_run"]})},
        WAITING,
    ),
    Fault("github-app", "failed", "GitHub: it does not accept", "of the same App", {ABOUT: answer(401)}, BESIDE),
    Fault(
        "github-app",
        "failed",
        "does not ask for the permission Deployments: write",
        "Permissions & events",
        {ABOUT: answer(200, {"permissions": {"contents": "write"}})},
        BESIDE,
    ),
    Fault(
        "github-app",
        "failed",
        "octo/api: the owner has not accepted the permission deployments",
        "Review request",
        {INSTALLATION: answer(200, {"id": 42, "permissions": {"contents": "write"}})},
        BESIDE,
    ),
    Fault(
        "github-app",
        "failed",
        "octo/api: the App is not installed there",
        "Install App",
        {INSTALLATION: answer(404, {"message": "Not Found"})},
        BESIDE,
    ),
    Fault(
        "github-app",
        "warning",
        "octo/api: the App is not installed there",
        "Install App",
        {
            INSTALLATION: answer(404, {"message": "Not Found"}),
            ("GET", f"{API}/user/repos?per_page=100"): answer(200, [{"full_name": "octo/api"}]),
        },
        BESIDE | {"RELAY_POLICY": GATES.replace('"octo/api"', '"octo/*"')},
    ),
]


@pytest.mark.parametrize("events", [{}, {"events": ["deployment_protection_rule"]}])
def test_beside_a_token_an_app_needs_nothing_but_what_a_verdict_needs(
    events: dict[str, list[str]], tmp_path: Path, httpx_mock: HTTPXMock
) -> None:
    told = {"permissions": VERDICTS}
    answering(httpx_mock, {ABOUT: answer(200, told | events), INSTALLATION: answer(200, {"id": 42, **told})})
    (finding,) = found(examined(subject(tmp_path, **BESIDE)), "github-app")
    assert ("ok", "installed at octo/api, with all its permissions") == finding[:2]


def test_an_app_beside_a_token_is_asked_about_the_repositories_of_its_rules_alone(
    tmp_path: Path, httpx_mock: HTTPXMock
) -> None:
    policy = GATES.replace('repository = "octo/api"\ntarget', 'repository = "octo/web"\ntarget')
    web = {("GET", f"{API}/repos/octo/web/installation"): answer(200, {"id": 43, "permissions": VERDICTS})}
    answering(httpx_mock, web)
    (finding,) = found(examined(subject(tmp_path, **(BESIDE | {"RELAY_POLICY": policy}))), "github-app")
    assert ("ok", "installed at octo/web, with all its permissions") == finding[:2]


def test_where_every_rule_is_for_jobs_that_wait_no_dispatch_is_asked_for(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    gates = POLICY.replace('event_types = ["deploy-api"]', 'target = "deployment_protection"')
    answering(httpx_mock)
    report = examined(subject(tmp_path, **(BESIDE | {"RELAY_POLICY": gates})))
    for check in ("github-permission", "github-workflow"):
        assert [("left out", "no rule sends a dispatch", "")] == found(report, check)


def test_an_app_beside_a_token_is_left_out_without_a_rule_for_it(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    answering(httpx_mock)
    environ = BESIDE | {"RELAY_POLICY": POLICY}
    (left,) = found(examined(subject(tmp_path, **environ)), "github-app")
    assert ("left out", "dispatches are sent with a token") == left[:2]


def test_a_rule_for_jobs_that_wait_needs_an_app(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    answering(httpx_mock)
    report = examined(subject(tmp_path, **(SECRET | {"RELAY_POLICY": GATES})))
    failed = [each for each in found(report, "settings") if each[0] == "failed"]
    assert ["Make a GitHub App with `relay github-app`, and set its client id and its private key."] == [
        cure for _, detail, cure in failed if "RELAY_GITHUB_APP_CLIENT_ID" in detail
    ]


@by_fault(FAULTS)
def test_a_fault_is_found_with_its_cure_and_told_once(fault: Fault, tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    check_fault(fault, tmp_path, httpx_mock)
