"""Draws a case for Slack: a message of blocks, with an input for the comment and two buttons that decide.

https://docs.slack.dev/reference/block-kit
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from relay.approval.cards import fingerprint
from relay.approval.gates import ending
from relay.chats.bidi import straight
from relay.chats.labels import RUN_AGAIN, label
from relay.chats.shared.released import cut_short, note, released
from relay.chats.slack.elements import MAX_BUTTON, MAX_CONFIRM
from relay.chats.slack.limits import MAX_HEADER, MAX_SECTION, MAX_TEXT, breaches
from relay.chats.slack.payload import AGAIN, COMMENT
from relay.chats.slack.progress import MAX_REVIEWS, progress
from relay.chats.slack.sender import Block, added, facts, links, section
from relay.chats.slack.text import cut, escaped, literal, markdown_sections, mrkdwn, plain_text, when
from relay.model.answer import Answer
from relay.model.case import Case
from relay.model.people import MAX_COMMENT, Verdict
from relay.model.request import ApprovalRequest, Origin, Proven
from relay.model.values import Json

MAX_MENTIONS: Final = 10
VERDICTS: Final[tuple[Verdict, ...]] = ("approve", "reject")
_STYLES: Final = MappingProxyType({"approve": "primary", "reject": "danger"})
_HEADLINES: Final = MappingProxyType(  # and the headline over the facts of the release
    {
        "pending": ("Waiting for approval", "What an approval releases"),
        "approved": ("Approved", "What was approved"),
        "rejected": ("Rejected", "What was rejected"),
        "superseded": ("Superseded by a newer request", "What was asked for"),
        "cancelled": ("Cancelled", "What was asked for"),
        "expired": ("Expired without a decision", "What was asked for"),
        "elsewhere": ("Decided on GitHub", "What was asked for"),
    }
)
_SHA: Final = 12  # characters
_FEW: Final = 5  # reviews
_LENGTHS: Final = (MAX_COMMENT, 500, 200, 40)  # of comments, for a card that grows too large


def draw(answer: Answer, *, mentions: Sequence[str] = (), is_first: bool = False) -> dict[str, object]:
    """Return the whole message that shows a case, `text` and `blocks`, with the comments cut as far as needed.

    `mentions` are the user ids of the people whose word is awaited. `is_first`: the asker sends it, and nobody has
    seen the request yet.
    """
    case = answer.case
    # The request fits, and Slack takes a tenth more than the limit: a few reviews without a comment always fit.
    if not case.runs and len(case.reviews) <= _FEW and not any(review.comment for review in case.reviews):
        return _message(answer, mentions, is_first=is_first)
    for length in _LENGTHS:
        message = _message(replace(answer, case=_shortened(case, length)), mentions, is_first=is_first)
        if not breaches(message):
            return message
    return _message(replace(answer, case=cut_short(case, 0)), mentions, is_first=is_first, most=0)


def first(request: ApprovalRequest, proven: Proven, ticket: str) -> dict[str, object]:
    """Return the message of a request as the asker sends it, its buttons with `ticket`."""
    return draw(
        Answer("pending", "", Case(request, "offline", origin=Origin("", proven)), "pending", ticket=ticket),
        is_first=True,
    )


def _shortened(case: Case, length: int) -> Case:
    reviews = (replace(each, comment=cut(each.comment, length)) for each in case.reviews)
    runs = (replace(each, text=cut(each.text, length)) for each in case.runs)
    return replace(case, reviews=tuple(reviews), runs=tuple(runs))


def _message(answer: Answer, mentions: Sequence[str], *, is_first: bool, most: int = MAX_REVIEWS) -> dict[str, object]:
    request, blocks = answer.case.request, list(_blocks(answer, mentions, is_first=is_first, most=most))
    words = straight(" ".join((request.summary or request.title).split()))
    headline = f"{_headline(answer, is_first=is_first)}: " if request.event_type else ""
    return {"text": cut(headline, MAX_TEXT) + escaped(cut(words, 500)), "blocks": blocks}


def _blocks(answer: Answer, mentions: Sequence[str], *, is_first: bool, most: int) -> Iterator[Block]:
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
    yield from progress(case, most)
    yield from _release(answer, live=live)
    yield from added(request)
    if answer.ticket:
        yield _comment(case)
        yield {"type": "actions", "block_id": "decide", "elements": list(_buttons(answer))}
    if answer.again:
        button = {
            "type": "button",
            "action_id": AGAIN,
            "text": plain_text(RUN_AGAIN, MAX_BUTTON),
            "value": answer.again,
        }
        yield {"type": "actions", "block_id": AGAIN, "elements": [button]}
    yield from links(request)


def _headline(answer: Answer, *, is_first: bool) -> str:
    return "Approval requested" if is_first else _HEADLINES[ending(answer.case, answer.status)][0]


def _called(mentions: Sequence[str]) -> str:
    more = len(mentions) - MAX_MENTIONS
    named = ", ".join(f"<@{each}>" for each in mentions[:MAX_MENTIONS])
    return f"For {named}" + (f" and {more} more" if more > 0 else "")


def _release(answer: Answer, *, live: bool) -> Iterator[Block]:
    """Draw the facts of the release in the relay's words, apart from the sender's text."""
    request = answer.case.request
    shown = replace(request, sha=request.sha[:_SHA], confirm="")
    pairs = facts(released(shown, answer.case.proven_on_cards, expires=""))
    notes = [f"*Expires* {when(request.expires_at)}"] if request.event_type and live else []
    name, said = note(request, answer.words)
    if live and said:
        notes.append(f"*{name}* {literal(said)}")
    if pairs or notes:
        title = _HEADLINES[ending(answer.case, answer.status)][1] if request.event_type else "Where this comes from"
        yield section(mrkdwn(f"*{title}*"))
        yield from pairs
        if notes:
            yield {"type": "context", "elements": [mrkdwn(each) for each in notes]}


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
    name, confirm = note(answer.case.request, answer.words)
    asked = confirm if answer.words.confirm else f"{name}: {confirm}"
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
                "text": plain_text(asked, MAX_CONFIRM["text"]),
                "confirm": plain_text(words, MAX_CONFIRM["confirm"]),
                "deny": plain_text("Cancel", MAX_CONFIRM["deny"]),
            }
        yield button
