"""The Action that the workflows name: the repository and the commit that this command was installed from."""

import json
import re
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

import relay

_FOLDER: Final = Path(relay.__file__).parent.parent
_REMOTE: Final = re.compile(r"(?:https://[^/]+/|ssh://git@[^/]+/|git@[^:/]+:)([\w.-]+/[\w.-]+?)(?:\.git)?/?")
_COMMIT: Final = re.compile("[0-9a-f]{40}")
_GIT_TIME: Final = 10  # seconds
_NAME: Final = "approval-relay"


@dataclass(frozen=True, slots=True)
class Action:
    """A repository and a commit of it."""

    repository: str = "OWNER/approval-relay"
    commit: str = "0" * 40

    @property
    def is_known(self) -> bool:
        """Tell whether both were found."""
        return self != Action()


def read_action(text: str) -> Action:
    """Read OWNER/REPO@COMMIT. Raises ValueError."""
    repository, _, commit = text.strip().partition("@")
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository, re.ASCII) or not _COMMIT.fullmatch(commit):
        raise ValueError("write OWNER/REPO@COMMIT, with all 40 digits of the commit: a tag can move")
    return Action(repository, commit)


def find_action() -> Action:
    """Return the Action of this installation, or a placeholder if neither pip nor git tells."""
    url, commit = _of_pip() or _of_git() or ("", "")
    remote = _REMOTE.fullmatch(url)
    return Action(remote[1], commit) if remote and _COMMIT.fullmatch(commit) else Action()


def _of_pip() -> tuple[str, str] | None:
    """Return address and commit as pip keeps them: https://packaging.python.org/specifications/direct-url/."""
    try:
        found = json.loads(distribution(_NAME).read_text("direct_url.json") or "{}")
    except (PackageNotFoundError, ValueError):
        return None
    commit = found.get("vcs_info", {}).get("commit_id")
    return (str(found.get("url", "")), commit) if commit else None


def _of_git() -> tuple[str, str] | None:
    if not (_FOLDER / ".git").exists():
        return None
    commit, url = (_git(*arguments) for arguments in (("rev-parse", "HEAD"), ("remote", "get-url", "origin")))
    return url, commit


def _git(*arguments: str) -> str:
    try:
        ran = subprocess.run(  # noqa: S603 - our own arguments
            ["git", "-C", str(_FOLDER), *arguments],  # noqa: S607 - the user's own git
            capture_output=True,
            text=True,
            check=False,
            timeout=_GIT_TIME,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return ran.stdout.strip()
