"""Workflow runs at GitHub: those that a dispatch starts, and those that wait at an environment."""

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

RunStatus = Literal["queued", "running", "success", "failure", "cancelled"]
WORST_FIRST: Final[tuple[RunStatus, ...]] = ("failure", "cancelled", "running", "queued", "success")


@dataclass(frozen=True, slots=True)
class Run:
    """A workflow run that a dispatch started, as GitHub or the workflow itself reported it at `at`.

    `debt` is the index of the dispatch among the debts of the case. `id` is GitHub's id of the run, empty if only
    reports told of it, and `attempt` counts from 1. `text` and `url` are words of the workflow, unless GitHub told
    them.
    """

    status: RunStatus
    at: int
    by: Literal["report", "github"]
    text: str = ""
    url: str = ""
    id: str = ""
    attempt: int = 1
    debt: int = 0

    @property
    def said(self) -> str:
        """Return the text, or an empty one if it only repeats the status, as `cancelled` of GitHub does."""
        return "" if self.text == self.status else self.text


class StartedRun(NamedTuple):
    """The run that a dispatch has started: its id at GitHub, and its page there, or an empty text."""

    id: str
    url: str


@dataclass(frozen=True, slots=True)
class Gate:
    """A run of GitHub that waits at an environment for the verdict of a case.

    `attempt` counts from 1, and is 0 if GitHub did not tell it.
    """

    run_id: str
    attempt: int = 0
