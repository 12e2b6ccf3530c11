"""`relay policy explain`: each review in turn, and why a request is not approved."""

from pathlib import Path

import pytest

from relay.approval import policy
from tests.cli.policies import API, POLICY, WEB
from tests.cli.running import run
from tests.support.entra_tokens import OBJECT, TENANT


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "policy.toml"
    path.write_text(POLICY, "utf-8")
    return str(path)


def test_each_review_is_explained_until_it_is_approved(file: str) -> None:
    ada = f"entra:{TENANT.upper()}/{OBJECT}=approve"
    result = run("policy", "explain", file, *API, "--review", "lin=approve", "--review", ada)
    assert 0 == result.exit_code, result.output
    assert [
        "rule: repository octo/api, environment production, event types deploy-*",
        "lin=approve: counted, stage release; stage qa has passed",
        f"{ada}: approved, stage release",
        "approved",
    ] == result.stdout.splitlines()


def test_the_person_whose_run_waits_at_an_environment_does_not_reject_it(file: str) -> None:
    head = POLICY.partition("[[rule]]")[0]
    rule = '[[rule]]\nrepository = "octo/*"\ntarget = "deployment_protection"\n'
    Path(file).write_text(f'{head}{rule}[[rule.stage]]\napprovers = ["group:qa"]\n', "utf-8")
    asked = ("--repository", "octo/api", "--event-type", "deployment_protection", "--requested-by", "ada")
    result = run("policy", "explain", file, *asked, "--review", "ada=reject", "--review", "lin=reject")
    assert [
        "ada=reject: own-request (the requester cancels, and does not reject)",
        "lin=reject: rejected, stage approval",
        "rejected",
    ] == result.stdout.splitlines()[1:]


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        ((*API,), ["pending: stage qa needs 1 more of group:qa"]),
        (
            (*API, "--review", "slack:T9/U9=approve"),
            [
                "slack:T9/U9=approve: not-allowed (not an approver of stage qa)",
                "pending: stage qa needs 1 more of group:qa",
            ],
        ),
        (
            (*API, "--requested-by", "ADA", "--review", "ada=approve"),
            [
                "ada=approve: own-request (the requester may not approve)",
                "pending: stage qa needs 1 more of group:qa",
            ],
        ),
        (
            (*API, "--review", "ada=reject", "--review", "lin=approve"),
            ["ada=reject: rejected, stage qa", "lin=approve: already-rejected, stage qa", "rejected"],
        ),
        (
            (*WEB, "--review", "ada=approve", "--review", "ada=approve"),
            [
                "ada=approve: counted, stage approval",
                "ada=approve: already-counted, stage approval",
                "pending: stage approval needs 1 more of anyone",
            ],
        ),
    ],
)  # fmt: skip
def test_what_is_not_approved_ends_with_three(file: str, arguments: tuple[str, ...], lines: list[str]) -> None:
    result = run("policy", "explain", file, *arguments)
    assert 3 == result.exit_code
    assert lines == result.stdout.splitlines()[1:]
    assert "would not be approved" in result.stderr


def test_no_rule_ends_with_three(file: str) -> None:
    result = run("policy", "explain", file, "--repository", "octo/other", "--event-type", "deploy-api")
    assert "The nearest is rule 2 of the file: it takes the repository octo/web" in result.stderr
    assert (3, "") == (result.exit_code, result.stdout)
    assert "No rule of the policy matches" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((*API, "--review", "ada=perhaps"), "--review: write PERSON=approve"),
        ((*API, "--review", "ada"), "--review: write PERSON=approve"),
        ((*API, "--review", "bob=approve"), "--review: names a person that the policy does not have"),
        ((*API, "--review", "mary=approve"), "--review: this person has no id"),
        ((*API, "--requested-by", "a b"), "--requested-by: must be a GitHub login"),
        (("--repository", "octo/api"), "Missing option '--event-type'"),
    ],
)
def test_wrong_usage_of_explain_is_told_by_the_options_name(file: str, arguments: tuple[str, ...], told: str) -> None:
    result = run("policy", "explain", file, *arguments)
    assert 2 == result.exit_code
    assert told in result.stderr


@pytest.mark.parametrize("requests", ['["oidc"]', '["oidc", "oidc"]'])
def test_what_no_route_takes_is_approved_in_no_dry_run(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, requests: str
) -> None:
    monkeypatch.setattr(policy, "TAKEN_PROOFS", frozenset({"key"}))
    Path(file).write_text(POLICY.replace('["offline"]', requests), "utf-8")
    result = run("policy", "explain", file, *API, "--review", "lin=approve", "--review", "ada=approve")
    assert (3, True) == (result.exit_code, "No route of this version takes" in result.output)
    cases = tmp_path / "cases.toml"
    cases.write_text(
        '[[case]]\nname = "a"\nrepository = "octo/api"\nevent_type = "deploy-api"\nenvironment = "production"\n'
        'reviews = ["lin=approve", "ada=approve"]\nexpect = "no-rule"\n'
    )
    assert 0 == run("policy", "test", str(cases), "--policy", file).exit_code
    cases.write_text(cases.read_text().replace('expect = "no-rule"', 'proof = "oidc"\nexpect = "approved"'))
    assert 0 == run("policy", "test", str(cases), "--policy", file).exit_code


@pytest.mark.parametrize("login", ["ada", "ADA"])
def test_a_request_that_nobody_could_approve_is_refused_in_a_dry_run(file: str, tmp_path: Path, login: str) -> None:
    Path(file).write_text(POLICY.replace('"lin", "ada"', '"ada"'), "utf-8")
    result = run("policy", "explain", file, *API, "--requested-by", login)
    assert (3, True) == (result.exit_code, "leaves 0 of 1 required approvers in stage qa" in result.output)
    cases = tmp_path / "cases.toml"
    cases.write_text(
        '[[case]]\nname = "a"\nrepository = "octo/api"\nevent_type = "deploy-api"\nenvironment = "production"\n'
        f'requested_by = "{login}"\nexpect = "malformed"\n'
    )
    assert 0 == run("policy", "test", str(cases), "--policy", file).exit_code
