"""`relay policy explain --say` prints the request of a command and the judgment of production on it."""

from pathlib import Path

import pytest

from tests.cli.running import run

POLICY = """\
[people.ada]
name = "Ada"
slack = "T111/U111"
github = "ada"
github_id = 1
[people.grace]
slack = "T111/U222"
github = "grace"
github_id = 2
[people.lin]
slack = "T111/U333"

[[rule]]
repository = "octo/*"
environment = "prod"
event_types = ["deploy-*"]
requests = ["command"]
self_approval = true
[[rule.stage]]
approvers = ["ada", "grace"]

[[command]]
name = "deploy"
formats = ["deploy {{app}} to {{env=prod}}", "ship {{what...}} as {{app}}"]
who = ["ada", "lin"]
approve = true
repository = "octo/{{app}}"
environment = "prod"
event_type = "deploy-{{app}}"
channels = []
[command.values]
env = ["prod"]
"""
HERE = ("policy", "explain")


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "policy.toml"
    path.write_text(POLICY, "utf-8")
    return str(path)


def test_the_request_is_printed_and_the_asking_counts_where_the_rule_lets_it(file: str) -> None:
    result = run(*HERE, file, "--say", "deploy api to PROD", "--as", "ada")
    assert 0 == result.exit_code, result.output
    assert [
        "command: deploy",
        "title: deploy api to PROD",
        "repository: octo/api",
        "environment: prod",
        "event type: deploy-api",
        'client_payload: {"app":"api","env":"prod"}',
        "requested by: ada",
        "rule: repository octo/*, environment prod, event types deploy-*",
        "the asking itself: approved, stage approval",
        "approved",
    ] == result.stdout.splitlines()


@pytest.mark.parametrize("slash", ["/relay ", " /Relay\t"])
def test_a_text_is_taken_as_it_is_typed_in_slack_too(file: str, slash: str) -> None:
    bare, typed = (run(*HERE, file, "--say", f"{start}deploy api to prod", "--as", "ada") for start in ("", slash))
    assert (0, bare.stdout) == (typed.exit_code, typed.stdout)
    assert 3 == run(*HERE, file, "--say", "/relaydeploy api to prod", "--as", "ada").exit_code


def test_a_person_without_a_github_account_asks_by_their_id_and_waits(file: str) -> None:
    result = run(*HERE, file, "--say", "ship the rest as api", "--as", "lin")
    assert 0 == result.exit_code, result.output
    assert "requested by: slack:T111/U333" in result.stdout
    assert "the asking itself: not-allowed" in result.stdout
    assert "pending: stage approval needs 1 more of ada, grace" in result.stdout


@pytest.mark.parametrize(
    ("text", "person", "message"),
    [
        ("deploy api to stage", "ada", "env is one of prod."),
        ("deploy ../x to prod", "ada", "repository: must be OWNER/NAME"),
        ("depoly api", "ada", "The nearest is: deploy {{app}} to {{env=prod}}"),
        ('deploy "api', "ada", "A quote does not end"),
        ("deploy api to prod", "grace", "No command of the policy names this person."),
        ("deploy " + "x" * 2_000, "ada", "at most 2,000 characters"),
    ],
)
def test_where_no_request_would_be_made_the_reason_is_told(file: str, text: str, person: str, message: str) -> None:
    result = run(*HERE, file, "--say", text, "--as", person)
    assert 3 == result.exit_code
    assert message in result.stderr


def test_a_command_that_only_asks_waits_for_its_approvers(file: str) -> None:
    Path(file).write_text(POLICY.replace("approve = true", "approve = false"), "utf-8")
    result = run(*HERE, file, "--say", "deploy api to prod", "--as", "ada")
    assert 0 == result.exit_code, result.output
    assert "pending: stage approval needs 1 more of ada, grace" == result.stdout.splitlines()[-1]


def test_a_rule_that_takes_no_commands_is_named(file: str) -> None:
    Path(file).write_text(POLICY.replace('requests = ["command"]', 'requests = ["key"]'), "utf-8")
    result = run(*HERE, file, "--say", "deploy api to prod", "--as", "ada")
    assert 3 == result.exit_code
    assert 'requests = ["command"]' in result.stderr


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (("--say", "x", "--as", "nobody"), "--as: names a person"),
        (("--say", "x"), "--say: goes with --as"),
        (("--as", "ada"), "--say: goes with --as"),
        (("--say", "x", "--as", "ada", "--repository", "octo/api"), "--say: goes with --as"),
        ((), "Missing option '--repository'"),
        (("--repository", "octo/api"), "Missing option '--event-type'"),
    ],
)
def test_wrong_usage_names_the_option(file: str, arguments: tuple[str, ...], option: str) -> None:
    result = run(*HERE, file, *arguments)
    assert 2 == result.exit_code
    assert option in result.stderr


def test_the_rule_nearest_to_a_command_that_no_rule_matches_is_named(file: str) -> None:
    Path(file).write_text(POLICY.replace('event_types = ["deploy-*"]', 'event_types = ["deploy"]'), "utf-8")
    result = run(*HERE, file, "--say", "deploy api to prod", "--as", "ada")
    assert 3 == result.exit_code
    near = "The nearest is rule 1 of the file: it takes the event type deploy, and the request has deploy-api."
    assert near in result.stderr
