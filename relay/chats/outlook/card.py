"""The drawing of a request as an Adaptive Card for an e-mail: version 1.0, with buttons of the kind `Action.Http`.

From version 1.4 on Outlook draws no such buttons. `Action.Submit` and `Input.Time` it never draws.
Reference: https://learn.microsoft.com/outlook/actionable-messages/adaptive-card
"""

from typing import Final, Literal

from relay.chats.adaptive import body
from relay.chats.adaptive.elements import Element, plain, text_block, unlinked
from relay.chats.adaptive.sender import open_urls
from relay.chats.labels import RUN_AGAIN, label, opener
from relay.chats.shared.comments import BODY
from relay.chats.shared.released import note
from relay.model.answer import NO_WORDS, Words
from relay.model.case import Case
from relay.model.people import MAX_COMMENT, Verdict
from relay.model.request import ApprovalRequest, Proven

FORMAT: Final = "adaptive"  # the header Relay-Card of our buttons
_MAX_ACTIONS: Final = (
    5  # the default of Microsoft's renderer, https://learn.microsoft.com/adaptive-cards/rendering-cards/host-config
)


def draw(request: ApprovalRequest, *, target: str, ticket: str, proven: Proven, originator: str) -> dict[str, object]:
    """Draw a request as it is first sent, its buttons pressing at `target` with `ticket`.

    A request without an event type is a notification: it has no Approve and Reject. `originator` is the id of the
    provider that registered, a GUID; only a mail to oneself does without.
    """
    live = ticket if request.event_type else ""
    return _card(request, body.first(request, proven=proven), target=target, ticket=live, originator=originator)


def redraw(  # noqa: PLR0913 - each goes by its name
    case: Case,
    *,
    status: str,
    needs: str,
    target: str,
    ticket: str,
    originator: str,
    typed: str | None = None,
    words: Words = NO_WORDS,
    again: str = "",
) -> dict[str, object]:
    """Draw a case as it is now; `ticket` is empty once no button may live.

    `typed` is the comment of a press that this card confirms. `words` are the operator's for the stage.
    `again` is the ticket for the button that runs a failed release again.

    `needs` says what a pending case waits for. The card has the `originator` of the pressed card, or Outlook declines
    its buttons.
    """
    current = body.current(case, status=status, needs=needs, words=words)
    return _card(
        case.request,
        current,
        target=target,
        ticket=ticket,
        originator=originator,
        typed=typed or "",
        words=words,
        again=again,
    )


def _card(  # noqa: PLR0913 - as above
    request: ApprovalRequest,
    elements: list[Element],
    *,
    target: str,
    ticket: str,
    originator: str,
    typed: str = "",
    words: Words = NO_WORDS,
    again: str = "",
) -> dict[str, object]:
    common = [{"name": "Relay-Ticket", "value": ticket or again}, {"name": "Relay-Card", "value": FORMAT}]
    common += [{"name": "Relay-Originator", "value": originator}] if originator else []
    card: dict[str, object] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.0",
        **({"originator": originator} if originator else {}),
        # The body of the mail says the same for those whose program draws no cards.
        "hideOriginalBody": True,
        "body": [*elements, _comment(typed, required=request.require_comment)] if ticket else elements,
    }
    actions = [_button(request, verdict, target, common, words) for verdict in ("approve", "reject")] if ticket else []
    actions += [_run_again(target, common)] if again else []
    if request.run_url:
        actions.append({"type": "Action.OpenUrl", "title": "Open the run", "url": request.run_url})
    actions += open_urls(request.actions)
    if actions:
        card["actions"] = actions[:_MAX_ACTIONS]
    if ticket:
        # A person who opens the mail later sees the outcome of the request. It is a look, and no word on the case.
        # https://learn.microsoft.com/outlook/actionable-messages/auto-invoke
        look = [*common, {"name": "Relay-Look", "value": "true"}]
        card["autoInvokeAction"] = {"type": "Action.Http", "method": "POST", "url": target, "headers": look, "body": ""}
    return card


def _comment(typed: str, *, required: bool) -> Element:
    return {
        "type": "Input.Text",
        "id": "comment",
        "placeholder": "Comment (required)" if required else "Comment (optional)",
        "isMultiline": True,
        "maxLength": MAX_COMMENT,
        "spacing": "medium",
        **({"value": typed} if typed else {}),
    }


def _run_again(target: str, common: list[dict[str, str]]) -> Element:
    headers = [*common, {"name": "Relay-Verdict", "value": "again"}]
    return {"type": "Action.Http", "title": RUN_AGAIN, "method": "POST", "url": target, "headers": headers, "body": ""}


def _button(
    request: ApprovalRequest, verdict: Verdict, target: str, common: list[dict[str, str]], words: Words
) -> Element:
    """Return a button that opens a question, and below it the button that decides.

    One comment serves both buttons.
    """
    # The values of all inputs of a card are looked up by their ids: of two inputs with one id only one would arrive.
    # By this very value Outlook knows that what a person typed is put into JSON, and escapes it.
    json = {"name": "Content-Type", "value": "application/json"}
    press = {
        "type": "Action.Http",
        "title": label(request, verdict, words),
        "method": "POST",
        "url": target,
        "headers": [*common, {"name": "Relay-Verdict", "value": verdict}, json],
        "body": BODY,
    }
    once_more = {"type": "AdaptiveCard", "body": _once_more(request, verdict, words), "actions": [press]}
    return {"type": "Action.ShowCard", "title": opener(request, verdict, words), "card": once_more}


def _once_more(request: ApprovalRequest, verdict: Literal["approve", "reject"], words: Words) -> list[Element]:
    where = f"{request.repository}, {request.environment}" if request.environment else request.repository
    asked = [text_block(f"You {verdict} {unlinked(plain(request.event_type))} of {unlinked(plain(where))}.")]
    name, said = note(request, words)
    if said and verdict == "approve":
        asked.append(text_block(f"**{name}:** {unlinked(plain(said))}"))
    return asked
