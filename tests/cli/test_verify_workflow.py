"""`relay verify` in a workflow that the relay has started by its name: the proof is in an input."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from pytest_httpx import HTTPXMock

from tests.cli.releasing import KEYS, OUTPUTS, PATH, STARTED, event, started
from tests.cli.running import RELAY, run

Spoil = Callable[[dict[str, Any]], object]
STARTS = {"GITHUB_EVENT_NAME": "workflow_dispatch", "GITHUB_WORKFLOW_REF": f"octo/api/{PATH}@refs/heads/main"}
EXPECTED = {**OUTPUTS, "payload": '{"n":"[1,true,null]","이름":"값"}'}


@pytest.fixture
def verify(tmp_path: Path, httpx_mock: HTTPXMock) -> Callable[..., Result]:
    def verified(told: dict[str, Any], *options: str, **changes: str) -> Result:
        httpx_mock.add_response(method="GET", url=f"{RELAY}/api/keys", json=KEYS, is_optional=True)
        (tmp_path / "event.json").write_text(json.dumps(told), "utf-8")
        environ = {"RELAY_URL": RELAY, "GITHUB_REPOSITORY": "octo/api", "GITHUB_EVENT_PATH": f"{tmp_path}/event.json"}
        return run("verify", "--json", *options, env=environ | STARTS | changes)

    return verified


def test_the_named_inputs_are_proven_and_no_others(verify: Callable[..., Result]) -> None:
    result = verify(started())
    assert 0 == result.exit_code, result.output
    assert EXPECTED == json.loads(result.stdout)


def test_a_repository_in_other_capitals_is_the_same(verify: Callable[..., Result]) -> None:
    assert 0 == verify(started(), GITHUB_WORKFLOW_REF=f"Octo/API/{PATH}@refs/heads/main").exit_code


def test_a_release_that_was_overtaken_is_refused_here_too(verify: Callable[..., Result], httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=f"{RELAY}/api/receipts/check", json={"id": "a", "overtaken_by": "b" * 32})
    result = verify(started(supersede=True))
    assert (3, True) == (result.exit_code, "was released since" in result.stderr)


SPOILED: list[tuple[str, Spoil, str]] = [
    ("no inputs", lambda e: e.update(inputs=None), "a person has started this run"),
    ("no approval", lambda e: e["inputs"].pop("approval"), "a person has started this run"),
    ("an approval that was left empty", lambda e: e["inputs"].update(approval=""), "a person has started this run"),
    ("an approval that is no JSON", lambda e: e["inputs"].update(approval="yes"), "is no JSON"),
    ("an approval that is a list", lambda e: e["inputs"].update(approval="[]"), "holds no approval"),
    ("an approval without receipt", lambda e: e["inputs"].update(approval="{}"), "carries no receipt"),
    ("another value", lambda e: e["inputs"].update(n="[2]"), "payload differs"),
    ("a value of another kind", lambda e: e["inputs"].update(n=[1, True, None]), "payload differs"),
    ("one input less", lambda e: e["inputs"].pop("n"), "payload differs"),
]


@pytest.mark.parametrize(("spoil", "told"), [row[1:] for row in SPOILED], ids=[row[0] for row in SPOILED])
def test_a_spoiled_input_releases_nothing(verify: Callable[..., Result], spoil: Spoil, told: str) -> None:
    spoiled = started()
    spoil(spoiled)
    result = verify(spoiled)
    assert (3, "") == (result.exit_code, result.stdout)
    assert told in result.stderr


@pytest.mark.parametrize(
    "elsewhere",
    [
        "octo/api/.github/workflows/other.yml@refs/heads/main",
        "octo/other/.github/workflows/release.yml@refs/heads/main",
        "octo/api/release.yml@refs/heads/main",
    ],
)
def test_a_receipt_is_for_one_workflow(verify: Callable[..., Result], elsewhere: str) -> None:
    result = verify(started(), GITHUB_WORKFLOW_REF=elsewhere)
    assert (3, True) == (result.exit_code, "the receipt is for another workflow" in result.stderr.lower())


def test_without_the_name_of_the_workflow_the_use_is_wrong(verify: Callable[..., Result]) -> None:
    result = verify(started(), GITHUB_WORKFLOW_REF="")
    assert (2, True) == (result.exit_code, "GITHUB_WORKFLOW_REF is not set" in result.stderr)


def test_an_event_of_the_other_target_releases_nothing_even_where_the_workflow_is_not_known(
    verify: Callable[..., Result],
) -> None:
    result = verify(event(), GITHUB_WORKFLOW_REF="")
    assert (3, True) == (result.exit_code, "Release nothing. The input approval" in result.stderr)


def test_a_receipt_of_one_target_does_not_pass_for_the_other(verify: Callable[..., Result]) -> None:
    sent = event()
    carried = {"inputs": {**sent["client_payload"], "approval": json.dumps(sent["client_payload"]["approval"])}}
    assert "not for runs that workflow_dispatch starts" in verify(carried).stderr
    inputs = started()["inputs"]
    other = {"action": "deploy-api", "client_payload": {**inputs, "approval": json.loads(inputs["approval"])}}
    assert (
        "not for runs that repository_dispatch starts" in verify(other, GITHUB_EVENT_NAME="repository_dispatch").stderr
    )


def test_a_rejection_starts_no_workflow_so_its_decision_never_passes(verify: Callable[..., Result]) -> None:
    rejected = started(replace(STARTED, status="rejected"))
    assert "it is not approved" in verify(rejected).stderr
