"""A line for each change between two states of a request, with the address to look at. Pure."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from relay.cli.waiting.state import SeenReview, SeenRun, State

_ENDS: Final = MappingProxyType(
    {
        "approved": "Approved",
        "rejected": "Rejected",
        "expired": "Expired",
        "superseded": "Superseded by a newer request",
        "cancelled": "Cancelled",
    }
)


def changes(before: State | None, now: State, link: str) -> Iterator[str]:
    """Yield a line for each change; `before` is None at the first look. `link` is the review page."""
    if before is None:
        yield f"Requested{_in_stage(now.stage) if not now.is_over else ''}: {link}"
        before = State("pending", now.stage)
    for review in now.reviews[len(before.reviews) :]:
        yield f"Reviewed by {review.by}: {review.verdict}{_in_stage(review.stage)}{_words(review)}: {link}"
    # Without an approval of its own it is the policy that has other stages since.
    has_passed = any((review.stage, review.verdict) == (before.stage, "approve") for review in now.reviews)
    if has_passed and now.stage and before.stage != now.stage:
        yield f"Stage {before.stage} passed, next is {now.stage}: {link}"
    if now.is_over and not before.is_over:
        yield f"{_ending(now)}: {link}"
    if now.dispatch != before.dispatch and now.dispatch.status not in ("", "none"):
        yield f"Dispatch {_run(now.dispatch, link)}"
    if now.run != before.run and now.run.status:
        yield f"Run {_run(now.run, link)}"


def _ending(state: State) -> str:
    if state.is_decided_elsewhere:
        return "Decided on GitHub"
    by = f" by {state.cancelled_by}" if state.cancelled_by else ""
    return _ENDS.get(state.status, f"Ended as {state.status}") + by


def _in_stage(stage: str) -> str:
    return f", stage {stage}" if stage else ""


def _words(review: SeenReview) -> str:
    return f", {review.comment}" if review.comment else ""


def _run(run: SeenRun, link: str) -> str:
    said = f", {run.text}" if run.text not in ("", run.status) else ""
    return f"{run.status}{said}: {run.url or link}"
