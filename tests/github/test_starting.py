"""The workflow_dispatch of GitHub: the run that it tells, both API versions, older servers, and what it refuses."""

import json

import pytest
from pytest_httpx import HTTPXMock

from relay.github.answers import NOT_GITHUB
from relay.github.api import GitHubApi
from relay.github.caller import OneToken
from relay.github.dispatch import Dispatches
from relay.model.debts import Delivered, Outcome, Refused, RetryAfter
from relay.model.runs import StartedRun
from relay.net.call import HttpResponse
from relay.net.client import Client

NOW = 1_780_000_000.0
BASE = "https://api.github.com"
URL = f"{BASE}/repos/octo/api/actions/workflows/release.yml/dispatches"
INPUTS = {"version": "1.2.3", "approval": '{"id":"abc"}'}
PAGE = "https://github.com/octo/api/actions/runs/4711"
RUN = {"workflow_run_id": 4711, "run_url": f"{BASE}/repos/octo/api/actions/runs/4711", "html_url": PAGE}


def start(client: Client, ref: str = "refs/heads/main", *, version: str = "2022-11-28") -> Outcome:
    return start_with(starting(client, version), ref)


def starting(client: Client, version: str = "2022-11-28") -> Dispatches:
    return Dispatches(GitHubApi(lambda: client, BASE, version, lambda: NOW), OneToken("t"))


def start_with(dispatches: Dispatches, ref: str = "refs/heads/main") -> Outcome:
    return dispatches.start("octo/api", "release.yml", ref, INPUTS, deadline=NOW + 4)


def sent(httpx_mock: HTTPXMock) -> list[dict[str, object]]:
    return [json.loads(request.content) for request in httpx_mock.get_requests()]


@pytest.mark.parametrize(("ref", "short"), [("refs/heads/feature/x", "feature/x"), ("refs/tags/v1.2", "v1.2")])
def test_a_run_is_started_at_the_branch_or_tag_and_known_at_once(
    ref: str, short: str, client: Client, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(method="POST", url=URL, status_code=200, json=RUN)
    assert Delivered(run=StartedRun("4711", PAGE)) == start(client, ref)
    assert [{"ref": short, "inputs": INPUTS, "return_run_details": True}] == sent(httpx_mock)


def test_from_2026_on_the_run_is_told_unasked(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=URL, status_code=200, json=RUN)
    assert Delivered(run=StartedRun("4711", PAGE)) == start(client, version="2026-03-10")
    assert [{"ref": "main", "inputs": INPUTS}] == sent(httpx_mock)


def test_a_server_that_tells_no_run_has_taken_it_all_the_same(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=URL, status_code=204)
    assert Delivered() == start(client)


OLDER = [
    HttpResponse(400, {}, b'{"message": "Body contains fields that are not known"}'),
    HttpResponse(422, {}, b'{"message": "Invalid request.\\n\\n\\"return_run_details\\" is not a permitted key."}'),
]


@pytest.mark.parametrize("answer", OLDER)
def test_an_older_server_is_asked_again_without_the_field_and_is_remembered(
    answer: HttpResponse, client: Client, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(url=URL, status_code=answer.status, content=answer.body)
    httpx_mock.add_response(url=URL, status_code=204, is_reusable=True)
    dispatches = starting(client)
    assert [Delivered(), Delivered()] == [start_with(dispatches), start_with(dispatches)]
    assert [True, None, None] == [body.get("return_run_details") for body in sent(httpx_mock)]


@pytest.mark.parametrize(
    "body",
    [
        {**RUN, "html_url": "https://github.com.example/octo/api/actions/runs/4711"},
        {**RUN, "html_url": "https://github.com/octo api"},
        {**RUN, "html_url": "https://github.com/octo\n"},
        {**RUN, "html_url": None},
    ],
)
def test_a_page_of_another_host_is_no_link(body: dict[str, object], client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=URL, status_code=200, json=body)
    assert Delivered(run=StartedRun("4711", "")) == start(client)


@pytest.mark.parametrize(
    "body", [[], {}, {"workflow_run_id": "4711"}, {"workflow_run_id": True}, {"workflow_run_id": 0}]
)
def test_an_answer_without_a_run_is_delivered_without_one(body: object, client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=URL, status_code=200, json=body)
    assert Delivered() == start(client)


def test_a_page_is_no_answer_of_github(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=URL, status_code=200, content=b"<html>Welcome</html>")
    assert NOT_GITHUB == start(client)


REFUSALS = [
    (422, 'Unexpected inputs provided: ["versoin"]', "it finds the inputs or the ref invalid"),
    (422, "No ref found for: main", "it finds the inputs or the ref invalid"),
    (404, "Not Found", "the workflow or the repository does not exist, or the relay may not see it"),
    (403, "Resource not accessible by personal access token", "the relay's credential lacks a permission"),
]


@pytest.mark.parametrize(("status", "message", "phrase"), REFUSALS)
def test_a_refusal_is_told_in_a_phrase_with_the_cure(
    status: int, message: str, phrase: str, client: Client, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(url=URL, status_code=status, json={"message": message})
    outcome = start(client)
    assert isinstance(outcome, Refused)
    assert phrase == outcome.phrase
    assert {
        422: f"GitHub says: {message}. The workflow needs `on: workflow_dispatch`",
        404: "the workflow of the rule must be a file in .github/workflows of the default branch",
        403: "the repository permission Actions: write (Contents: write is another one",
    }[status] in outcome.cure


def test_without_an_answer_the_outcome_is_that_of_the_call(client: Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=URL, status_code=502)
    assert RetryAfter("it answers with error 502", ambiguous=True) == start(client)
    late = starting(client).start("octo/api", "release.yml", "refs/heads/main", INPUTS, deadline=NOW)
    assert RetryAfter("no time was left to ask it") == late
