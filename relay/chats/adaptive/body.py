"""The body of the relay's Adaptive Cards: a request as it is first sent, and a case as it is now.

It has elements of version 1.0 only, so that one body serves Workflows, the bot and Outlook. The relay's words have a
box of their own, apart from the sender's.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final, NamedTuple

from relay.approval.debts import is_dispatch, shown_status, why_refused
from relay.approval.gates import ending
from relay.approval.runs import early_event
from relay.chats.adaptive.elements import (
    Element,
    container,
    fact_set,
    heading,
    link,
    plain,
    text_block,
    unlinked,
    when,
)
from relay.chats.adaptive.sender import sections
from relay.chats.shared.lines import kept_apart, on_one
from relay.chats.shared.released import note, released
from relay.chats.shared.run import name_of, run_words, shown_address
from relay.model.answer import NO_WORDS, Words
from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.people import Review
from relay.model.request import ApprovalRequest, Proven
from relay.model.runs import Run

_ASKS: Final = "What an approval releases"
_ASKED: Final = "What was asked for"
_HEADLINES: Final = MappingProxyType(  # what the card says first, in which color, and over the box of what is released
    {
        "pending": ("Waiting for approval", "accent", _ASKS),
        "approved": ("Approved", "good", "What was approved"),
        "rejected": ("Rejected", "attention", "What was rejected"),
        "superseded": ("Superseded by a newer request", "default", _ASKED),
        "cancelled": ("Cancelled", "default", _ASKED),
        "expired": ("Expired without a decision", "default", _ASKED),
        "elsewhere": ("Decided on GitHub", "default", _ASKED),
    }
)
_DISPATCH: Final = MappingProxyType(
    {
        "owed": ("GitHub has not taken {} yet; the relay keeps trying.", "default"),
        "delivered": ("GitHub has taken {}.", "default"),
        "refused": ("GitHub refused {}{}; the operator can mend this.", "attention"),
        "dead": ("GitHub never took {}; the operator can mend this.", "attention"),
        "dropped": ("The operator gave {} up; it is never sent.", "default"),
        "cancelled": ("GitHub was never told of {}: it was given up.", "default"),
    }
)
_RUN_COLORS: Final = MappingProxyType({"success": "good", "failure": "attention", "cancelled": "attention"})
_SHA: Final = 12  # characters
_IN_A_NAME: Final = str.maketrans("", "", "<>*_`~[]\\")
_REFERENCE: Final = re.compile(r"&(?=#?\w+;)")


class Mention(NamedTuple):
    """A person whom Teams notifies of the card; `id` is their user principal name or Entra object id."""

    name: str
    id: str


def first(
    request: ApprovalRequest, *, proven: Proven, mentions: Sequence[Mention] = (), local: bool = False
) -> list[Element]:
    """Draw a request as it is first sent; a notification has no headline.

    `local`: times are shown in each reader's own zone, which Teams can and Outlook on Windows cannot.
    """
    headline = [_headline("Approval requested", "accent")] if request.event_type else []
    release = _release(request, proven, _ASKS, NO_WORDS, local=local, live=True)
    return [*headline, *_request(request), *_mentions(mentions), *release, *_added(request)]


def current(
    case: Case,
    *,
    status: str,
    needs: str,
    words: Words = NO_WORDS,
    mentions: Sequence[Mention] = (),
    local: bool = False,
) -> list[Element]:
    """Draw a case as it is now.

    `needs` is the sentence of a pending case about missing reviews, `words` are the operator's for its stage, `local`
    is as in `first`.
    """
    request, live = case.request, status == "pending"
    headline_words, color, title = _HEADLINES[ending(case, status)]
    headline = [_headline(headline_words, color)] if request.event_type else []
    if needs:
        headline.append(text_block(unlinked(plain(needs)), isSubtle=True, spacing="none"))
    called = _mentions(mentions) if live else []
    release = _release(request, case.proven_on_cards, title, words, local=local, live=live)
    return [*headline, *_request(request), *called, *_current_state(case, local=local), *release, *_added(request)]


def entities(mentions: Sequence[Mention]) -> list[Element]:
    """Return the `msteams.entities` of a card, for the mentions in its text.

    https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format#mention-support-within-adaptive-cards
    """
    return [
        {"type": "mention", "text": f"<at>{name}</at>", "mentioned": {"id": mention.id, "name": name}}
        for name, mention in zip(_names(mentions), mentions, strict=True)
    ]


def _headline(words: str, color: str) -> Element:
    return text_block(words, color=color, weight="bolder")


def _request(request: ApprovalRequest) -> list[Element]:
    title = text_block(unlinked(plain(request.title)), size="large", weight="bolder", spacing="small")
    return [title, *([text_block(kept_apart(request.text), spacing="small")] if request.text else [])]


def _mentions(mentions: Sequence[Mention]) -> list[Element]:
    words = "For " + ", ".join(f"<at>{name}</at>" for name in _names(mentions))
    return [text_block(words, spacing="small")] if mentions else []


def _names(mentions: Sequence[Mention]) -> list[str]:
    """Return a different name for each mention, which reads the same in the text and in the entities.

    Teams knows a mention by its text alone: of two people of one name it would notify the first twice.
    """
    names: list[str] = []
    for mention in mentions:
        bare = _REFERENCE.sub("", mention.name.translate(_IN_A_NAME))
        name = numbered = unlinked(" ".join(bare.split())) or "approver"
        number = 1
        while numbered in names:
            number += 1
            numbered = f"{name} ({number})"
        names.append(numbered)
    return names


def _release(
    request: ApprovalRequest, proven: Proven, title: str, words: Words, *, local: bool, live: bool
) -> list[Element]:
    """Draw the facts of a release, in the relay's words, apart from the sender's text; `live` while it is possible."""
    # A whole commit id is one long word, which pushes all values out of a narrow card; the page has it.
    shown = replace(request, sha=request.sha[:_SHA], confirm="")
    facts = [(name, unlinked(plain(value))) for name, value in released(shown, proven, expires="")]
    if request.run_url:
        facts.append(("Run", link(request.run_url.removeprefix("https://"), request.run_url)))
    if request.event_type and live:
        facts.append(("Expires", when(request.expires_at, local=local)))
    items = fact_set(facts)
    name, said = note(request, words)
    if said and live:
        items.append(text_block(f"**{name}:** {unlinked(plain(said))}", spacing="small"))
    head = heading(title if request.event_type else "Where this comes from")
    return container([head, *items] if items else [], style="emphasis", spacing="medium")


def _added(request: ApprovalRequest) -> list[Element]:
    return [*_sender(request), *sections(request.sections)]


def _sender(request: ApprovalRequest) -> list[Element]:
    items = fact_set((plain(str(fact["name"])), plain(on_one(str(fact["value"])))) for fact in request.facts)
    if request.links:
        items.append(text_block(" · ".join(link(str(each["name"]), str(each["url"])) for each in request.links)))
    return container([heading("From the sender"), *items] if items else [], separator=True, spacing="medium")


def _current_state(case: Case, *, local: bool) -> list[Element]:
    items = [element for review in case.reviews for element in _review(review, local=local)]
    if case.superseded_by:
        newer = case.superseded_by
        items.append(text_block(f"Newer request: {unlinked(plain(f'{newer.title} ({newer.id})'))}"))
    items += [_dispatch(debt, name_of(case, debt)) for debt in case.debts if is_dispatch(debt)]
    items += _run(case.run, early_event(case, case.run)) if case.run else []
    return container(items, separator=True, spacing="medium")


def _dispatch(debt: Debt, name: str) -> Element:
    words, color = _DISPATCH[shown_status(debt)]
    return text_block(words.format(unlinked(plain(name)) if name else "it", plain(why_refused(debt))), color=color)


def _run(run: Run, event: str) -> list[Element]:
    looks = {"color": _RUN_COLORS.get(run.status, "accent"), "weight": "bolder"}
    lines = [text_block(f"{run_words(run, unlinked(plain(event)))}.", **looks)]
    if run.said:
        lines.append(text_block(f"“{plain(on_one(run.said))}”", spacing="small"))
    if run.url:
        lines.append(text_block(link(shown_address(run.url), run.url), spacing="small"))
    return lines


def _review(review: Review, *, local: bool) -> list[Element]:
    word, color = ("approved", "good") if review.verdict == "approve" else ("rejected", "attention")
    lines = [
        text_block(f"{unlinked(plain(review.by.name))} {word}", weight="bolder", color=color),
        text_block(
            f"stage {unlinked(plain(review.stage))}, {when(review.at, local=local)}",
            isSubtle=True,
            size="small",
            spacing="none",
        ),
    ]
    if review.comment.strip():
        lines.append(text_block(f"“{plain(on_one(review.comment))}”", spacing="small"))
    return lines
