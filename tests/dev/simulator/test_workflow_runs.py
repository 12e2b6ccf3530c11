"""The runs that the simulator plays: their webhooks are signed as GitHub signs, and read by the relay."""

import json
from collections.abc import Iterator
from typing import Any, Final

import httpx
import pytest
from pytest_httpx import HTTPXMock

from relay.dev.simulator.answers import NotTaken
from relay.dev.simulator.github_webhooks import PATH, GitHubWebhooks, page_of
from relay.dev.simulator.job_tokens import number_of
from relay.dev.simulator.workflow_runs import ENDS, MAX_REPORT, WorkflowRuns
from relay.github import webhook
from relay.github.workflow_runs import read_run
from relay.model.delivery import Delivery

SECRET: Final = "a secret of this very run"
RELAY: Final = "http://127.0.0.1:7071"
ID: Final = "a" * 32
RECEIVED: Final[dict[str, Any]] = {
    "number": 3,
    "at": 1_790_000_000.5,
    "repository": "octo/shop",
    "workflow": "",
    "run_id": "77",
    "body": {"event_type": "deploy", "client_payload": {"approval": {"id": ID}}},
}
STARTED: Final = RECEIVED | {
    "workflow": "ship.yml",
    "body": {"ref": "main", "inputs": {"approval": json.dumps({"id": ID})}},
}


@pytest.fixture
def runs() -> Iterator[WorkflowRuns]:
    webhooks = GitHubWebhooks(RELAY, SECRET)
    yield WorkflowRuns(webhooks, lambda: None)
    webhooks.close()


@pytest.mark.parametrize(
    ("action", "conclusion", "status"),
    [
        ("requested", "", "queued"),
        ("in_progress", "", "running"),
        ("completed", "success", "success"),
        ("completed", "failure", "failure"),
        ("completed", "cancelled", "cancelled"),
    ],
)
def test_each_step_is_a_webhook_that_the_relay_reads(
    runs: WorkflowRuns, httpx_mock: HTTPXMock, action: Any, conclusion: str, status: str
) -> None:
    httpx_mock.add_response(url=RELAY + PATH, method="POST", status_code=202, json={"status": "taken"})
    told = runs.tell(RECEIVED, action, conclusion)
    assert (action, "202 taken") == (told["action"], told["answer"])
    (sent,) = httpx_mock.get_requests()
    headers = {name.lower(): value for name, value in sent.headers.items()}
    webhook.prove(headers, sent.content, [SECRET])
    found = webhook.read(Delivery("github", headers, sent.content, 0))
    run = read_run(found.payload, "https://github.com")
    assert run is not None
    assert ("octo/shop", number_of("octo/shop"), "77", status, "repository_dispatch", 1_790_000_000.0) == (
        run.repository,
        run.repository_id,
        run.id,
        run.status,
        run.started_by,
        run.created_at,
    )
    assert ID in run.title
    assert page_of("octo/shop", "77") == run.url


def test_a_started_workflow_is_known_by_the_id_of_its_run_alone(runs: WorkflowRuns, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=202, json={"status": "taken"})
    runs.tell(STARTED, "requested")
    (sent,) = httpx_mock.get_requests()
    told = json.loads(sent.content)["workflow_run"]
    assert (77, "workflow_dispatch", ".github/workflows/ship.yml", "release") == (
        told["id"],
        told["event"],
        told["path"],
        told["display_title"],
    )


@pytest.mark.parametrize(
    ("status", "content", "answer"),
    [
        (401, json.dumps({"error": "not-genuine"}).encode(), "401 not-genuine"),
        (503, b"", "503"),
        (202, b"[]", "202"),
    ],
)
def test_what_the_relay_answers_is_kept(
    runs: WorkflowRuns, httpx_mock: HTTPXMock, status: int, content: bytes, answer: str
) -> None:
    httpx_mock.add_response(status_code=status, content=content)
    assert answer == runs.tell(RECEIVED, "requested")["answer"]


def test_a_relay_that_is_away_answers_nothing(runs: WorkflowRuns, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_exception(httpx.ConnectError("away"))
    assert "no answer" == runs.tell(RECEIVED, "requested")["answer"]


def test_the_end_and_the_report_of_the_next_runs_are_chosen(runs: WorkflowRuns) -> None:
    assert ("success", "") == (runs.end, runs.text)
    for end in ENDS:
        runs.choose(end, " because ")
        assert (end, "because") == (runs.end, runs.text)
    for wrong in ("splendid", None, 7):
        with pytest.raises(NotTaken, match="end must be one of"):
            runs.choose(wrong, "")
    for text in (None, "x" * (MAX_REPORT + 1)):
        with pytest.raises(NotTaken, match="text must be a string of at most 500 characters"):
            runs.choose("success", text)
