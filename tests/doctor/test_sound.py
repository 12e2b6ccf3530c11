"""A relay on which everything is right, and one whose settings are wrong."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from relay.doctor.table import inside_checks
from tests.doctor.examining import (
    API,
    APP,
    AUTHORIZE,
    CHANNEL,
    EVERYTHING,
    GUID,
    POLICY,
    TOKENS,
    Answers,
    answering,
    as_json,
    examined,
    found,
    statuses,
    subject,
)
from tests.support import entra_tokens, example_policy

OPTIONAL = {"sign-in", "teams-credential", "teams-keys", "slack-app", "slack-channels", "slack-people"}
ELSEWHERE = {"threads", "github-app"}  # on Azure, and with an App


def test_a_sound_relay_is_ok_and_parts_that_are_not_set_up_are_left_out(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    answering(httpx_mock)
    report = examined(subject(tmp_path))
    left_out = OPTIONAL | ELSEWHERE
    expected = {check.name: {"left out" if check.name in left_out else "ok"} for check in inside_checks()}
    assert expected == {name: {*found} for name, found in statuses(report).items()}
    assert "ok" == report.status


def test_every_part_of_a_sound_relay_is_ok(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    token = {"json": {"access_token": "a", "expires_in": 3_600}}
    answering(httpx_mock, {("POST", TOKENS): token})
    report = examined(subject(tmp_path, **EVERYTHING))
    expected = {check.name: {"left out" if check.name in ELSEWHERE else "ok"} for check in inside_checks()}
    assert expected == {name: {*found} for name, found in statuses(report).items()}


def test_a_sound_app_is_ok(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    answering(httpx_mock)
    told = statuses(examined(subject(tmp_path, **APP)))
    names = ("github-credential", "github-app", "github-permission", "github-workflow", "github-limit", "ids")
    assert {name: ["ok"] for name in names} == {name: told[name] for name in names}
    assert ["left out"] == told["github-expiry"]


@pytest.mark.parametrize(("threads", "status"), [(None, "left out"), (64, "ok"), (5, "warning")])
def test_few_threads_of_azure_are_a_warning(
    threads: int | None, status: str, tmp_path: Path, httpx_mock: HTTPXMock
) -> None:
    answering(httpx_mock)
    inside = subject(tmp_path)
    inside = replace(inside, settings=replace(inside.settings, threads=threads))
    assert [status] == statuses(examined(inside))["threads"]


def test_a_report_is_told_as_the_contract_says(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    answering(httpx_mock)
    told = as_json(examined(subject(tmp_path)))
    assert {"status", "checks", "left_out"} == set(told)
    assert {frozenset({"name", "status", "detail", "cure"})} == {frozenset(each) for each in told["checks"]}
    assert {frozenset({"name", "because"})} == {frozenset(each) for each in told["left_out"]}


def test_wrong_settings_are_told_once_and_the_rest_is_looked_at_all_the_same(
    tmp_path: Path, httpx_mock: HTTPXMock
) -> None:
    answering(httpx_mock)
    report = examined(subject(tmp_path, RELAY_GITHUB_TOKEN="", RELAY_TICKET_KEYS="short"))
    assert ["failed", "failed"] == statuses(report)["settings"]
    assert ["ok"] == statuses(report)["store"]
    assert [("left out", "RELAY_GITHUB_TOKEN is wrong or missing", "")] == found(report, "github-credential")
    assert [("left out", "github-credential was left out", "")] == found(report, "github-permission")


def told(folder: Path, httpx_mock: HTTPXMock, name: str, answers: Answers, **changes: str) -> list[tuple[str, str]]:
    answering(httpx_mock, answers)
    return [(status, detail) for status, detail, _ in found(examined(subject(folder, **changes)), name)]


def test_channels_of_other_chats_are_not_asked_for_in_slack(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    in_slack = {name: value for name, value in EVERYTHING.items() if name.startswith("RELAY_SLACK_")}
    policy = POLICY.replace(CHANNEL, "")
    seen = told(tmp_path, httpx_mock, "slack-channels", {}, **in_slack, RELAY_POLICY=policy)
    assert [("left out", "the policy has no channel in Slack")] == seen


def test_a_token_without_an_end_is_fine(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    answers: Answers = {("GET", f"{API}/rate_limit"): {"json": {}}}
    assert [("ok", "GitHub names no day on which the token expires")] == told(
        tmp_path, httpx_mock, "github-expiry", answers
    )


@pytest.mark.parametrize(
    "answer",
    [
        {"json": {}},
        {"json": {"resources": {"core": {"limit": 0, "remaining": 0}}}},
        {"text": "<html>"},
        {"status_code": 404, "json": {"message": "Rate limiting is not enabled."}},
    ],
)
def test_a_github_without_rate_limits_tells_none(answer: dict[str, Any], tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    answers: Answers = {("GET", f"{API}/rate_limit"): answer}
    assert [("left out", "this GitHub tells no rate limit")] == told(tmp_path, httpx_mock, "github-limit", answers)


def test_an_app_without_repositories_has_no_allowance_of_its_own(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    seen = told(tmp_path, httpx_mock, "github-limit", {}, **APP, RELAY_POLICY=example_policy.WHO)
    assert [("left out", "each installation of an App has an allowance, and the policy names no repository")] == seen


def test_issuers_are_not_asked_where_no_rule_takes_a_token(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    policy = POLICY.replace("[[rule]]", '[[rule]]\nrequests = ["key"]')
    seen = told(tmp_path, httpx_mock, "oidc-keys", {}, RELAY_POLICY=policy)
    assert [("left out", "no rule takes a workflow's token")] == seen


def test_a_verdict_of_a_protection_rule_is_no_dispatch(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    answering(httpx_mock)
    inside = subject(tmp_path)
    rules = tuple(replace(rule, target="deployment_protection") for rule in inside.policy.rules)
    examined(replace(inside, policy=replace(inside.policy, rules=rules)))
    assert [] == httpx_mock.get_requests(method="POST")


NO_ADDRESS = {"status_code": 200, "text": "AADSTS500113: no reply address is registered"}
AWAY = {"exception": httpx.ConnectError("no")}


@pytest.mark.parametrize(
    ("tenants", "page"), [("", NO_ADDRESS), (entra_tokens.TENANT, NO_ADDRESS), (entra_tokens.TENANT, AWAY)]
)
def test_a_client_id_is_an_audience_unless_entra_knows_no_such_app(
    tenants: str, page: dict[str, Any], tmp_path: Path, httpx_mock: HTTPXMock
) -> None:
    changes = {"RELAY_CARD_AUDIENCE": GUID, "RELAY_ENTRA_TENANTS": tenants}
    assert [("ok", f"presses of Outlook may name {GUID}")] == told(
        tmp_path, httpx_mock, "card-audience", {("GET", AUTHORIZE): page}, **changes
    )
