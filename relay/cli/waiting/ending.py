"""The end of a wait: the outputs and the summary of the step, and the exit code with its sentence."""

from types import MappingProxyType
from typing import Final

import click

from relay.cli import github_actions
from relay.cli.context import Context
from relay.cli.failures import NotApproved
from relay.cli.waiting.state import APPROVED, OWED, PENDING, State

_SENTENCES: Final = MappingProxyType(
    {
        PENDING: (
            "Not approved in time: the wait is over, and the request still waits. An approval still releases; "
            "`relay cancel {id}` withdraws it. Give a longer --timeout, or an --expires-in as short as it."
        ),
        "rejected": "Rejected{by}.",
        "expired": "Expired: not enough approvers had approved when the request ended.",
        "superseded": "Superseded: a newer request of the same repository, environment and event type replaces it.",
        "cancelled": "Cancelled{by}: the request was withdrawn.",
    }
)
_ELSEWHERE: Final = "Decided on GitHub: somebody decided there about the run that waited, or it ended."


def end(state: State, request_id: str, link: str, context: Context) -> None:
    """Write the outputs and the summary. Raises NotApproved unless the request is approved."""
    github_actions.outputs({"decision": state.decision, "status": state.status}, context)
    reviews = [f"{review.verdict} by {review.by}, stage {review.stage}" for review in state.reviews]
    facts = {
        "Request": request_id,
        "Reviews": "; ".join(reviews),
        "Dispatch": state.dispatch.status,
        "Run": state.run.url or state.dispatch.url,
        "Review": link,
    }
    github_actions.summary("Not approved in time" if state.status == PENDING else state.status.capitalize(), facts)
    if state.status != APPROVED:
        sentence = _SENTENCES.get(state.status, "The request has ended, and not by an approval.")
        sentence = _ELSEWHERE if state.is_decided_elsewhere else sentence
        raise NotApproved(sentence.format(id=request_id, by=_by(state)))
    if state.dispatch.status == OWED:
        click.echo("Note: GitHub has not taken the dispatch yet; the relay keeps trying for a day.", err=True)


def _by(state: State) -> str:
    """Return the name behind the end: of the last reviewer, with the comment, or of the cancelling key."""
    if state.cancelled_by:
        return f" by {state.cancelled_by}"
    if not state.reviews or not state.decision:
        return ""
    last = state.reviews[-1]
    return f" by {last.by}" + (f": {last.comment}" if last.comment else "")
