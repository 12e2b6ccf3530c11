"""The relay's calls against a GitHub that judges as the real one: permissions, narrowing, expiry, limits, versions."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from pytest_httpx import HTTPXMock

from relay.github.api import GitHubApi
from relay.github.caller import NoApp, OneToken
from relay.github.dispatch import Dispatches
from relay.github.permissions import ACTIONS, CONTENTS, DEPLOYMENTS, RUNS
from relay.model.debts import Delivered, Refused, RetryAfter
from relay.model.runs import StartedRun
from relay.net.client import Client
from tests.github.judged import GATE, NOW, relay, review, send, start
from tests.support.clock import Clock
from tests.support.fake_github import API, FakeGitHub


def test_each_call_has_a_token_with_the_one_permission_that_it_needs(
    client: Client, clock: Clock, github: FakeGitHub
) -> None:
    dispatches = relay(client, clock)
    github.waiting.add(GATE)
    github.attempts["octo/api", "7"] = 2
    run = StartedRun("4711", "https://github.com/octo/api/actions/runs/4711")
    assert [Delivered(), Delivered(run=run), Delivered()] == [send(dispatches), start(dispatches), review(dispatches)]
    assert 2 == dispatches.attempt_of("octo/api", "7", deadline=NOW + 4)
    narrowed = [{each.name: each.level} for each in (CONTENTS, ACTIONS, DEPLOYMENTS, RUNS)]
    assert narrowed == [token.permissions for token in github.tokens.values()]
    assert all({"octo/api"} == token.repositories for token in github.tokens.values())


@pytest.mark.parametrize("version", ["2022-11-28", "2026-03-10"])
def test_both_versions_of_the_api_tell_the_run(version: str, client: Client, clock: Clock, github: FakeGitHub) -> None:
    outcome = start(relay(client, clock, version))
    assert isinstance(outcome, Delivered)
    assert outcome.run
    assert 1 == len(github.started)


@pytest.mark.parametrize(
    ("inputs", "said"),
    [({"versoin": "1"}, 'Unexpected inputs provided: ["versoin"]'), ({"approval": ""}, "Required input 'approval'")],
)
def test_inputs_that_the_workflow_does_not_declare_are_told(
    inputs: dict[str, str], said: str, client: Client, clock: Clock, github: FakeGitHub
) -> None:
    outcome = start(relay(client, clock), **inputs)
    assert isinstance(outcome, Refused)
    assert said in outcome.cure
    assert [] == github.started


def test_a_version_that_this_github_does_not_know_is_named(client: Client, clock: Clock, github: FakeGitHub) -> None:
    outcome = send(relay(client, clock, "1999-01-01"))
    assert isinstance(outcome, Refused)
    assert "RELAY_GITHUB_API_VERSION" in outcome.cure
    assert [] == github.dispatched


def test_a_token_is_made_anew_before_it_ends(client: Client, clock: Clock, github: FakeGitHub) -> None:
    dispatches = relay(client, clock)
    send(dispatches)
    clock.now += 3_400
    assert Delivered() == send(dispatches)
    assert 2 == len(github.tokens)


def test_a_token_that_github_forgot_is_replaced_by_one_for_all(
    client: Client, clock: Clock, github: FakeGitHub
) -> None:
    dispatches = relay(client, clock)
    send(dispatches)
    github.tokens.clear()
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda _: send(dispatches), range(8)))
    assert [Delivered()] * 8 == outcomes
    assert 1 == len(github.tokens)


@pytest.mark.parametrize("payload", [{f"key{number}": 1 for number in range(11)}, {"big": "x" * 65_535}])
def test_a_payload_beyond_githubs_limits_is_refused(
    payload: dict[str, object], client: Client, clock: Clock, github: FakeGitHub
) -> None:
    outcome = relay(client, clock).send("octo/api", "deploy", payload, deadline=NOW + 9_999)
    assert isinstance(outcome, Refused)
    assert "event type or the payload invalid" in outcome.phrase
    assert [] == github.dispatched


def test_too_many_calls_in_a_minute_are_waited_out(client: Client, clock: Clock, github: FakeGitHub) -> None:
    dispatches = relay(client, clock)
    outcomes = [send(dispatches) for _ in range(80)]
    assert [Delivered()] * 79 == outcomes[:79]  # the token was a call too
    assert RetryAfter("it limits how often the relay may call", 60, limited=True) == outcomes[79]
    clock.now += 60
    assert Delivered() == send(dispatches)


def test_a_used_up_allowance_is_waited_for(client: Client, clock: Clock, github: FakeGitHub) -> None:
    dispatches = relay(client, clock)
    send(dispatches)
    github.remaining = 0
    assert RetryAfter("it limits how often the relay may call", 900, limited=True) == send(dispatches)


def test_a_verdict_for_what_no_longer_waits_was_decided_elsewhere(
    client: Client, clock: Clock, github: FakeGitHub
) -> None:
    dispatches = relay(client, clock)
    outcome = review(dispatches)
    assert isinstance(outcome, Refused)
    assert (True, "nothing waits there for a verdict") == (outcome.elsewhere, outcome.phrase)
    report = review(dispatches, "")
    assert isinstance(report, Refused)
    assert not report.elsewhere
    assert [] == github.verdicts


@pytest.mark.parametrize("answer", [{"run_attempt": "2"}, {"run_attempt": True}, {"run_attempt": 0}, {}, [], "2"])
def test_an_attempt_of_another_form_is_not_known(
    answer: object, client: Client, clock: Clock, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(json=answer)
    api = GitHubApi(lambda: client, API, "2022-11-28", clock)
    assert 0 == Dispatches(api, OneToken("t")).attempt_of("octo/api", "7", deadline=NOW + 4)


@pytest.mark.parametrize(("status", "body"), [(404, b"{}"), (200, b"<html>"), (500, b"")])
def test_without_an_answer_of_github_the_attempt_is_not_known(
    status: int, body: bytes, client: Client, clock: Clock, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(status_code=status, content=body)
    api = GitHubApi(lambda: client, API, "2022-11-28", clock)
    assert 0 == Dispatches(api, OneToken("t")).attempt_of("octo/api", "7", deadline=NOW + 4)


def test_a_token_alone_gives_no_verdict(client: Client, clock: Clock) -> None:
    api = GitHubApi(lambda: client, API, "2022-11-28", clock)
    outcome = review(Dispatches(api, OneToken("t"), gates=NoApp()))
    assert isinstance(outcome, Refused)
    assert "set RELAY_GITHUB_APP_CLIENT_ID" in outcome.cure


def test_a_verdict_that_a_proxy_answers_is_no_decision(client: Client, clock: Clock, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=422, content=b"<html>")
    outcome = review(Dispatches(GitHubApi(lambda: client, API, "2022-11-28", clock), OneToken("t")))
    assert isinstance(outcome, Refused)
    assert not outcome.elsewhere


def test_calls_are_counted_for_the_owner_of_the_token_or_the_installation(client: Client, clock: Clock) -> None:
    api = GitHubApi(lambda: client, API, "2022-11-28", clock)
    assert "token" == Dispatches(api, OneToken("t")).identity("Octo/api")
    assert "app octo" == relay(client, clock).identity("Octo/api")
