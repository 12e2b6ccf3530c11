"""Answers of the built-in GitHub to questions: rate limit, accounts, and repositories with one workflow each."""

import base64
import re
from collections.abc import Mapping
from typing import Final

from relay.dev.simulator.answers import Answer, json_answer
from relay.dev.simulator.github_modes import RATE_LIMIT

_WORKFLOW: Final = "on: [repository_dispatch, workflow_dispatch]\n"
_REPOSITORY: Final = re.compile(r"/repos/([^/]+/[^/]+)")
_WORKFLOWS: Final = re.compile(r"/repos/[^/]+/[^/]+/contents/\.github/workflows(/release\.yml)?")


def read(path: str, accounts: Mapping[str, int]) -> Answer | None:
    """Return the answer to a GET, or None where there is nothing. `accounts` are the ids by login."""
    if path == "/rate_limit":
        return json_answer(200, {"resources": {"core": {"limit": RATE_LIMIT, "remaining": RATE_LIMIT}}})
    login = path.removeprefix("/users/")
    if login in accounts:
        return json_answer(200, {"login": login, "id": accounts[login]})
    if found := _REPOSITORY.fullmatch(path):
        return json_answer(200, {"full_name": found[1], "default_branch": "main"})
    if found := _WORKFLOWS.fullmatch(path):
        content = base64.b64encode(_WORKFLOW.encode()).decode()
        return json_answer(200, {"name": "release.yml", "content": content} if found[1] else [{"name": "release.yml"}])
    return None
