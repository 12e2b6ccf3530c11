"""The drawing of a request as a MessageCard.

Reference: https://learn.microsoft.com/outlook/actionable-messages/message-card-reference
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from relay.approval.debts import shown_status
from relay.chats.adaptive.elements import address, plain, unlinked
from relay.chats.bidi import readable
from relay.chats.labels import label, opener
from relay.chats.shared.comments import BODY
from relay.chats.shared.lines import kept_apart, on_one, section_kept_apart
from relay.chats.shared.released import released
from relay.model import MAX_COMMENT, ApprovalRequest, Case, Debt, Json, Proven, Review, Verdict, iso

ORIGINATOR: Final = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_MARKDOWN: Final = re.compile(r"([\\`*_\[\]<>~]|^[#+-])")
# A backslash before a character reference would be shown, and so would `&amp;` where references are not read.
_PART: Final = "\u200b"  # zero width space
_REFERENCE: Final = re.compile(r"&(?=#?\w+(?:;|$))")
_NUMBERED: Final = re.compile(r"\d+[.)]")
_SPACE: Final = re.compile(r"\s+")
_COLORS: Final = {"approved": "2DA44E", "rejected": "CF222E"}
_CLOSED_COLOR: Final = "8C959F"
_HEADLINES: Final = {
    "approved": "Approved",
    "rejected": "Rejected",
    "superseded": "Superseded by a newer request",
    "cancelled": "Cancelled by the requester",
    "expired": "Expired without a decision",
}
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
    buttons = _buttons(request, target, ticket, originator) if request.event_type else []
    live = [*buttons, *request.actions]
    card = _card(request, color=request.theme_color, proven=proven, standing=[], actions=live)
    return _mailed(card, originator)


def redraw(
    case: Case, *, status: str, needs: str, target: str, ticket: str, originator: str = "", typed: str | None = None
) -> dict[str, object]:
    """Draw a case as it is now; `ticket` is empty once no button may live.

    `typed` is the comment of a press that this card confirms. Such a card has no button of the sender's.

    `needs` says what a pending case waits for. The card has the `originator` of the pressed card, or Outlook declines
    its buttons.
    """
    facts = [_own("Needs", needs)] if needs else []
    facts += [_review(review) for review in case.reviews]
    if case.superseded_by:
        facts.append(_own("Newer request", f"{case.superseded_by.title} ({case.superseded_by.id})"))
    facts += [_own(_about(debt), _DISPATCH[shown_status(debt)]) for debt in case.debts if debt.kind == "dispatch"]
    headline = _HEADLINES.get(status, "Waiting for approval")
    standing = [{"startGroup": True, "title": headline, "facts": facts}] if facts else [{"title": headline}]
    color = case.request.theme_color if ticket else _COLORS.get(status, _CLOSED_COLOR)
    request = case.request
    actions: list[Json] = [*_buttons(request, target, ticket, originator, typed or "")] if ticket else []
    if ticket and typed is None:
        actions += request.actions
    else:
        actions += _links(request.actions)
        request = replace(request, sections=tuple(_without_buttons(section) for section in request.sections))
    card = _card(request, color=color, proven=case.proven, standing=standing, actions=actions)
    return _mailed(card, originator)


def _mailed(card: dict[str, object], originator: str) -> dict[str, object]:
    """Add the members of a card in a mail. The mail's own body says the same and is not shown beside it."""
    return {**card, "originator": originator, "hideOriginalBody": True} if originator else card


def _links(actions: Iterable[Json]) -> list[Json]:
    return [action for action in actions if action.get("@type") == "OpenUri"]


def _without_buttons(section: Json) -> Json:
    actions = section.get("potentialAction")
    if not isinstance(actions, list):
        return section
    return {**section, "potentialAction": _links(action for action in actions if isinstance(action, dict))}


def _card(
    request: ApprovalRequest, *, color: str, proven: Proven, standing: Sequence[Json], actions: Sequence[Json]
) -> dict[str, object]:
    sections = [*standing, _release(request, proven), *_sender(request), *map(section_kept_apart, request.sections)]
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


def _release(request: ApprovalRequest, proven: Proven) -> dict[str, object]:
    """Draw the facts of a release, apart from the sender's text."""
    drawn = [_own(name, value) for name, value in released(request, proven, expires=iso(request.expires_at))]
    if request.run_url:
        drawn.append({"name": "Run", "value": _link(request.run_url, request.run_url)})
    title = "What an approval releases" if request.event_type else "Where this comes from"
    return {"startGroup": True, "title": title, "facts": drawn} if drawn else {}


def _sender(request: ApprovalRequest) -> list[dict[str, object]]:
    section: dict[str, object] = {}
    if request.facts:
        section["facts"] = [_fact(str(fact["name"]), on_one(str(fact["value"]))) for fact in request.facts]
    if request.links:
        section["text"] = " | ".join(_link(str(link["name"]), str(link["url"])) for link in request.links)
    return [{"startGroup": True, "title": "From the sender", **section}] if section else []


def _buttons(request: ApprovalRequest, target: str, ticket: str, originator: str, typed: str = "") -> list[Json]:
    required = request.require_comment
    comment = {
        "@type": "TextInput",
        "id": "comment",
        "title": "Comment (required)" if required else "Comment (optional)",
        "isMultiline": True,
        "isRequired": required,
        "maxLength": MAX_COMMENT,
        **({"value": typed} if typed else {}),
    }
    verdicts: tuple[Verdict, ...] = ("approve", "reject")
    return [
        {
            "@type": "ActionCard",
            "name": opener(request, verdict),
            "inputs": [comment],
            "actions": [
                {
                    "@type": "HttpPOST",
                    "name": label(request, verdict),
                    "isPrimary": verdict == "approve",
                    "target": target,
                    "headers": [
                        {"name": "Relay-Ticket", "value": ticket},
                        {"name": "Relay-Verdict", "value": verdict},
                        *([{"name": "Relay-Originator", "value": originator}] if originator else []),
                    ],
                    "body": BODY,
                    "bodyContentType": "application/json",
                }
            ],
        }
        for verdict in verdicts
    ]


def _review(review: Review) -> dict[str, str]:
    word = "Approved by" if review.verdict == "approve" else "Rejected by"
    said = f": {_escape(on_one(review.comment))}" if review.comment.strip() else ""
    by = _own(word, f"{review.by.name} at {iso(review.at)}, stage {review.stage}")
    return {**by, "value": by["value"] + said}


def _about(debt: Debt) -> str:
    return f"GitHub, {debt.event_type}" if debt.decision else "GitHub"


def _fact(name: str, value: str) -> dict[str, str]:
    return {"name": _escape(name), "value": _escape(value)}


def _own(name: str, value: str) -> dict[str, str]:
    return {"name": unlinked(_escape(name)), "value": unlinked(_escape(value))}


def _link(name: str, url: str) -> str:
    return f"[{_escape(name)}]({address(url)})"


def _escape(text: str) -> str:
    """Keep a person's or sender's words from being Markdown, and on one line."""
    line = _SPACE.sub(" ", readable(text)).strip()
    kept = _MARKDOWN.sub(r"\\\1", _REFERENCE.sub(f"&{_PART}", line))
    return _PART + kept if _NUMBERED.match(line) else kept
