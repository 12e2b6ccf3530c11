"""`relay verify`, as a step of the released workflow runs it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from relay.signed.request import read_form
from tests.cli.releasing import CASE, KEYS, OUTPUTS, env_of_run, event
from tests.cli.running import RELAY, make_edges, run
from tests.support.entra_tokens import NOW

Spoil = Callable[[dict[str, Any]], object]


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return env_of_run(tmp_path)


def test_a_genuine_release_is_told_in_outputs(httpx_mock: HTTPXMock, env: dict[str, str], tmp_path: Path) -> None:
    httpx_mock.add_response(method="GET", url=f"{RELAY}/api/keys", json=KEYS)
    result = run("verify", "--environment", "Production", env=env)
    assert 0 == result.exit_code, result.output
    told = (
        "id",
        "decision",
        "requested-by",
        "reviewers",
        "approved-by",
    )  # the runner would take commands from the rest
    assert [f"{name}: {OUTPUTS[name]}" for name in told] == result.stdout.splitlines()
    lines = (tmp_path / "output").read_text("utf-8").splitlines()
    assert list(OUTPUTS) == [line.partition("<<")[0] for line in lines[::3]]
    assert list(OUTPUTS.values()) == lines[1::3]
    summary = (tmp_path / "summary").read_text("utf-8")
    assert "### Verified: approved" in summary
    assert "payload" not in summary


def test_outside_a_workflow_everything_is_printed(httpx_mock: HTTPXMock, env: dict[str, str]) -> None:
    httpx_mock.add_response(json=KEYS)
    result = run("verify", env=env | {"GITHUB_ACTIONS": ""})
    assert [f"{name}: {value}" for name, value in OUTPUTS.items()] == result.stdout.splitlines()


def test_as_json_and_from_a_named_event(httpx_mock: HTTPXMock, env: dict[str, str]) -> None:
    httpx_mock.add_response(json=KEYS)
    file = env.pop("GITHUB_EVENT_PATH")
    assert OUTPUTS == json.loads(run("verify", "--json", "--event", file, env=env).stdout)


def test_the_runner_finds_no_command_in_what_is_printed_as_json(httpx_mock: HTTPXMock, env: dict[str, str]) -> None:
    request = read_form(
        {
            "repository": "octo/api",
            "event_type": "deploy-api",
            "title": "x",
            "ref": "##[set-output name=sha]evil",
            "client_payload": {"a": "x ##[add-mask]y"},
        },
        issued_at=NOW,
        nonce="n" * 22,
        lifetime=60,
    )
    Path(env["GITHUB_EVENT_PATH"]).write_text(json.dumps(event(case=replace(CASE, request=request))), "utf-8")
    httpx_mock.add_response(json=KEYS)
    printed = run("verify", "--json", env=env).stdout
    assert "##[" not in printed
    assert "##[set-output name=sha]evil" == json.loads(printed)["ref"]


def test_the_runner_finds_no_command_in_a_name_that_an_approver_chose(
    httpx_mock: HTTPXMock, env: dict[str, str]
) -> None:
    by = replace(CASE.reviews[0].by, name="Ada ##[set-output name=once;]true")
    case = replace(CASE, reviews=(replace(CASE.reviews[0], by=by), *CASE.reviews[1:]))
    Path(env["GITHUB_EVENT_PATH"]).write_text(json.dumps(event(case=case)), "utf-8")
    httpx_mock.add_response(json=KEYS)
    printed = run("verify", env=env).stdout
    assert "approved-by: Ada # #[set-output name=once;]true, Grace" in printed.splitlines()


def approval(spoiled: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = spoiled["client_payload"]["approval"]
    return found


def strange(spoiled: dict[str, Any]) -> None:
    spoiled.clear()
    spoiled["a"] = 1


NO_RECEIPT: list[tuple[str, Spoil, str]] = [
    ("no payload", lambda e: e.pop("client_payload"), "carries no approval"),
    ("payload a list", lambda e: e.update(client_payload=[]), "carries no approval"),
    ("no approval", lambda e: e["client_payload"].pop("approval"), "carries no approval"),
    ("approval a text", lambda e: e["client_payload"].update(approval="yes"), "carries no approval"),
    ("no receipt", lambda e: approval(e).pop("receipt"), "carries no receipt"),
    ("receipt a number", lambda e: approval(e).update(receipt=7), "carries no receipt"),
    ("receipt no token", lambda e: approval(e).update(receipt="\ud800"), "receipt"),
    ("another event", strange, "carries no approval"),
    ("too deep", lambda e: e["client_payload"].update(n=json.loads("[" * 40 + "]" * 40)), "not of the form"),
]


@pytest.mark.parametrize(("spoil", "told"), [row[1:] for row in NO_RECEIPT], ids=[row[0] for row in NO_RECEIPT])
def test_an_event_without_a_receipt_is_told_before_the_relay_is_called(
    env: dict[str, str], tmp_path: Path, spoil: Spoil, told: str
) -> None:
    releases_nothing(env, tmp_path, spoil, told)


SPOILED: list[tuple[str, Spoil, str]] = [
    ("receipt cut", lambda e: approval(e).update(receipt=approval(e)["receipt"][:-2]), "receipt"),
    ("another action", lambda e: e.update(action="deploy-all"), "another event type"),
    ("no action", lambda e: e.pop("action"), "another event type"),
    ("another id", lambda e: approval(e).update(id="b" * 32), "another approval"),
    ("another ref", lambda e: approval(e).update(ref="refs/heads/evil"), "field ref which differs"),
    ("no sha", lambda e: approval(e).pop("sha"), "field sha which differs"),
    ("a sha of null", lambda e: approval(e).update(sha=None), "field sha which differs"),
    ("another environment", lambda e: approval(e).update(environment="x"), "field environment which differs"),
    ("proven", lambda e: approval(e)["requested_by"].update(proven=True), "field requested_by which differs"),
    ("false is not 0", lambda e: approval(e)["requested_by"].update(proven=0), "field requested_by which differs"),
    ("a float", lambda e: approval(e).update(ref=0.5), "field ref which differs"),
    ("one more field", lambda e: approval(e).update({"evil\n": 1}), "a field that the relay does not write"),
    ("one review less", lambda e: approval(e)["reviews"].pop(), "field reviews which differs"),
    ("another comment", lambda e: approval(e)["reviews"][0].update(comment="no"), "field reviews which differs"),
    ("a review without comment", lambda e: approval(e)["reviews"][0].pop("comment"), "not of the form"),
    ("a comment of half a character", lambda e: approval(e)["reviews"][0].update(comment="\ud800"), "not of the form"),
    ("reviews a number", lambda e: approval(e).update(reviews=7), "not of the form"),
    ("reviews of texts", lambda e: approval(e).update(reviews=["x"]), "not of the form"),
    ("a comment of null", lambda e: approval(e)["reviews"][0].update(comment=None), "not of the form"),
    ("another payload", lambda e: e["client_payload"].update(이름="evil"), "payload differs"),
    ("one more key", lambda e: e["client_payload"].update(more=1), "payload differs"),
    ("one key less", lambda e: e["client_payload"].pop("n"), "payload differs"),
    ("a float in the payload", lambda e: e["client_payload"].update(n=0.5), "not of the form"),
]


@pytest.mark.parametrize(("spoil", "told"), [row[1:] for row in SPOILED], ids=[row[0] for row in SPOILED])
def test_whatever_is_spoiled_releases_nothing(
    httpx_mock: HTTPXMock, env: dict[str, str], tmp_path: Path, spoil: Spoil, told: str
) -> None:
    httpx_mock.add_response(json=KEYS)
    releases_nothing(env, tmp_path, spoil, told)


def releases_nothing(env: dict[str, str], tmp_path: Path, spoil: Spoil, told: str) -> None:
    spoiled = event()
    spoil(spoiled)
    (tmp_path / "event.json").write_text(json.dumps(spoiled), "utf-8")
    result = run("verify", env=env)
    assert (3, "") == (result.exit_code, result.stdout)
    assert told in result.stderr
    assert "Release nothing." in result.stderr
    assert "evil" not in result.stderr
    assert not (tmp_path / "output").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--decision", "rejected"), "The decision is genuine, and it is not rejected."),
        (
            ("--environment", "staging"),
            "The decision is genuine, and it was made for another environment: production, and not staging.",
        ),
    ],
)
def test_a_genuine_decision_may_not_be_the_one_asked_for(
    httpx_mock: HTTPXMock, env: dict[str, str], arguments: tuple[str, ...], told: str
) -> None:
    httpx_mock.add_response(json=KEYS)
    result = run("verify", *arguments, env=env)
    assert 3 == result.exit_code
    assert told in result.stderr


@pytest.mark.parametrize(
    ("arguments", "missing", "told"),
    [
        ((), "RELAY_URL", "Missing option '--relay'"),
        ((), "GITHUB_REPOSITORY", "GITHUB_REPOSITORY is not set"),
        ((), "GITHUB_EVENT_PATH", "Missing option '--event'"),
        (("--once",), "", "--api-key: is not given, and this job may not ask GitHub for a token. Paste this"),
        (("--once", "--api-key", "k"), "", "GITHUB_RUN_ID is not set"),
        (("--event", "/nowhere"), "", "--event: the file cannot be read"),
        (("--event", __file__), "", "Error: --event: not JSON"),
        (("--decision", "perhaps"), "", "'--decision'"),
    ],
)
def test_wrong_usage_asks_nobody(env: dict[str, str], arguments: tuple[str, ...], missing: str, told: str) -> None:
    result = run("verify", *arguments, env={name: value for name, value in env.items() if name != missing})
    assert 2 == result.exit_code
    assert told in result.stderr


@pytest.mark.httpx_mock(can_send_already_matched_responses=True)
@pytest.mark.parametrize(("options", "tried"), [(("--offline",), 5), ((), 7), (("--once", "--api-key", "k" * 32), 7)])
def test_a_key_server_that_cannot_be_reached_is_no_verdict(
    httpx_mock: HTTPXMock, env: dict[str, str], options: tuple[str, ...], tried: int
) -> None:
    httpx_mock.add_exception(httpx.ConnectError("no"))
    result = run("verify", *options, env=env | {"GITHUB_RUN_ID": "7"}, context=make_edges())
    assert 1 == result.exit_code
    assert f"The relay could not be reached (ConnectError, tried {tried} times)" in result.stderr
    assert tried == len(httpx_mock.get_requests())


@pytest.mark.parametrize("content", [b"[]", b"\xff", b"<html>"])
def test_what_has_no_keys_is_no_relay(httpx_mock: HTTPXMock, env: dict[str, str], content: bytes) -> None:
    httpx_mock.add_response(content=content)
    result = run("verify", env=env)
    assert 1 == result.exit_code
    assert "does not answer as a relay does" in result.stderr


@pytest.mark.parametrize("name", ["pull_request", "push", "schedule"])
def test_a_run_that_no_dispatch_started_is_told_so(env: dict[str, str], name: str) -> None:
    result = run("verify", env=env | {"GITHUB_EVENT_NAME": name})
    assert 3 == result.exit_code
    assert f"This run was started by {name}, and only a repository_dispatch or" in result.stderr


def test_the_summary_and_the_outputs_name_people_and_what_they_said(
    httpx_mock: HTTPXMock, env: dict[str, str], tmp_path: Path
) -> None:
    httpx_mock.add_response(json=KEYS)
    assert 0 == run("verify", env=env | {"GITHUB_EVENT_NAME": "repository_dispatch"}).exit_code
    summary = (tmp_path / "summary").read_text("utf-8").replace("\\", "")
    assert "- reviewers: Ada, Grace (entra:t/ada,github:2)" in summary
    assert "- sha: 0123456789abcdef0123456789abcdef01234567" in summary
    assert "- comment: 좋아요" in summary
