"""Faults at GitHub, with a token."""

from pathlib import Path

import httpx
from pytest_httpx import HTTPXMock

from tests.doctor.examining import API, POLICY, REPOSITORY, WORKFLOWS, content, rate_limit
from tests.doctor.faults import Fault, answer, by_fault, check_fault

LIMITS = ("GET", f"{API}/rate_limit")
DISPATCHES = ("POST", f"{REPOSITORY}/dispatches")
RELEASE = ("GET", f"{WORKFLOWS}/release.yml")
LACKS = {"message": "Resource not accessible by personal access token"}
STARTS = ("POST", f"{REPOSITORY}/actions/workflows/release.yml/dispatches")
STARTING = POLICY.replace("[[rule]]", '[[rule]]\ntarget = "workflow_dispatch"\nworkflow = "release.yml"')
STARTABLE = content("on: [push, workflow_dispatch]")
ANNOUNCING = STARTING.replace("[[rule]]", '[[rule]]\non_request = "preview"')
FAULTS = [
    Fault("github-credential", "failed", "does not accept", "renew", {LIMITS: answer(401, {"message": "Bad"})}),
    Fault(
        "github-expiry",
        "warning",
        "expires on 2020-01-01, days left: 0",
        "new one",
        {LIMITS: rate_limit(expires="2020-01-01 00:00:00 +0200")},
    ),
    Fault("github-limit", "warning", "3 of 5000", "of its own", {LIMITS: rate_limit(remaining=3)}),
    Fault("github-permission", "failed", "octo/api: ", "Contents: write", {DISPATCHES: answer(403, LACKS)}),
    Fault(
        "github-permission", "failed", "octo/api: ", "of one owner", {DISPATCHES: answer(404, {"message": "Not Found"})}
    ),
    Fault("github-permission", "failed", "renamed or moved", "new name", {DISPATCHES: answer(301)}),
    Fault("github-permission", "warning", "error 502", "later", {DISPATCHES: answer(502)}),
    Fault(
        "github-workflow",
        "failed",
        "one listens to deploy_api",
        "deploy-api",
        {RELEASE: content("on: {repository_dispatch: {types: deploy_api}}")},
    ),
    Fault(
        "github-workflow",
        "failed",
        "release.yml has `type:` under repository_dispatch",
        "Write `types:`",
        {RELEASE: content("on: {repository_dispatch: {type: [deploy-api]}}")},
    ),
    Fault(
        "github-workflow",
        "failed",
        "no workflow",
        "default branch",
        {("GET", WORKFLOWS): answer(404, {"message": "Not Found"})},
    ),
    Fault("github-workflow", "failed", "no workflow", "default branch", {RELEASE: content("on: push")}),
    Fault("github-workflow", "warning", "release.yml is no YAML", "Correct", {RELEASE: content("on: [")}),
    Fault("github-workflow", "warning", "cannot be read", "Contents", {("GET", WORKFLOWS): answer(403, LACKS)}),
    Fault("github-workflow", "warning", "no content", "Contents", {RELEASE: answer(200, {"type": "submodule"})}),
    *(
        Fault("github-workflow", "warning", "octo/api: its workflows cannot be read", "again later", {where: busy})
        for where in (("GET", REPOSITORY), ("GET", WORKFLOWS), RELEASE)
        for busy in (answer(429), answer(503), {"exception": httpx.ConnectError("no")})
    ),
    Fault("github-credential", "failed", "it cannot be reached", "", {LIMITS: {"exception": httpx.ConnectError("no")}}),
    Fault(
        "github-credential",
        "failed",
        "its answer is not one that GitHub gives",
        "",
        {LIMITS: answer(404, headers={"content-type": "text/html"}, text="<html>")},
    ),
    Fault(
        "github-permission",
        "failed",
        "it cannot be reached",
        "later",
        {DISPATCHES: {"exception": httpx.ConnectError("no")}},
    ),
    Fault("github-permission", "warning", "answers 204", "later", {DISPATCHES: {"status_code": 204}}),
    Fault(
        "github-permission",
        "failed",
        "octo/api: ",
        "Actions: write",
        {STARTS: answer(403, LACKS), RELEASE: STARTABLE},
        {"RELAY_POLICY": STARTING},
    ),
    Fault(
        "github-workflow",
        "failed",
        "release.yml is not there",
        "workflow_dispatch",
        {STARTS: answer(422)},
        {"RELAY_POLICY": STARTING},
    ),
    Fault(  # on_request of a rule that starts a workflow is a repository_dispatch
        "github-permission",
        "failed",
        "octo/api: ",
        "Contents: write",
        {
            STARTS: answer(422),
            DISPATCHES: answer(403, LACKS),
            RELEASE: content("on: {workflow_dispatch: , repository_dispatch: {types: preview}}"),
        },
        {"RELAY_POLICY": ANNOUNCING},
    ),
    Fault(
        "github-workflow",
        "warning",
        "listens to preview",
        "default branch",
        {STARTS: answer(422), RELEASE: STARTABLE},
        {"RELAY_POLICY": ANNOUNCING},
    ),
]


@by_fault(FAULTS)
def test_a_fault_is_found_with_its_cure_and_told_once(fault: Fault, tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    check_fault(fault, tmp_path, httpx_mock)
