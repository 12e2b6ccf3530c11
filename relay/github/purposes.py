"""Purposes of calls at GitHub: the permission that each needs, and the cures where GitHub finds it wrong.

GitHub gives one status for several purposes, so what a 404 or a 422 usually means depends on the call.
"""

from typing import Final, NamedTuple

from relay.github.permissions import ACTIONS, CONTENTS, DEPLOYMENTS, Permission

CREDENTIAL: Final = "RELAY_GITHUB_TOKEN, or the GitHub App of RELAY_GITHUB_APP_CLIENT_ID"


class Purpose(NamedTuple):
    """A kind of call: its permission, and phrase and cure for a 404 and a 422.

    `invalid` follows GitHub's own sentence. `not_enough` tells which permission people take for this one.
    """

    permission: Permission
    missing: tuple[str, str]
    invalid: tuple[str, str]
    not_enough: str


DISPATCH: Final = Purpose(
    CONTENTS,
    (
        "the repository does not exist, or the relay may not see it",
        f"check the repository's name, and that it is among the repositories of {CREDENTIAL}",
    ),
    (
        "it finds the event type or the payload invalid",
        "An event type has 1 to 100 characters, a payload at most 10 top-level keys and less than 64 KB",
    ),
    "Actions: write is another one and does not do",
)
START: Final = Purpose(
    ACTIONS,
    (
        "the workflow or the repository does not exist, or the relay may not see it",
        (
            "the workflow of the rule must be a file in .github/workflows of the default branch, by this very name; "
            f"check the repository's name too, and that it is among the repositories of {CREDENTIAL}"
        ),
    ),
    (
        "it finds the inputs or the ref invalid",
        (
            "The workflow needs `on: workflow_dispatch` on the default branch and at the ref of the request, an input "
            "for each key of the payload and one named approval, and no other required inputs"
        ),
    ),
    "Contents: write is another one and does not do",
)
VERDICT: Final = Purpose(
    DEPLOYMENTS,
    (
        "the run does not exist any more, or the relay may not see it",
        "a run can be deleted while it waits; else see that the GitHub App is installed on the repository",
    ),
    (
        "nothing waits there for a verdict",
        "it was decided on GitHub, or the run has ended",
    ),
    "the App must be a protection rule of the environment",
)
