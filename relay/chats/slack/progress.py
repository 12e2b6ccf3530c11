"""Draws the course of a case: reviews, dispatches, the newer request and the run."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from relay.approval.debts import is_dispatch, shown_status, why_refused
from relay.approval.runs import early_event
from relay.chats.shared.run import name_of, run_words, shown_address
from relay.chats.slack.limits import MAX_FIELD, MAX_SECTION
from relay.chats.slack.sender import Block, section
from relay.chats.slack.text import link, literal, mrkdwn, plain_text, when
from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.people import Review
from relay.model.runs import Run

MAX_REVIEWS: Final = 15  # with a block each
_DISPATCH: Final = MappingProxyType(
    {
        "owed": "GitHub has not taken {} yet; the relay keeps trying.",
        "delivered": "GitHub has taken {}.",
        "refused": "GitHub refused {}{}; the operator can mend this.",
        "dead": "GitHub never took {}; the operator can mend this.",
        "dropped": "The operator gave {} up; it is never sent.",
        "cancelled": "GitHub was never told of {}: it was given up.",
    }
)


def progress(case: Case, most: int) -> Iterator[Block]:
    """Draw reviews, dispatches and the run; the last `most` reviews have a block each, and earlier ones share one."""
    earlier = case.reviews[: max(0, len(case.reviews) - most)]
    if earlier:
        words = ", ".join(f"{each.by.name} {_word(each)}" for each in earlier)
        yield section(plain_text(f"Earlier: {words}", MAX_SECTION))
    yield from map(_review, case.reviews[len(earlier) :])
    lines = [_dispatch(debt, name_of(case, debt)) for debt in case.debts if is_dispatch(debt)]
    if case.superseded_by:
        lines.insert(0, f"Newer request: {literal(f'{case.superseded_by.title} ({case.superseded_by.id})')}")
    if lines:
        yield section(mrkdwn("\n".join(lines)))
    if case.run:
        yield _run(case.run, early_event(case, case.run))


def _run(run: Run, event: str) -> Block:
    """Draw a run. Its text is the workflow's, and Slack does not read it for marks."""
    where = f"\n{link(run.url, shown_address(run.url))}" if run.url else ""
    block = section(mrkdwn(f"*{run_words(run, literal(event))}.*{where}"))
    if run.said:
        block["fields"] = [plain_text(f"“{run.said.strip()}”", MAX_FIELD)]
    return block


def _review(review: Review) -> Block:
    """Draw a review. The comment is a text that Slack does not read for marks."""
    head = f"*{literal(review.by.name)}* {_word(review)} · stage {literal(review.stage)} · {when(review.at)}"
    block = section(mrkdwn(head))
    if review.comment.strip():
        block["fields"] = [plain_text(f"“{review.comment.strip()}”", MAX_FIELD)]
    return block


def _word(review: Review) -> str:
    return "approved" if review.verdict == "approve" else "rejected"


def _dispatch(debt: Debt, name: str) -> str:
    return _DISPATCH[shown_status(debt)].format(literal(name) if name else "it", literal(why_refused(debt)))
