"""The commit that a run of GitHub Actions has built, where GITHUB_SHA is another.

https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
"""

import os
import re
from collections.abc import Mapping
from typing import Any, Final

import click

from relay.cli.failures import plain
from relay.cli.inputs import read_json

# GITHUB_SHA is a merge commit that GitHub throws away, and GITHUB_REF is refs/pull/NUMBER/merge.
_OF_A_PULL_REQUEST: Final = frozenset({"pull_request", "pull_request_review", "pull_request_review_comment"})
# GITHUB_SHA is the head of the default branch, and the event has what was built.
_OF_A_CHECK: Final = ("workflow_run", "check_run", "check_suite")
# GITHUB_SHA is the head of a branch. Whether the run built that or a pull request, its event does not tell.
_UNKNOWN: Final = frozenset({"pull_request_target", "issue_comment", "issues", "discussion", "discussion_comment"})
_SHA: Final = re.compile("[0-9a-f]{40,64}")


def read_built_commit() -> dict[str, str]:
    """Return `sha` and `ref` of the commit that was built, where they are not GITHUB_SHA and GITHUB_REF.

    Raises UsageError with the cure where this run does not tell.
    """
    name = os.environ.get("GITHUB_EVENT_NAME", "")
    if name in _UNKNOWN:
        raise click.UsageError(
            f"--sha: in a run of {plain(name)} GITHUB_SHA is the head of a branch, and not the pull request. "
            'Give --sha "${{ github.event.pull_request.head.sha }}", or the commit that this run has checked out'
        )
    if name not in _OF_A_PULL_REQUEST and name not in _OF_A_CHECK:
        return {}
    path = os.environ.get("GITHUB_EVENT_PATH", "")
    event = read_json(path, "GITHUB_EVENT_PATH") if path else None
    subject = _object(event, "pull_request" if name in _OF_A_PULL_REQUEST else name)
    sha = _object(subject, "head").get("sha") if name in _OF_A_PULL_REQUEST else subject.get("head_sha")
    if not isinstance(sha, str) or not _SHA.fullmatch(sha):
        raise click.UsageError(
            f"--sha: in a run of {plain(name)} GITHUB_SHA is not the commit that was built, and GITHUB_EVENT_PATH does "
            "not name it. Give --sha with that commit"
        )
    ref = _ref_of_a_pull_request() if name in _OF_A_PULL_REQUEST else _branch_of(subject)
    return {"sha": sha, "ref": ref}


def _ref_of_a_pull_request() -> str:
    ref = os.environ.get("GITHUB_REF", "")
    return re.sub("/merge$", "/head", ref) if ref.startswith("refs/pull/") else ref


def _branch_of(subject: Mapping[str, Any]) -> str:
    """Return the ref of the branch that a run or a check was of, or "" for a fork's."""
    branch, owner = subject.get("head_branch"), _object(subject, "head_repository").get("full_name")
    ours = os.environ.get("GITHUB_REPOSITORY", "")
    is_ours = isinstance(owner, str) and owner.lower() == ours.lower()
    return f"refs/heads/{branch}" if isinstance(branch, str) and branch and is_ours else ""


def _object(found: object, name: str) -> Mapping[str, Any]:
    inner = found.get(name) if isinstance(found, Mapping) else None
    return inner if isinstance(inner, Mapping) else {}
