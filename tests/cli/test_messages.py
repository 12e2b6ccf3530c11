"""Messages for the author of a workflow: each says what failed, the usual meaning, and the cure that fits."""

from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from tests.cli.running import API_KEY, ASK, OFFLINE, RELAY, run
from tests.cli.sending import ENV
from tests.support import example_policy

REFUSED: list[tuple[tuple[str, ...], dict[str, Any], int, str]] = [
    (
        (),
        {"error": "not-allowed", "message": "This API key may not ask for this repository."},
        403,
        "the key's scope in RELAY_API_KEYS is another repository, or operator: it does not cover repository",
    ),
    (
        ("--environment", "prodution"),
        {"error": "no-rule", "message": "No rule."},
        403,
        "Asked was: repository octo/api, environment prodution, event type deploy-api. Compare it",
    ),
    (
        (),
        {"error": "no-rule", "message": "No rule."},
        403,
        "Asked was: repository octo/api, environment (none), event type deploy-api.",
    ),
    (
        ("--reject-event-type", "refused"),
        {"error": "no-rule", "message": "No rule."},
        403,
        "environment (none), event type deploy-api, reject event type refused.",
    ),
    (
        ("--approver", "@ada", "--approver", "owners"),
        {"error": "malformed", "field": "approvers", "message": "approvers: names a person that the policy lacks."},
        400,
        "Given were: @ada, owners. A group is written group:NAME.",
    ),
    (
        ("--approver", "owners"),
        {"error": "malformed", "field": "approvers", "message": "approvers: names nobody of the policy"},
        400,
        "approvers: names nobody of the policy. Given were: owners.",
    ),
]


@pytest.mark.parametrize(("options", "answer", "status", "told"), REFUSED)
def test_a_refusal_says_what_was_asked_and_the_cure_that_fits(
    options: tuple[str, ...], answer: dict[str, Any], status: int, told: str, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(status_code=status, json=answer)
    result = run("card", "--register", *ASK, *options, env=ENV)
    assert 1 == result.exit_code
    assert told in result.stderr


def test_a_channel_that_the_policy_does_not_have_is_told_by_the_name_that_was_given(httpx_mock: HTTPXMock) -> None:
    refused = {
        "error": "malformed",
        "field": "channels",
        "message": "channels: the policy has no channel of this name.",
    }
    httpx_mock.add_response(status_code=400, json=refused)
    result = run("send", "--channel", "release", *ASK, env={"RELAY_URL": RELAY, "RELAY_API_KEY": API_KEY})
    assert (1, True) == (result.exit_code, "of this name. Given were: release." in result.stderr)


@pytest.mark.parametrize("command", [("card", "--register", *ASK), ("status", "a" * 32), ("cancel", "a" * 32)])
def test_another_web_site_is_told_as_one_and_not_as_a_mistyped_id(
    command: tuple[str, ...], httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(status_code=404, html="<html>Not Found</html>")
    result = run(*command, env=ENV)
    assert 1 == result.exit_code
    assert "The server at --relay (RELAY_URL) does not answer as a relay does." in result.stderr


@pytest.mark.parametrize("key", [f"ci:{API_KEY}:octo/*", f"ci:{API_KEY}", ":"])
def test_a_whole_entry_of_the_list_of_keys_is_told_as_one(key: str) -> None:
    result = run("status", "a" * 32, env={"RELAY_URL": RELAY, "RELAY_API_KEY": key})
    assert 2 == result.exit_code
    assert "--api-key: is a whole entry of RELAY_API_KEYS, NAME:KEY:SCOPE; give the part in the middle" in result.stderr
    assert API_KEY not in result.stderr


@pytest.mark.parametrize("spoilt", [f"{RELAY}\n", f" {RELAY} ", f"\t{RELAY}\r\n"])
def test_blanks_and_line_breaks_around_an_address_are_taken_off(spoilt: str, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=f"{RELAY}/api/requests/{'a' * 32}", json={"id": "a" * 32, "status": "pending"})
    assert 0 == run("status", "a" * 32, env={"RELAY_URL": spoilt, "RELAY_API_KEY": API_KEY}).exit_code


@pytest.mark.parametrize(
    "hook", ["https://hooks.example/s\n", " https://hooks.example/s", "https://hooks.example/s \r\n"]
)
def test_blanks_and_line_breaks_around_a_webhook_are_taken_off(hook: str, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url="https://hooks.example/s", status_code=202)
    assert 0 == run("send", "--title", "x", env={"RELAY_WEBHOOK_URL": hook}).exit_code


@pytest.mark.parametrize("name", ["RELAY_URL", "RELAY_WEBHOOK_URL"])
@pytest.mark.parametrize(
    "value", ['"https://h.example/secret"', "'https://h.example/secret'", 'https://h.example/secret"']
)
def test_quotation_marks_around_an_address_are_told(name: str, value: str) -> None:
    result = run("send", *ASK, env=ENV | {name: value})
    assert 2 == result.exit_code
    assert "with a quotation mark" in result.stderr
    assert "secret" not in result.stderr


@pytest.mark.parametrize("payload", ['{"a": "say "x""}', "{'a': 1}", "{'a': True}"])
def test_broken_json_is_told_with_a_way_to_build_it(payload: str) -> None:
    result = run("card", *ASK, "--payload", payload, env=OFFLINE)
    assert 2 == result.exit_code
    assert "--payload: not JSON that the relay reads: " in result.stderr
    assert "Build it with toJSON() or jq" in result.stderr


@pytest.mark.parametrize(("char", "shown"), [("\u200b", "U+200B"), ("\u115f", "U+115F"), ("\u00ad", "U+00AD")])
def test_a_character_that_nobody_sees_is_told_by_its_number(char: str, shown: str) -> None:
    result = run("card", *ASK, "--ref", f"refs/heads/ma{char}in", env=OFFLINE)
    assert 2 == result.exit_code
    assert f"(here {shown})" in result.stderr


@pytest.mark.parametrize("command", [("verify",), ("status", "a" * 32), ("cancel", "a" * 32)])
def test_a_missing_address_of_the_relay_is_told_with_its_variable(command: tuple[str, ...]) -> None:
    result = run(*command, env={"RELAY_API_KEY": API_KEY})
    assert 2 == result.exit_code
    assert "set it from vars.RELAY_URL, which is a variable and no secret" in result.stderr


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('requested_by = "@ada"', "line 1, four eyes: requested_by: "),
        ('reviews = ["adda=approve"]', "line 1, four eyes: reviews: "),
        ('reviews = ["ada"]', "line 1, four eyes: reviews: "),
    ],
)
def test_a_broken_case_of_a_policy_is_told_by_its_line_and_its_key(line: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(example_policy.POLICY, "utf-8")
    case = '[[case]]\nname = "four eyes"\nrepository = "octo/api"\nevent_type = "deploy-api"\n'
    case += f'environment = "production"\nexpect = "pending"\n{line}\n'
    (tmp_path / "cases.toml").write_text(case, "utf-8")
    result = run("policy", "test", f"{tmp_path}/cases.toml", "--policy", f"{tmp_path}/policy.toml")
    assert 2 == result.exit_code
    assert told in result.stderr
    assert "--" not in result.stderr.partition("Error:")[2]
