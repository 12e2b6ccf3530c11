"""The policy that `relay init` writes."""

from pathlib import Path

import pytest

from tests.cli.running import run

ADA = "ada=slack:T111/U111+github:583231"


def test_the_policy_of_init_checks_clean_once_its_owner_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    options = ("--chat", "slack", "--host", "machine", "--repository", "octo/api", "--approver", ADA, "--yes")
    run("init", *options)
    written = (tmp_path / "policy.toml").read_text("utf-8")
    (tmp_path / "policy.toml").write_text(written.replace("# owner_id = 0", "owner_id = 9919"), "utf-8")
    checked = run("policy", "check", "--strict")
    assert (0, "policy.toml: one rule, no errors") == (checked.exit_code, checked.stdout.splitlines()[-1])
