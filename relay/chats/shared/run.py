"""The run that a release started, in the relay's words: the same on every card."""

from types import MappingProxyType
from typing import Final

from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.runs import Run

_MAX_SHOWN: Final = 120  # characters of an address
_WORDS: Final = MappingProxyType(
    {
        "queued": "The run waits to start",
        "running": "The run has started",
        "success": "The run succeeded",
        "failure": "The run failed",
        "cancelled": "The run was cancelled",
    }
)


def run_words(run: Run, event: str = "") -> str:
    """Return the state of a run in one phrase, with its source where that is a report and not GitHub.

    `event` started it before the decision; it is named as the chat shows it.
    """
    words = _WORDS[run.status].replace("The run", f"The run of {event}", 1) if event else _WORDS[run.status]
    return words + (", as its workflow reports" if run.by == "report" else "")


def name_of(case: Case, debt: Debt) -> str:
    """Return the name of a dispatch: its event type before the decision, the number of a later run, or nothing."""
    if debt.decision:
        return debt.event_type
    return f"run {debt.run}, started by {case.reruns[debt.run - 2].by.name}" if debt.run > 1 else ""


def shown_address(url: str) -> str:
    """Return an address as the words of its own link: the reader sees where it leads."""
    words = url.removeprefix("https://")
    return words if len(words) <= _MAX_SHOWN else words[: _MAX_SHOWN - 1] + "…"
