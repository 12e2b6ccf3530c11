import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import run

RELAY = "https://relay.example"
SCHEMAS = Path(__file__).parents[1] / "fixtures" / "slack-manifest"  # of https://github.com/slackapi/manifest-schema


def manifest(*more: str) -> dict[str, Any]:
    result = run("slack-app", "--relay", RELAY, *more)
    assert 0 == result.exit_code, result.stderr
    assert "RELAY_SLACK_SIGNING_SECRET" in result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def problems(made: dict[str, Any], version: int) -> list[str]:
    schema = json.loads((SCHEMAS / f"schema-{version}.json").read_bytes())
    return [error.message for error in import_module("jsonschema").Draft7Validator(schema).iter_errors(made)]


@pytest.mark.parametrize("version", [1, 2])
def test_the_manifest_is_one_of_slacks_schemas(version: int) -> None:
    made = manifest()
    made["_metadata"]["major_version"] = version
    assert [] == problems(made, version)
    made["settings"]["interactivity"]["request_ulr"] = "x"
    assert 1 == len(problems(made, version))


def test_the_manifest_has_one_command_and_the_least_scopes() -> None:
    made = manifest("--name", "배포 승인", "--command", "/release")
    assert ["chat:write", "chat:write.public", "commands"] == made["oauth_config"]["scopes"]["bot"]
    (command,) = made["features"]["slash_commands"]
    assert ("/release", f"{RELAY}/api/commands/slack", False) == tuple(
        command[name] for name in ("command", "url", "should_escape")
    )
    assert f"{RELAY}/api/interactions/slack" == made["settings"]["interactivity"]["request_url"]
    assert "배포 승인" == made["display_information"]["name"]


def test_without_options_the_manifest_is_the_recorded_one() -> None:
    assert json.loads((SCHEMAS / "manifest.json").read_bytes()) == manifest()


@pytest.mark.parametrize(
    ("arguments", "option", "cure"),
    [
        ((), "--relay", "Missing option"),
        (("--relay", "http://127.0.0.1:7071"), "--relay", "https://"),
        (("--relay", RELAY, "--name", "x" * 36), "--name", "1 to 35 characters"),
        (("--relay", RELAY, "--name", " x"), "--name", "without blanks"),
        (("--relay", RELAY, "--command", "relay"), "--command", "a slash and 1 to 31"),
    ],
)
def test_wrong_usage_names_the_option(arguments: tuple[str, ...], option: str, cure: str) -> None:
    result = run("slack-app", *arguments)
    assert 2 == result.exit_code
    assert option in result.stderr
    assert cure in result.stderr
