"""`relay policy check`: a policy passes with its warnings, or each error has its place."""

from pathlib import Path

import pytest

from relay.approval import policy
from tests.cli.policies import POLICY
from tests.cli.running import run


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
    assert result.stderr.startswith("Error: FILE: the policy has ")  # no usage: the command line is right


def test_where_no_policy_is_the_command_says_what_writes_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RELAY_POLICY", raising=False)
    result = run("policy", "check")
    told = "FILE: there is no policy.toml here; relay init writes one, and RELAY_POLICY names another"
    assert (2, True) == (result.exit_code, told in result.stderr)


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
