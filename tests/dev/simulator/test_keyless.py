"""Workflows without a secret, run as a runner would: the command and the Action ask with the tokens of made-up jobs."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from relay.dev.simulator.job_tokens import PATH, JobTokens
from tests.dev.simulator.here import Here, press, sample, state
from tests.dev.simulator.jobs import ASK, REPOSITORY, action, command_of, job, outputs, run, shown, webhook
from tests.support.action_runner import Runner


def test_the_issuer_gives_tokens_to_the_runner_of_this_run_alone(simulator: Here, tmp_path: Path) -> None:
    environ = job(simulator, tmp_path, event_name="schedule")
    url = environ["ACTIONS_ID_TOKEN_REQUEST_URL"] + "&audience=https%3A%2F%2Frelay.example"
    bearer = {"Authorization": f"Bearer {environ['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}"}
    token = httpx.get(url, headers=bearer, trust_env=False).json()["value"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert ("schedule", "https://relay.example", REPOSITORY) == (
        claims["event_name"],
        claims["aud"],
        claims["repository"],
    )
    assert f"{simulator.origin}{PATH}" == claims["iss"]
    for headers in ({}, {"Authorization": "Bearer x"}):
        assert 401 == httpx.get(url, headers=headers, trust_env=False).status_code
    assert 404 == httpx.post(url, headers=bearer, trust_env=False).status_code
    no_repository = url.replace("repository=octo%2Fshop", "repository=")
    assert 400 == httpx.get(no_repository, headers=bearer, trust_env=False).status_code


def test_no_two_runs_have_one_key() -> None:
    one, other = (JobTokens("http://127.0.0.1:1").environment(REPOSITORY) for _ in range(2))
    assert one["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] != other["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]


def test_the_command_asks_without_a_secret_and_the_released_run_wins_once(
    simulator: Here, page: httpx.Client, tmp_path: Path
) -> None:
    environ = job(simulator, tmp_path) | {"RELAY_WEBHOOK_URL": webhook(page)}
    ran = run(environ, "send", *command_of(ASK))
    assert 0 == ran.returncode, ran.stderr
    request_id = outputs(tmp_path)["request-id"]
    found = shown(simulator, environ, request_id)
    assert ["repository", "ref", "sha", "run", "requester"] == found["proven"]
    card = next(each for each in state(page)["cards"] if each["request"]["id"] == request_id)
    press(page, card["id"], "ada")
    dispatch = next(
        each for each in state(page)["dispatches"] if each["body"]["client_payload"]["approval"]["id"] == request_id
    )
    approval = dispatch["body"]["client_payload"]["approval"]
    assert {"login": "octocat", "id": 583231, "proven": True} == approval["requested_by"]
    assert found["proven"] == approval["proven"]


def released(simulator: Here, page: httpx.Client, folder: Path) -> Path:
    """Return the event of an approval, before any run of it has redeemed it."""
    folder.mkdir()
    environ = job(simulator, folder) | {"RELAY_WEBHOOK_URL": webhook(page)}
    page.post("/simulator/switch", json={"mode": "healthy"})
    simulator.simulator._verifying.close()  # the page's own run would win
    assert 0 == run(environ, "send", *command_of(ASK)).returncode
    request_id = outputs(folder)["request-id"]
    card = next(each for each in state(page)["cards"] if each["request"]["id"] == request_id)
    press(page, card["id"], "ada")
    body = next(
        each["body"]
        for each in state(page)["dispatches"]
        if each["body"]["client_payload"]["approval"]["id"] == request_id
    )
    event = {"action": body["event_type"], "client_payload": body["client_payload"]}
    (folder / "event.json").write_text(json.dumps(event), "utf-8")
    return folder / "event.json"


def test_the_page_asks_as_the_job_that_its_form_describes_would(
    simulator: Here, page: httpx.Client, tmp_path: Path
) -> None:
    form = sample(page, "production") | {"requested_by_also": "grace"}
    made = page.post("/simulator/requests", json={"form": form, "places": ["outlook"], "proof": "identity"})
    assert (201, {}) == (made.status_code, made.json())
    request_id = state(page)["cards"][0]["request"]["id"]
    found = shown(simulator, job(simulator, tmp_path), request_id)
    assert ["repository", "ref", "sha", "run", "environment"] == found[
        "proven"
    ]  # run again: the token does not say by whom
    del form["requested_by_also"], form["requested_by"], form["requested_by_id"], form["run_url"]
    page.post("/simulator/requests", json={"form": form, "places": ["outlook"], "proof": "identity"})
    request_id = state(page)["cards"][0]["request"]["id"]
    assert "requester" in shown(simulator, job(simulator, tmp_path), request_id)["proven"]


def test_the_command_of_the_page_proves_the_same_job(simulator: Here, page: httpx.Client, tmp_path: Path) -> None:
    asked: dict[str, Any] = {"form": sample(page, "production"), "places": ["outlook"], "proof": "identity"}
    said = page.post("/simulator/command", json=asked).json()["environment"]
    assert "RELAY_API_KEY" not in said
    lines = dict(line.removeprefix("export ").split("=", 1) for line in said.splitlines() if "ACTIONS_" in line)
    environ = job(simulator, tmp_path, run_id="4711") | {name: value.strip("'") for name, value in lines.items()}
    environ |= {"GITHUB_ACTOR": "alan", "GITHUB_ACTOR_ID": str(asked["form"]["requested_by_id"])}
    environ |= {"RELAY_WEBHOOK_URL": webhook(page), "GITHUB_SHA": asked["form"]["sha"]}
    ran = run(environ, "send", *command_of(ASK))
    assert 0 == ran.returncode, ran.stderr
    assert {"run", "requester"} <= set(shown(simulator, environ, outputs(tmp_path)["request-id"])["proven"])


def test_the_actions_ask_and_verify_and_a_second_run_releases_nothing(
    simulator: Here, page: httpx.Client, runner: Runner, tmp_path: Path
) -> None:
    environ = job(simulator, tmp_path)
    asked = action(runner, "send", environ, webhook=webhook(page), **ASK)
    assert 0 == asked.returncode, asked.stderr
    assert "pending" == shown(simulator, environ, outputs(tmp_path)["request-id"])["status"]
    event = released(simulator, page, tmp_path / "released")
    ends = {}
    for run_id in ("77", "77", "78"):
        folder = tmp_path / f"run-{run_id}"
        folder.mkdir(exist_ok=True)
        claims = {"event_name": "repository_dispatch", "run_id": run_id, "workflow": "release"}
        run_environ = job(simulator, folder, **claims) | {"GITHUB_EVENT_PATH": str(event)}
        ended = action(runner, "verify", run_environ, environment="production", once="true")
        ends[run_id] = (ended.returncode, "Run 77 has redeemed this approval already" in ended.stderr)
    assert {"77": (0, False), "78": (3, True)} == ends
    assert ("true", "approved") == tuple(outputs(tmp_path / "run-77")[name] for name in ("once", "decision"))


def test_a_job_without_the_permission_is_told_what_to_paste(
    simulator: Here, page: httpx.Client, runner: Runner, tmp_path: Path
) -> None:
    environ = {name: value for name, value in job(simulator, tmp_path).items() if not name.startswith("ACTIONS_")}
    ran = action(runner, "send", environ, webhook=webhook(page), **ASK)
    assert 2 == ran.returncode
    assert "id-token: write" in ran.stderr


@pytest.mark.parametrize("event", ["pull_request", "issue_comment"])
def test_a_pull_request_may_not_ask(simulator: Here, page: httpx.Client, tmp_path: Path, event: str) -> None:
    environ = job(simulator, tmp_path, event_name=event) | {"RELAY_WEBHOOK_URL": webhook(page)}
    ran = run(environ, "send", *command_of(ASK))
    assert 1 == ran.returncode
    assert f"A workflow started by {event} may not ask here" in ran.stderr


# A step that waits


def starts(runner: Runner, environ: dict[str, str], **inputs: str) -> subprocess.Popen[str]:
    """Start the step that asks and waits, and return it when its request is made."""
    job = {name: value for name, value in environ.items() if name not in {"PATH", "RUNNER_TEMP"}}
    step = runner.start("send", {"wait": "true", "timeout": "1m", **ASK, **inputs}, **job)
    assert step.stdout is not None
    for line in step.stdout:
        if line.startswith("Requested"):
            return step
    raise AssertionError(step.communicate()[1])


def card_of(page: httpx.Client, request_id: str) -> str:
    return str(next(each["id"] for each in state(page)["cards"] if each["request"]["id"] == request_id))


def test_a_step_that_waits_ends_with_the_approval(
    simulator: Here, page: httpx.Client, runner: Runner, tmp_path: Path
) -> None:
    with starts(runner, job(simulator, tmp_path), webhook=webhook(page)) as step:
        request_id = outputs(tmp_path)["request-id"]
        press(page, card_of(page, request_id), "ada")
        told, errors = step.communicate(timeout=30)
    assert 0 == step.returncode, errors
    review_url = f"{simulator.origin}/api/review/{request_id}"
    assert [
        f"Reviewed by Ada Lovelace: approve, stage release: {review_url}",
        f"Approved: {review_url}",
        f"Dispatch delivered: {review_url}",
    ] == told.splitlines()
    assert ("approved", "approved") == (outputs(tmp_path)["decision"], outputs(tmp_path)["status"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_job_that_is_cancelled_cancels_its_request_before_the_runner_loses_patience(
    simulator: Here, page: httpx.Client, runner: Runner, tmp_path: Path, number: signal.Signals
) -> None:
    environ = job(simulator, tmp_path)
    with starts(runner, environ, webhook=webhook(page)) as step:
        began = time.monotonic()
        os.kill(step.pid, number)  # as the runner does: to the shell of the step, and to no process below it
        _, errors = step.communicate(timeout=30)
    assert 3 == step.returncode, errors
    assert time.monotonic() - began < 7.5
    assert f"Interrupted ({number.name}): the request is cancelled." in errors
    found = outputs(tmp_path)
    assert ("", "cancelled") == (found["decision"], found["status"])
    assert "cancelled" == shown(simulator, environ, found["request-id"])["status"]
