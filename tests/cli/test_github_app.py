import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.cli.running import run

RELAY = "https://relay.example"


def made(*more: str) -> tuple[dict[str, Any], str]:
    """Return the manifest, and the link beside it."""
    result = run("github-app", "--relay", RELAY, *more)
    assert 0 == result.exit_code, result.stderr
    return json.loads(result.stdout), result.stderr.splitlines()[0].removeprefix("Register the App: ")


def test_the_manifest_has_the_least_permissions_and_two_events() -> None:
    manifest, _ = made()
    expected = {"metadata": "read", "contents": "write", "actions": "write", "deployments": "write"}
    assert expected == manifest["default_permissions"]
    assert ["workflow_run", "deployment_protection_rule"] == manifest["default_events"]
    assert {"url": f"{RELAY}/api/webhooks/github", "active": True} == manifest["hook_attributes"]
    assert not manifest["public"]


def test_the_link_fills_githubs_form_with_the_same() -> None:
    manifest, link = made("--name", "배포 & 승인", "--organization", "octo-org")
    assert "https://github.com/organizations/octo-org/settings/apps/new" == link.partition("?")[0]
    query = parse_qs(urlsplit(link).query)
    assert ["배포 & 승인"] == query["name"] == [manifest["name"]]
    assert manifest["default_events"] == query["events[]"]
    assert manifest["default_permissions"] == {name: query[name][0] for name in manifest["default_permissions"]}
    assert [manifest["hook_attributes"]["url"]] == query["webhook_url"]


def test_an_enterprise_server_has_a_link_of_its_own() -> None:
    assert made("--github", "https://ghe.example.org")[1].startswith("https://ghe.example.org/settings/apps/new?")


@pytest.mark.parametrize(
    ("arguments", "option", "cure"),
    [
        ((), "--relay", "Missing option"),
        (("--relay", "http://127.0.0.1:7071"), "--relay", "https://"),
        (("--relay", RELAY, "--name", "x" * 35), "--name", "1 to 34 characters"),
        (("--relay", RELAY, "--organization", "octo/api"), "--organization", "login of an organization"),
        (("--relay", RELAY, "--github", "github"), "--github", "http"),
    ],
)
def test_wrong_usage_names_the_option(arguments: tuple[str, ...], option: str, cure: str) -> None:
    result = run("github-app", *arguments)
    assert 2 == result.exit_code
    assert option in result.stderr
    assert cure in result.stderr
