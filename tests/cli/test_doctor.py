"""`relay doctor`: its lines, its JSON, its exit codes, and a relay that really runs."""

import json
import re
import sys
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from relay.doctor.outside.proofs import ROUTES
from relay.doctor.table import outside_checks
from tests.cli.running import run
from tests.cli.serving import serving
from tests.doctor.examining import answering, environ
from tests.support import road

CHECKS = {check.name for check in outside_checks()}


@pytest.fixture(autouse=True)
def in_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_sound_relay_ends_with_0_and_a_line_a_check(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    answering(httpx_mock)
    result = run("doctor", env=environ(tmp_path))
    assert 0 == result.exit_code, result.output
    lines = result.stdout.splitlines()
    assert "ok        github-credential  GitHub takes the token" in lines
    assert "left out  webhook            RELAY_WEBHOOK_URL is not set" in lines
    assert all(re.match(r"(ok|left out) +[a-z-]+ +\S", line) for line in lines)


def test_a_failure_ends_with_1_and_leads_to_its_page(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    answering(httpx_mock)
    result = run("doctor", env=environ(tmp_path, RELAY_GITHUB_TOKEN=""))
    assert 1 == result.exit_code
    (line,) = (each for each in result.stdout.splitlines() if each.startswith("failed"))
    assert line.startswith("failed    settings           RELAY_GITHUB_TOKEN is missing; A fine-grained token with ")
    assert line.endswith("(docs/doctor.md#settings)")
    assert result.stdout.splitlines()[-1].startswith("Pages under docs/ are in the relay's repository")


def test_json_is_the_report(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    answering(httpx_mock)
    result = run("doctor", "--json", env=environ(tmp_path))
    told = json.loads(result.stdout)
    assert {"status", "checks", "left_out"} == set(told)
    assert "ok" == told["status"]


def test_a_store_without_its_libraries_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "relay.store.tables.store", None)
    given = environ(tmp_path, RELAY_STORE="tables", AzureWebJobsStorage="UseDevelopmentStorage=true")
    result = run("doctor", env=given)
    assert 1 == result.exit_code
    assert "RELAY_STORE is tables, and relay.store.tables.store is not installed" in result.output


def test_a_version_is_expected_of_a_running_relay_alone() -> None:
    result = run("doctor", "--expect-version", "1.2.3")
    assert 2 == result.exit_code
    assert "--expect-version: is the version of a running relay; name it with --url" in result.output


@pytest.mark.parametrize(
    ("url", "status", "said"),
    [
        ("https://octo.webhook.office.com/webhookb2/x", "failed", "Office 365 connector"),
        ("https://outlook.office.com/webhook/x", "failed", "Office 365 connector"),
        ("https://teams.microsoft.com/l/channel/19%3ax/General", "failed", "a link to a channel"),
        ("https://make.powerautomate.com/environments/x/flows/y", "failed", "the page of a flow"),
        ("https://prod-1.westus.logic.azure.com/workflows/x/triggers/manual/paths/invoke?sig=s", "ok", "adaptive"),
        ("https://prod-1.westus.logic.azure.com/workflows/x/triggers/manual/paths/invoke", "failed", "signature"),
        ("https://hooks.slack.com/services/T111/B111/abcDEF", "ok", "slack"),
        ("https://hooks.slack.com/services/T111/B111", "failed", "cut short"),
        ("https://hooks.slack.com/triggers/T111/1/abc", "failed", "starts a workflow of Slack"),
        ("https://chat.example/hook", "warning", "chat.example is no host"),
        ("http://chat.example/hook", "failed", "must begin with https://"),
        ("", "left out", "not set"),
    ],
)
def test_the_kind_of_a_webhook_is_told_and_its_address_is_not(
    url: str, status: str, said: str, tmp_path: Path, httpx_mock: HTTPXMock
) -> None:
    answering(httpx_mock)
    result = run("doctor", env=environ(tmp_path, RELAY_WEBHOOK_URL=url))
    (line,) = (each for each in result.stdout.splitlines() if each[10:].startswith("webhook "))
    assert line.startswith(status)
    assert said in line
    assert not url or url not in result.output


def test_a_running_relay_is_sound_from_outside_and_examines_itself_for_an_operator(tmp_path: Path) -> None:
    with serving(tmp_path, RELAY_SIGN_IN="github", **GITHUB_SIGN_IN) as served:
        alone = run("doctor", "--url", served.origin, "--json", env={})
        both = run("doctor", "--url", served.origin, "--json", env={"RELAY_API_KEY": road.OPERATOR_KEY})
        wrong = run("doctor", "--url", served.origin, "--json", env={"RELAY_API_KEY": road.API_KEY})
        other = run("doctor", "--url", served.origin, "--expect-version", "9.9.9", env={})
    told = {each["name"]: each for each in json.loads(alone.stdout)["checks"]}
    assert CHECKS == set(told)
    assert {"health"} >= {name for name, each in told.items() if each["status"] != "ok"}, told
    assert {*CHECKS, "settings", "store", "timer"} <= {each["name"] for each in json.loads(both.stdout)["checks"]}
    assert {"name": "app", "status": "failed"}.items() <= json.loads(wrong.stdout)["checks"][-1].items()
    assert 1 == other.exit_code
    assert "9.9.9 is expected" in other.output


GITHUB_SIGN_IN = {
    "RELAY_GITHUB_SIGN_IN_CLIENT_ID": "Iv1.made-up",
    "RELAY_GITHUB_SIGN_IN_CLIENT_SECRET": "made-up",
    "RELAY_GITHUB_API_URL": "http://127.0.0.1:9",
    "RELAY_GITHUB_URL": "http://127.0.0.1:9",
}


def test_the_routes_that_ask_for_a_proof_are_all_asked() -> None:
    routes = (road.ROOT / "docs" / "operations.md").read_text("utf-8")
    rows = re.findall(
        r"^\| `(GET|POST) (/api/[^`]+)` \| [^|]+ \| [^|]*(?:OIDC|the platform's token|X-Hub-Signature|Bearer)[^|]* \|$",
        routes,
        re.MULTILINE,
    )
    asked = {(method, path.replace("relay-doctor", "{id}")) for method, path in ROUTES}
    assert asked == {*rows} - {("POST", "/api/interactions/{channel}")}
