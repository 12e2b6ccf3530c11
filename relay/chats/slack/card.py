"""Draws a case for Slack: a message of blocks, with an input for the comment and two buttons that decide.

https://docs.slack.dev/reference/block-kit
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from relay.approval.cards import fingerprint
from relay.approval.debts import shown_status
from relay.chats.bidi import straight
from relay.chats.labels import label
from relay.chats.shared.released import ASKS_YOU_TO_NOTE, released
from relay.chats.slack.limits import MAX_BUTTON, MAX_CONFIRM, MAX_FIELD, MAX_HEADER, MAX_SECTION, MAX_TEXT, breaches
from relay.chats.slack.payload import COMMENT
from relay.chats.slack.sender import Block, added, facts, links, section
from relay.chats.slack.text import cut, escaped, literal, markdown_sections, mrkdwn, plain_text, when
from relay.model import MAX_COMMENT, Answer, ApprovalRequest, Case, Debt, Json, Origin, Proven, Review, Verdict

MAX_MENTIONS: Final = 10
VERDICTS: Final[tuple[Verdict, ...]] = ("approve", "reject")
_STYLES: Final = MappingProxyType({"approve": "primary", "reject": "danger"})
_HEADLINES: Final = MappingProxyType(  # and what stands over the facts of the release
    {
        "pending": ("Waiting for approval", "What an approval releases"),
        "approved": ("Approved", "What was approved"),
        "rejected": ("Rejected", "What was rejected"),
        "superseded": ("Superseded by a newer request", "What was asked for"),
        "cancelled": ("Cancelled by the requester", "What was asked for"),
        "expired": ("Expired without a decision", "What was asked for"),
    }
)
_DISPATCH: Final = MappingProxyType(
    {
        "owed": "GitHub has not taken {} yet; the relay keeps trying.",
        "delivered": "GitHub has taken {}.",
        "refused": "GitHub refused {}; the operator can mend this.",
        "dead": "GitHub never took {}; the operator can mend this.",
        "dropped": "The operator gave {} up; it is never sent.",
        "cancelled": "GitHub was never told of {}: it was given up.",
    }
)
_SHA: Final = 12  # characters
_LENGTHS: Final = (MAX_COMMENT, 500, 200, 40, 0)  # of comments, for a card that grows too large
_MAX_REVIEWS: Final = 15  # with a block each; earlier ones share one


def draw(answer: Answer, *, mentions: Sequence[str] = (), is_first: bool = False) -> dict[str, object]:
    """Return the whole message that shows a case, `text` and `blocks`, with the comments cut as far as needed.

    `mentions` are the user ids of the people whose word is awaited. `is_first`: the asker sends it, and nobody has
    seen the request yet.
    """
    # Nothing but comments grows after the request was made, and that fits.
    lengths = _LENGTHS if any(review.comment for review in answer.case.reviews) else (0,)
    for length in lengths[:-1]:
        message = _message(replace(answer, case=_shortened(answer.case, length)), mentions, is_first=is_first)
        if not breaches(message):
            return message
    return _message(replace(answer, case=_shortened(answer.case, lengths[-1])), mentions, is_first=is_first)


def first(request: ApprovalRequest, proven: Proven, ticket: str) -> dict[str, object]:
    """Return the message of a request as the asker sends it, its buttons with `ticket`."""
    return draw(
        Answer("pending", "", Case(request, "offline", origin=Origin("", proven)), "pending", ticket=ticket),
        is_first=True,
    )


def _shortened(case: Case, length: int) -> Case:
    reviews = (replace(each, comment=cut(each.comment, length) if length else "") for each in case.reviews)
    return replace(case, reviews=tuple(reviews))


def _message(answer: Answer, mentions: Sequence[str], *, is_first: bool) -> dict[str, object]:
    request, blocks = answer.case.request, list(_blocks(answer, mentions, is_first=is_first))
    words = straight(" ".join((request.summary or request.title).split()))
    headline = f"{_headline(answer, is_first=is_first)}: " if request.event_type else ""
    return {"text": cut(headline, MAX_TEXT) + escaped(cut(words, 500)), "blocks": blocks}


def _blocks(answer: Answer, mentions: Sequence[str], *, is_first: bool) -> Iterator[Block]:
    case, request = answer.case, answer.case.request
    live = answer.status == "pending"
    if request.event_type:
        headline = f"*{_headline(answer, is_first=is_first)}*"
        yield section(mrkdwn(f"{headline}\n{literal(answer.needs)}" if answer.needs else headline))
    title = " ".join(request.title.split())
    yield {"type": "header", "text": plain_text(title, MAX_HEADER)}
    if len(straight(title)) > MAX_HEADER:
        yield section(plain_text(title, MAX_SECTION))
    yield from map(section, markdown_sections(request.text))
    if mentions and answer.ticket:
        yield section(mrkdwn(_called(mentions)))
    yield from _progress(case)
    yield from _release(answer, live=live)
    yield from added(request)
    if answer.ticket:
        yield _comment(case)
        yield {"type": "actions", "block_id": "decide", "elements": list(_buttons(answer))}
    yield from links(request)


def _headline(answer: Answer, *, is_first: bool) -> str:
    return "Approval requested" if is_first else _HEADLINES[answer.status][0]


def _called(mentions: Sequence[str]) -> str:
    more = len(mentions) - MAX_MENTIONS
    named = ", ".join(f"<@{each}>" for each in mentions[:MAX_MENTIONS])
    return f"For {named}" + (f" and {more} more" if more > 0 else "")


def _progress(case: Case) -> Iterator[Block]:
    earlier, last = case.reviews[:-_MAX_REVIEWS], case.reviews[-_MAX_REVIEWS:]
    if earlier:
        words = ", ".join(f"{each.by.name} {_word(each)}" for each in earlier)
        yield section(plain_text(f"Earlier: {words}", MAX_SECTION))
    yield from map(_review, last)
    lines = [_dispatch(debt) for debt in case.debts if debt.kind == "dispatch"]
    if case.superseded_by:
        lines.insert(0, f"Newer request: {literal(f'{case.superseded_by.title} ({case.superseded_by.id})')}")
    if lines:
        yield section(mrkdwn("\n".join(lines)))


def _review(review: Review) -> Block:
    """Draw a review. The comment is a text that Slack does not read for marks."""
    head = f"*{literal(review.by.name)}* {_word(review)} · stage {literal(review.stage)} · {when(review.at)}"
    block = section(mrkdwn(head))
    if review.comment.strip():
        block["fields"] = [plain_text(f"“{review.comment.strip()}”", MAX_FIELD)]
    return block


def _word(review: Review) -> str:
    return "approved" if review.verdict == "approve" else "rejected"


def _dispatch(debt: Debt) -> str:
    return _DISPATCH[shown_status(debt)].format(literal(debt.event_type) if debt.decision else "it")


def _release(answer: Answer, *, live: bool) -> Iterator[Block]:
    """Draw the facts of the release in the relay's words, apart from the sender's text."""
    request = answer.case.request
    shown = replace(request, sha=request.sha[:_SHA], confirm="")
    pairs = facts(released(shown, answer.case.proven, expires=""))
    notes = [f"*Expires* {when(request.expires_at)}"] if request.event_type and live else []
    if live and _confirm(answer):
        name = "Please note" if answer.words.confirm else ASKS_YOU_TO_NOTE
        notes.append(f"*{name}* {literal(_confirm(answer))}")
    if pairs or notes:
        title = _HEADLINES[answer.status][1] if request.event_type else "Where this comes from"
        yield section(mrkdwn(f"*{title}*"))
        yield from pairs
        if notes:
            yield {"type": "context", "elements": [mrkdwn(note) for note in notes]}


def _confirm(answer: Answer) -> str:
    return answer.words.confirm or answer.case.request.confirm


def _comment(case: Case) -> Block:
    required = case.request.require_comment
    return {
        "type": "input",
        # A box keeps its text for as long as its block's id stays: slackapi/bolt-js, issue 1372.
        "block_id": f"{COMMENT}-{fingerprint(case)}",
        "optional": not required,
        "label": plain_text("Comment" if required else "Comment (optional)", MAX_BUTTON),
        "element": {
            "type": "plain_text_input",
            "action_id": COMMENT,
            "multiline": True,
            "max_length": MAX_COMMENT,
        },
    }


def _buttons(answer: Answer) -> Iterator[Json]:
    confirm = _confirm(answer)
    for verdict in VERDICTS:
        words = label(answer.case.request, verdict, answer.words)
        button: dict[str, object] = {
            "type": "button",
            "action_id": verdict,
            "text": plain_text(words, MAX_BUTTON),
            "value": answer.ticket,
            "style": _STYLES[verdict],
        }
        if confirm and verdict == "approve":
            button["confirm"] = {
                "title": plain_text(words, MAX_CONFIRM["title"]),
                "text": plain_text(confirm, MAX_CONFIRM["text"]),
                "confirm": plain_text(words, MAX_CONFIRM["confirm"]),
                "deny": plain_text("Cancel", MAX_CONFIRM["deny"]),
            }
        yield button
