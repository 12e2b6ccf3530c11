"""An environment of the simulator's GitHub: a job waits for the relay, which asks in chat and gives its verdict."""

import os
import time
from typing import Any

import httpx
import jwt
import pytest

from relay import app
from relay.dev.simulator.app import GITHUB
from relay.github.app_key import read_private_key
from tests.dev.simulator.here import Here, github, now, press_on, state


def waits(page: httpx.Client) -> dict[str, Any]:
    """Let a job wait, and return the card that the relay has posted for it."""
    state(page)  # opening the page installs the relay's app in its channels
    assert (200, {}) == said(page.post("/simulator/environments", json={}))
    return dict(state(page)["cards"][0])


def said(answer: httpx.Response) -> tuple[int, Any]:
    return answer.status_code, answer.json()


def job(page: httpx.Client) -> dict[str, Any]:
    """Return the newest job."""
    return dict(state(page)["environments"]["jobs"][0])


def test_a_job_that_waits_is_asked_for_in_chat_and_goes_on_once_approved(page: httpx.Client) -> None:
    card = waits(page)
    assert "Deploy refs/heads/main to production" == card["title"]
    waiting = job(page)
    assert ("waiting", "202 taken", 1) == (waiting["state"], waiting["answer"], len(waiting["reports"]))
    assert "Waiting for approval: 1 more approval in stage release" in waiting["reports"][0]
    pressed = press_on(page, card, "Approve", "ada", "go")
    assert "released" == pressed["line"]["outcome"]
    assert ("approved", "Approved by\n- `Ada Lovelace` (`release`): `go`") == (job(page)["state"], job(page)["said"])


def test_a_rejection_ends_the_job(page: httpx.Client) -> None:
    press_on(page, waits(page), "Reject", "grace")
    assert ("rejected", "Rejected by\n- `Grace Hopper` (`release`)") == (job(page)["state"], job(page)["said"])


@pytest.mark.parametrize("end", ["passed", "cancelled"])
def test_what_ends_at_github_itself_ends_the_request_truthfully(page: httpx.Client, end: str) -> None:
    card = waits(page)
    asked = {"number": job(page)["number"], "end": end}
    assert (200, {}) == said(page.post("/simulator/environments/end", json=asked))
    assert 404 == page.post("/simulator/environments/end", json=asked).status_code
    assert end == job(page)["state"]
    assert "cancelled" == now(page, card["id"])["request"]["status"]
    assert "Decided on GitHub" in str(now(page, card["id"])["card"])


@pytest.mark.parametrize("end", ["approved", None])
def test_another_end_is_no_end(page: httpx.Client, end: object) -> None:
    assert 400 == page.post("/simulator/environments/end", json={"number": 1, "end": end}).status_code


def test_a_verdict_waits_while_github_fails(page: httpx.Client) -> None:
    card = waits(page)
    with github(page, "failing"):
        pressed = press_on(page, card, "Approve", "ada")
    assert ("approved-retrying", "waiting") == (pressed["line"]["outcome"], job(page)["state"])
    (row,) = state(page)["outbox"]
    assert 200 == page.post("/simulator/replay", json={"id": row["id"]}).status_code
    app.relay().round().run()
    assert "approved" == job(page)["state"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/app", {}, 401),
        ("/app/installations/1/access_tokens", {}, 401),
        ("/repos/octo/shop/actions/runs/1", {}, 401),
        ("/repos/octo/shop/actions/runs/1/deployment_protection_rule", {}, 401),
        ("/repos/octo/shop/elsewhere", {}, 401),
    ],
)
def test_without_the_apps_credential_nothing_is_told(
    simulator: Here, path: str, body: dict[str, str], status: int
) -> None:
    headers = {"Authorization": "Bearer other", "User-Agent": "x"}
    assert status == httpx.post(simulator.origin + GITHUB + path, json=body, headers=headers).status_code


def call(simulator: Here, path: str, body: object) -> int:
    token = simulator.simulator._environments._token
    headers = {"Authorization": f"Bearer {token}", "User-Agent": "x"}
    return httpx.post(simulator.origin + GITHUB + path, json=body, headers=headers).status_code


def test_github_judges_a_verdict_as_the_real_one(simulator: Here, page: httpx.Client) -> None:
    waits(page)
    here = job(page)
    path = f"/repos/octo/shop/actions/runs/{here['run_id']}/deployment_protection_rule"
    report = {"environment_name": "production", "comment": "x"}
    assert 422 == call(simulator, path, {**report, "environment_name": "staging"})
    assert 422 == call(simulator, path, {**report, "state": "pending"})
    assert 422 == call(simulator, path.replace(here["run_id"], "7"), report)
    assert [204] * 9 + [422] == [call(simulator, path, report) for _ in range(10)]
    assert 204 == call(simulator, path, {**report, "state": "rejected"})
    assert 422 == call(simulator, path, {**report, "state": "approved"})


def test_a_webhook_that_the_relay_does_not_believe_is_shown_so(simulator: Here, page: httpx.Client) -> None:
    webhooks = simulator.simulator._webhooks
    secret, webhooks._secret = webhooks._secret, "another secret of sixteen"
    page.post("/simulator/environments", json={})
    assert "401 not-genuine" == job(page)["answer"]
    webhooks._secret = secret


def test_another_app_is_no_app_of_this_github(simulator: Here) -> None:
    key = read_private_key(os.environ["RELAY_GITHUB_APP_PRIVATE_KEY"])
    now_ = int(time.time())
    token = jwt.encode({"iss": "another", "iat": now_, "exp": now_ + 60}, key, algorithm="RS256")
    headers = {"Authorization": f"Bearer {token}", "User-Agent": "x"}
    assert 401 == httpx.get(f"{simulator.origin}{GITHUB}/app", headers=headers).status_code


def test_only_a_post_gives_a_verdict_and_a_cut_connection_gives_none(simulator: Here, page: httpx.Client) -> None:
    token = simulator.simulator._environments._token
    path = f"{simulator.origin}{GITHUB}/repos/octo/shop/actions/runs/1/deployment_protection_rule"
    headers = {"Authorization": f"Bearer {token}", "User-Agent": "x"}
    assert 404 == httpx.get(path, headers=headers).status_code
    with github(page, "down"), pytest.raises(httpx.HTTPError):
        httpx.post(path, headers=headers, json={})
