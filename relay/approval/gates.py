"""Gates: runs of GitHub that wait at an environment, their verdicts, and the reports on the pages of the runs. Pure.

https://docs.github.com/actions/managing-workflow-runs-and-deployments/managing-deployments/creating-custom-deployment-protection-rules
"""

from dataclasses import replace
from typing import Final, Literal

from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.people import Review

GATE: Final = "deployment_protection"  # the event type of every request for a gate
DECIDED_ELSEWHERE: Final = "decided on GitHub"
MAX_REPORTS: Final = 10  # GitHub takes no more for one gate
MAX_TEXT: Final = 1_024  # characters of a report, and of a verdict's comment
_ENDED: Final = {
    "expired": "This request has expired: nobody decided in time.",
    "cancelled": "This request was cancelled.",
    "superseded": "This request was superseded by a newer one.",
}

State = Literal["approved", "rejected"]


def owe_report(case: Case, text: str, now: float) -> Case:
    """Return the case with a report owed, if a run waits for it and GitHub takes one more."""
    if case.gate is None or sum(bool(debt.report) for debt in case.debts) >= MAX_REPORTS:
        return case
    report = Debt(GATE, int(now), now, since=now, decision="requested", report=_cut(text))
    return replace(case, debts=(*case.debts, report))


def owe_verdict(case: Case, now: float) -> Case:
    """Return an ended case with its verdict owed, if a run waits for it."""
    if case.gate is None:
        return case
    return replace(case, debts=(*case.debts, Debt(GATE, int(now), now, since=now)))


def decided_elsewhere(case: Case, now: float) -> Case:
    """Return the case as ended by a decision on GitHub, such as an administrator's. Nothing is owed any more."""
    # A request that ended by itself stays as it is: that was true before.
    if case.status in ("pending", "approved", "rejected"):
        case = replace(case, status="cancelled", decided_at=int(now), ended_by=DECIDED_ELSEWHERE)
    debts = (
        replace(debt, status="cancelled", lease="", row="", last_error=DECIDED_ELSEWHERE, cure="")
        if debt.kind == "dispatch" and debt.status == "owed"
        else debt
        for debt in case.debts
    )
    return replace(case, debts=tuple(debts))


def ending(case: Case, status: str) -> str:
    """Return the status as people read it: `elsewhere` for a request that was decided on GitHub."""
    return "elsewhere" if status == "cancelled" and case.ended_by == DECIDED_ELSEWHERE else status


def verdict(case: Case) -> tuple[State, str]:
    """Return the state that GitHub is told of a decided case, and the comment for the page of the run."""
    if case.status in _ENDED:
        return "rejected", _ENDED[case.status]
    word: State = "approved" if case.status == "approved" else "rejected"
    given = "approve" if word == "approved" else "reject"
    lines = [_line(review) for review in case.reviews if review.verdict == given]
    return word, _cut("\n".join([f"{word.capitalize()} by", *lines]) if lines else f"{word.capitalize()}.")


def asked(review_url: str, needs: str) -> str:
    """Return the report of a new request."""
    return f"Waiting for approval: {needs}. [Decide on the review page]({review_url})"


def reported(review: Review, stage: str, missing: int) -> str:
    """Return the report of a counted review. It has no names."""
    more = f"needs {missing} more approval{'' if missing == 1 else 's'}"
    return f"An approval in stage {_quoted(review.stage)} was counted; stage {_quoted(stage)} {more}."


def _line(review: Review) -> str:
    comment = f": {_quoted(review.comment)}" if review.comment else ""
    return f"- {_quoted(review.by.name or review.by.id)} ({_quoted(review.stage)}){comment}"


def _quoted(text: str) -> str:
    """Return a text on one line, as code in Markdown. GitHub draws no link or picture in it, and notifies no person."""
    words = " ".join(text.split()).replace("`", "'")
    return f"`{words}`"


def _cut(text: str) -> str:
    if len(text) <= MAX_TEXT:
        return text
    kept = text[: MAX_TEXT - 2]
    # Code that is cut in two is closed again: what follows an open one would be Markdown.
    return f"{kept}\u2026`" if kept.count("`") % 2 else f"{kept}\u2026"
