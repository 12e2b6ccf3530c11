"""The drawing of a request as a MessageCard.

Reference: https://learn.microsoft.com/outlook/actionable-messages/message-card-reference
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from relay.approval.debts import is_dispatch, shown_status, why_refused
from relay.approval.gates import ending
from relay.approval.runs import early_event
from relay.chats.adaptive.elements import plain, unlinked
from relay.chats.bidi import readable
from relay.chats.shared.lines import kept_apart, on_one, section_kept_apart
from relay.chats.shared.message_card_buttons import only_links, run_again, verdict_buttons, without_buttons
from relay.chats.shared.message_card_text import escape, link_to, own_fact, senders_fact
from relay.chats.shared.released import released
from relay.chats.shared.run import name_of, run_words, shown_address
from relay.model.answer import NO_WORDS, Words
from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.people import Review
from relay.model.request import ApprovalRequest, Proven
from relay.model.runs import Run
from relay.model.values import Json, iso

ORIGINATOR: Final = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_COLORS: Final = {"approved": "2DA44E", "rejected": "CF222E"}
_CLOSED_COLOR: Final = "8C959F"
_HEADLINES: Final = {
    "approved": "Approved",
    "rejected": "Rejected",
    "superseded": "Superseded by a newer request",
    "cancelled": "Cancelled",
    "expired": "Expired without a decision",
    "elsewhere": "Decided on GitHub",
}
_ASKS: Final = "What an approval releases"
_DECIDED: Final = {"approved": "What was approved", "rejected": "What was rejected"}  # over what is released
_ASKED: Final = "What was asked for"
_DISPATCH: Final = {
    "owed": "not taken yet, the relay keeps trying",
    "delivered": "taken",
    "refused": "refused",
    "dead": "never taken",
    "dropped": "given up by the operator",
    "cancelled": "given up",
}


def draw(
    request: ApprovalRequest, *, target: str, ticket: str, proven: Proven, originator: str = ""
) -> dict[str, object]:
    """Draw a request as it is first sent, its buttons pressing at `target` with `ticket`.

    A request without an event type is a notification: it has no Approve and Reject. In a mail to other people Outlook
    asks for the `originator`: the id of the provider that registered, a GUID.
    """
    buttons = verdict_buttons(request, target, ticket, originator) if request.event_type else []
    live = [*buttons, *request.actions]
    card = _card(request, color=request.theme_color, proven=proven, current=[], actions=live)
    return _mailed(card, originator)


def redraw(  # noqa: PLR0913 - each goes by its name
    case: Case,
    *,
    status: str,
    needs: str,
    target: str,
    ticket: str,
    originator: str = "",
    typed: str | None = None,
    words: Words = NO_WORDS,
    again: str = "",
) -> dict[str, object]:
    """Draw a case as it is now; `ticket` is empty once no button may live.

    `typed` is the comment of a press that this card confirms. Such a card has no button of the sender's.
    `words` are the operator's for the stage. `again` is the ticket for the button that runs a failed release again.

    `needs` says what a pending case waits for. The card has the `originator` of the pressed card, or Outlook declines
    its buttons.
    """
    facts = [own_fact("Needs", needs)] if needs else []
    facts += [_review(review) for review in case.reviews]
    if case.superseded_by:
        facts.append(own_fact("Newer request", f"{case.superseded_by.title} ({case.superseded_by.id})"))
    facts += [
        own_fact(_about(case, debt), _DISPATCH[shown_status(debt)] + why_refused(debt))
        for debt in case.debts
        if is_dispatch(debt)
    ]
    facts += [_run(case.run, early_event(case, case.run))] if case.run else []
    headline = _HEADLINES.get(ending(case, status), "Waiting for approval")
    current = [{"startGroup": True, "title": headline, "facts": facts}] if facts else [{"title": headline}]
    color = case.request.theme_color if ticket else _COLORS.get(status, _CLOSED_COLOR)
    request = case.request
    actions: list[Json] = [*verdict_buttons(request, target, ticket, originator, typed or "", words)] if ticket else []
    actions += [run_again(target, again, originator)] if again else []
    if ticket and typed is None:
        actions += request.actions
    else:
        actions += only_links(request.actions)
        request = replace(request, sections=tuple(without_buttons(section) for section in request.sections))
    title = _ASKS if status == "pending" else _DECIDED.get(status, _ASKED)
    proven = case.proven_on_cards
    card = _card(request, color=color, proven=proven, current=current, actions=actions, title=title, words=words)
    return _mailed(card, originator)


def _mailed(card: dict[str, object], originator: str) -> dict[str, object]:
    """Add the members of a card in a mail. The mail's own body says the same and is not shown beside it."""
    return {**card, "originator": originator, "hideOriginalBody": True} if originator else card


def _card(
    request: ApprovalRequest,
    *,
    color: str,
    proven: Proven,
    current: Sequence[Json],
    actions: Sequence[Json],
    title: str = _ASKS,
    words: Words = NO_WORDS,
) -> dict[str, object]:
    sections = [
        *current,
        _release(request, proven, title, words),
        *_sender(request),
        *map(section_kept_apart, request.sections),
    ]
    card: dict[str, object] = {
        "@type": "MessageCard",
        "@context": "https://schema.org/extensions",
        # Teams answers 400 to a card without a summary, even when it has a text.
        "summary": readable(request.summary or request.title),
        "themeColor": (color or "0969DA").removeprefix("#"),
        "title": unlinked(plain(request.title)),
    }
    if request.text:
        card["text"] = kept_apart(request.text)
    drawn = [section for section in sections if section]
    if drawn:
        card["sections"] = drawn
    if actions:
        card["potentialAction"] = list(actions)
    return card


def _release(request: ApprovalRequest, proven: Proven, title: str, words: Words) -> dict[str, object]:
    """Draw the facts of a release, apart from the sender's text. One that is decided no longer expires or warns."""
    expires = iso(request.expires_at) if title == _ASKS else ""
    shown = request if expires else replace(request, confirm="")
    drawn = [own_fact(name, value) for name, value in released(shown, proven, expires=expires, words=words)]
    if request.run_url:
        drawn.append({"name": "Run", "value": link_to(request.run_url, request.run_url)})
    heading = title if request.event_type else "Where this comes from"
    return {"startGroup": True, "title": heading, "facts": drawn} if drawn else {}


def _sender(request: ApprovalRequest) -> list[dict[str, object]]:
    section: dict[str, object] = {}
    if request.facts:
        section["facts"] = [senders_fact(str(fact["name"]), on_one(str(fact["value"]))) for fact in request.facts]
    if request.links:
        section["text"] = " | ".join(link_to(str(link["name"]), str(link["url"])) for link in request.links)
    return [{"startGroup": True, "title": "From the sender", **section}] if section else []


def _review(review: Review) -> dict[str, str]:
    word = "Approved by" if review.verdict == "approve" else "Rejected by"
    said = f": {escape(on_one(review.comment))}" if review.comment.strip() else ""
    by = own_fact(word, f"{review.by.name} at {iso(review.at)}, stage {review.stage}")
    return {**by, "value": by["value"] + said}


def _run(run: Run, event: str) -> dict[str, str]:
    said = f": {escape(on_one(run.said))}" if run.said else ""
    where = f" ({link_to(shown_address(run.url), run.url)})" if run.url else ""
    own = own_fact("Before the decision" if event else "Release", run_words(run, event))
    return {**own, "value": own["value"] + said + where}


def _about(case: Case, debt: Debt) -> str:
    name = name_of(case, debt)
    return f"GitHub, {name}" if name else "GitHub"
