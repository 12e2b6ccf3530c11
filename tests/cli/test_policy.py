from pathlib import Path

import pytest

from relay.approval import policy
from tests.cli.running import run
from tests.support.entra_tokens import OBJECT, TENANT

POLICY = f"""\
[people.ada]
entra = "{TENANT}/{OBJECT}"
github = "ada"
github_id = 1

[people.lin]
name = "린"
slack = "T1/U1"
github_id = 2

[people.mary]
github = "mary"

[groups]
qa = ["lin", "ada"]

[[rule]]
repository = "octo/api"
environment = "production"
event_types = ["deploy-*"]
requests = ["offline"]
[[rule.stage]]
name = "qa"
approvers = ["group:qa"]
[[rule.stage]]
name = "release"
approvers = ["ada", "mary"]

[[rule]]
repository = "octo/web"
event_types = ["publish"]
self_approval = true
[[rule.stage]]
approvers = ["anyone"]
required = 2
"""
API = ("--repository", "octo/api", "--event-type", "deploy-api", "--environment", "Production")
WEB = ("--repository", "octo/web", "--event-type", "publish")


@pytest.fixture(autouse=True)
def every_id_is_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "PROVEN_IDS", ("entra", "slack", "github_id"))


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "policy.toml"
    path.write_text(POLICY, "utf-8")
    return str(path)


def test_a_good_policy_passes_with_its_warnings(file: str) -> None:
    result = run("policy", "check", file)
    assert 0 == result.exit_code, result.output
    *told, last = result.stdout.splitlines()
    doubts = [line for line in told if line.endswith("[warning]")]
    assert doubts
    assert f"{file}: 2 rules, no errors, {len(doubts)} warnings" == last
    assert all(line.startswith(f"{file}:") and line.endswith(("[warning]", "[proposal]")) for line in told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[rule]]\nrepositry = "octo/api"\n', ":2:1: "),
        ("[", ":1:"),
        ('[[rule]]\nrepository = "o/a"\nevent_types = ["x"]\nsupersede = 1\n', ":4:1: "),
    ],
)  # fmt: skip
def test_each_error_has_its_place(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(text, "utf-8")
    result = run("policy", "check", str(path))
    assert 2 == result.exit_code
    assert f"{path}{told}" in result.stdout
    assert "FILE: the policy has " in result.stderr


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "FILE: the file cannot be read: No such file"), (b"\xff", "FILE: the file is not UTF-8")],
)
def test_a_file_that_is_no_text_is_told(tmp_path: Path, content: bytes | None, told: str) -> None:
    path = tmp_path / "policy.toml"
    if content is not None:
        path.write_bytes(content)
    result = run("policy", "check", str(path))
    assert 2 == result.exit_code
    assert told in result.stderr


