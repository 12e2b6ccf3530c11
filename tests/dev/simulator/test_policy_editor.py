"""The policy beside the page: what `relay policy check` says of it, as one types."""

import json
from pathlib import Path

import httpx
import pytest

from relay.dev.simulator.policy_editor import MAX_TEXT
from tests.cli.running import run

RULE = '[[rule]]\nrepository = "octo/shop"\nevent_types = ["deploy"]\n[[rule.stage]]\nname = "a"\napprovers = ["ada"]\n'
TENANT = "3f2a6c1e-7b4d-4e0a-9c58-1d6f0b2a4e77"
ADA = f'[people.ada]\nentra = "{TENANT}/a1b2c3d4-0001-4a00-8a00-000000000001"\ngithub_id = 1\n'
BOB = f'[people.bob]\nentra = "{TENANT}/a1b2c3d4-0002-4a00-8a00-000000000002"\ngithub_id = 2\n'


def checked(page: httpx.Client, text: object) -> dict[str, object]:
    answer = page.post("/simulator/policy", content=json.dumps({"text": text}))
    assert 200 == answer.status_code
    return dict(answer.json())


def test_the_policy_in_force_is_doubted_only_for_taking_tokens_of_any_owner_by_that_name(page: httpx.Client) -> None:
    text = page.get("/simulator/policy").json()["text"]
    assert "[people.ada]" in text
    said = checked(page, text)
    assert (True, [], "5 rules, no errors, 4 warnings") == (said["ok"], said["problems"], said["summary"])
    warned = said["warnings"]
    assert isinstance(warned, list)
    assert [True] * 4 == ["the rule takes oidc without owner_id" in each for each in warned]


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        (ADA + RULE, "one rule, no errors, 2 warnings"),
        (ADA, "0 rules, no errors, 2 warnings"),
        (ADA + BOB + RULE, "one rule, no errors, 3 warnings"),
    ],
)
def test_what_is_doubtful_is_what_the_command_says(page: httpx.Client, tmp_path: Path, text: str, summary: str) -> None:
    said = checked(page, text)
    assert (True, summary) == (said["ok"], said["summary"])
    path = tmp_path / "policy.toml"
    path.write_text(text, "utf-8")
    warned = said["warnings"]
    assert isinstance(warned, list)
    printed = [*(f"{path}:{each} [warning]" for each in warned), f"{path}: {summary}"]
    assert printed == run("policy", "check", str(path)).stdout.splitlines()


@pytest.mark.parametrize(
    ("text", "line", "column", "said", "summary"),
    [
        ("[[rule]\n", 1, 7, "not TOML", "one problem"),
        (ADA + "entr = 1\n", 4, 1, "entr", "one problem"),
        (RULE, 6, 1, "ada", "one problem"),
        ("a = 1\nb = 2\n", 1, 1, "a", "2 problems"),
        ("\ud800", 1, 1, "a character that UTF-8 cannot hold", "one problem"),
    ],
)
def test_a_problem_has_its_place_and_a_hint(
    page: httpx.Client, text: str, line: int, column: int, said: str, summary: str
) -> None:
    answer = checked(page, text)
    assert (False, [], summary) == (answer["ok"], answer["warnings"], answer["summary"])
    problems = answer["problems"]
    assert isinstance(problems, list)
    assert (line, column) == (problems[0]["line"], problems[0]["column"])
    assert said in problems[0]["message"]
    assert problems[0]["hint"]


def test_the_longest_text_is_checked_and_a_longer_one_refused(page: httpx.Client) -> None:
    assert checked(page, "#" * MAX_TEXT)["ok"]
    for text in ("#" * (MAX_TEXT + 1), 1, None):
        answer = page.post("/simulator/policy", json={"text": text})
        assert (400, "text") == (answer.status_code, answer.json()["field"])
    assert 400 == page.post("/simulator/policy", json={"text": "#" * 2**20}).status_code
