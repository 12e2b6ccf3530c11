"""`relay policy test`: cases that hold or do not, and files of cases that are wrong."""

from pathlib import Path

import pytest

from tests.cli.policies import POLICY, case, cases
from tests.cli.running import run


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "policy.toml"
    path.write_text(POLICY, "utf-8")
    return str(path)


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


def test_who_proved_to_have_asked_does_not_reject_and_who_is_only_stated_may(file: str, tmp_path: Path) -> None:
    text = Path(file).read_text("utf-8").replace('["offline"]', '["oidc", "command", "offline", "key"]')
    Path(file).write_text(text, "utf-8")
    expected = {"oidc": "own-request", "command": "own-request", "offline": "rejected", "key": "rejected"}
    told = [case(expect, "ada=reject", requested_by="ada", proof=proof) for proof, expect in expected.items()]
    path = cases(tmp_path, *told, case("own-request", "ada=reject", requested_by="ada"))
    result = run("policy", "test", path, "--policy", file)
    assert (0, f"{path}: 5 cases hold\n") == (result.exit_code, result.stdout)


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
