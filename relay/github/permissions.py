"""Permissions of the relay at GitHub: each call names the one that it needs.

https://docs.github.com/rest/authentication/permissions-required-for-github-apps
"""

from types import MappingProxyType
from typing import Final, NamedTuple


class Permission(NamedTuple):
    """A repository permission, by its name in the API, and the level that a call needs."""

    name: str
    level: str = "write"

    @property
    def label(self) -> str:
        """Return the permission as GitHub's pages write it, such as `Contents: write`."""
        return f"{self.name.capitalize()}: {self.level}"


CONTENTS: Final = Permission("contents")  # repository_dispatch
ACTIONS: Final = Permission("actions")  # workflow_dispatch
RUNS: Final = Permission("actions", "read")  # a look at a run
DEPLOYMENTS: Final = Permission("deployments")  # verdicts and reports of protection rules

OF_THE_APP: Final = MappingProxyType(
    {"metadata": "read", "contents": "write", "actions": "write", "deployments": "write"}
)
"""All permissions of the relay's GitHub App. Each of its tokens has one of them."""

EVENTS: Final = ("workflow_run", "deployment_protection_rule")  # the webhooks that the App sends to the relay