def test_the_policy_comes_from_the_setting(file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert f"{file}: 2 rules" in run("policy", "check", env={"RELAY_POLICY": file}).stdout
    assert "RELAY_POLICY: 2 rules" in run("policy", "check", env={"RELAY_POLICY": POLICY}).stdout
    first = POLICY.partition('\n[[rule]]\nrepository = "octo/web')[0]
    assert "-: one rule" in run("policy", "check", "-", stdin=first).stdout
    monkeypatch.chdir(tmp_path)
    assert "policy.toml: 2 rules" in run("policy", "check").stdout


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


def cases(folder: Path, *texts: str) -> str:
    path = folder / "cases.toml"
    path.write_text("\n".join(f"[[case]]\n{text}" for text in texts), "utf-8")
    return str(path)


def case(expect: str, *reviews: str, **changes: str) -> str:
    values = {
        "name": "운영 배포",
        "repository": "octo/api",
        "event_type": "deploy-api",
        "environment": "production",
        "expect": expect,
    } | changes
    return "".join(f'{key} = "{value}"\n' for key, value in values.items()) + f"reviews = {list(reviews)}\n"


def test_cases_that_hold_pass(file: str, tmp_path: Path) -> None:
    path = cases(
        tmp_path,
        case("approved", "lin=approve", "ada=approve"),
        case("pending", "lin=approve"),
        case("pending"),
        case("rejected", "lin=approve", "ada=reject"),
        case("not-allowed", "mary=approve").replace("mary", "slack:T9/U9"),
        case("own-request", "ada=approve", requested_by="Ada"),
        case("no-rule", environment="elsewhere"),
        case("no-rule", proof="key"),
        case("approved", "lin=approve", "slack:T9/U9=approve", "ada=approve", proof="offline"),
    )
    result = run("policy", "test", path, "--policy", file)
    assert 0 == result.exit_code, result.output
    assert f"{path}: 9 cases hold\n" == result.stdout
    one = cases(tmp_path, case("pending"))
    assert f"{one}: one case holds\n" == run("policy", "test", one, env={"RELAY_POLICY": file}).stdout


def test_a_case_that_does_not_hold_is_named_with_its_line(file: str, tmp_path: Path) -> None:
    path = cases(tmp_path, case("pending"), case("approved", "lin=approve"), case("approved", "slack:T9/U9=approve"))
    result = run("policy", "test", path, "--policy", file)
    assert 1 == result.exit_code
    assert [
        f"{path}:9: 운영 배포: expected approved, got pending (stage release)",
        f"{path}:17: 운영 배포: expected approved, got not-allowed (not an approver of stage qa)",
    ] == result.stdout.splitlines()
    assert "2 of 3 cases do not hold." in result.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "there is no case"),
        ("[[case]]\n", "expect is missing"),
        ("[case]\n", "case is a list of tables"),
        ("[[case]]\n" + case("aproved"), 'did you mean "approved"?'),
        ("[[case]]\n" + case("approved", proof="oauth"), "known: oidc, key, offline"),
        ("[[case]]\n" + case("approved", expected="x"), 'unknown key "expected"'),
        ("[[case]\n", ":1:"),
    ],
)
def test_a_file_of_cases_that_is_wrong_is_told(file: str, tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "cases.toml"
    path.write_text(text, "utf-8")
    result = run("policy", "test", str(path), "--policy", file)
    assert 2 == result.exit_code
    assert told in result.stdout
    assert "CASES: the file has problems" in result.stderr


@pytest.mark.parametrize("text", ["", "\n \n", "# what was here is gone\n"])
def test_an_empty_policy_fails(tmp_path: Path, text: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(text)
    result = run("policy", "check", str(path))
    assert (2, True) == (result.exit_code, "is empty; a file that was cut short looks like this" in result.stderr)


def test_warnings_fail_where_strict_is_given_and_proposals_never_do(file: str, tmp_path: Path) -> None:
    result = run("policy", "check", file, "--strict")
    assert 2 == result.exit_code
    assert "warnings, see above, and --strict is given" in result.stderr
    path = tmp_path / "clean.toml"
    path.write_text(POLICY.partition("[[rule]]")[0].replace("[groups]", "[groups]\nall = ['ada', 'lin', 'mary']"))
    with path.open("a") as clean:
        clean.write('[[rule]]\nrepository = "a/b"\nevent_types = ["go"]\nrequests = ["key"]\nself_approval = true\n')
        clean.write('[[rule.stage]]\napprovers = ["group:all", "group:qa"]\nrequired = 2\n')
    result = run("policy", "check", str(path), "--strict")
    assert [f"{path}:11:9"] == [line.partition(": ")[0] for line in result.stdout.splitlines() if "[warning]" in line]
    path.write_text(path.read_text().replace('github = "mary"', 'github = "mary"\ngithub_id = 9'))
    result = run("policy", "check", str(path), "--strict")
    assert (0, True) == (result.exit_code, "[proposal]" in result.stdout)


def test_a_policy_under_which_nobody_can_approve_fails(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "PROVEN_IDS", ("slack",))
    result = run("policy", "check", file)
    assert 2 == result.exit_code
    assert "27:1: needs 1 of these approvers, and 0 can ever press" in result.stdout


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
