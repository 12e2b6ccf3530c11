"""The Action that the workflows of `relay init` name: where it comes from."""

import json
import subprocess
from pathlib import Path

import pytest

from relay.cli.init.action import Action, find_action, read_action
from tests.cli.init.choosing import COMMIT, chosen
from tests.cli.running import run

pytestmark = pytest.mark.usefixtures("folder")


def test_the_action_is_where_pip_installed_from(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"url": "https://github.com/octo/approval-relay.git", "vcs_info": {"vcs": "git", "commit_id": COMMIT}}
    installed(monkeypatch, json.dumps(said))
    assert Action("octo/approval-relay", COMMIT) == find_action()


@pytest.mark.parametrize("said", [None, "{}", "[", '{"url": "file:///x", "dir_info": {"editable": true}}'])
def test_the_action_is_else_where_the_clone_comes_from(
    said: str | None, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    installed(monkeypatch, said)
    monkeypatch.setattr("relay.cli.init.action._FOLDER", folder)
    assert Action() == find_action()
    for command in (
        ("init", "-q"),
        ("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "a"),
        ("remote", "add", "origin", "git@github.com:octo/approval-relay.git"),
    ):
        subprocess.run(["git", "-C", str(folder), *command], check=True)
    found = find_action()
    assert ("octo/approval-relay", True, 40) == (found.repository, found.is_known, len(found.commit))
    assert found == read_action(f"{found.repository}@{found.commit}")


def test_without_git_the_action_is_a_placeholder_and_a_step_says_so(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    installed(monkeypatch, None)
    monkeypatch.setattr("relay.cli.init.action._FOLDER", folder)
    (folder / ".git").mkdir()
    monkeypatch.setenv("PATH", "")
    assert "write the relay's repository and a commit" in " ".join(run(*chosen(), "--yes").output.split())


def installed(monkeypatch: pytest.MonkeyPatch, said: str | None) -> None:
    class Found:
        def read_text(self, _name: str) -> str | None:
            return said

    monkeypatch.setattr("relay.cli.init.action.distribution", lambda _name: Found())


def test_a_package_that_is_not_installed_is_looked_for_by_git(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr("relay.cli.init.action._FOLDER", folder)
    monkeypatch.setattr("relay.cli.init.action._NAME", "no-such-package-anywhere")
    assert not find_action().is_known
