"""Cures name pages under docs/, which no package holds: the command says where they are."""

from pathlib import Path

import pytest

from relay.cli import documentation
from relay.cli.init.action import Action
from tests.cli.running import run

ADA = "ada=slack:T111/U111+github:583231"


def test_the_repository_of_the_pages_is_named_if_it_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documentation, "find_action", Action)
    assert "Pages under docs/ are in the relay's repository." == documentation.where()
    monkeypatch.setattr(documentation, "find_action", lambda: Action("octo/relay", "a" * 40))
    assert "Pages under docs/ are in the relay's repository, octo/relay." == documentation.where()


def test_init_says_last_where_the_pages_of_its_steps_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    options = ("--chat", "slack", "--host", "machine", "--repository", "octo/api", "--approver", ADA, "--yes")
    made = run("init", *options, "--action", f"hexa/relay@{'a' * 40}")
    assert "docs/slack.md" in made.output
    assert "Pages under docs/ are in the relay's repository, hexa/relay." == made.output.splitlines()[-1]
