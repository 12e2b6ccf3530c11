"""Outlook's mails: an Adaptive Card or a MessageCard inside an e-mail. Their presses come in by another chat."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from relay.chats.contract.chat import ChecksMails, DrawsForAskers, IsPressedElsewhere
from relay.model.request import ApprovalRequest

if TYPE_CHECKING:
    from relay.chats.drawn import CardFormat, DrawnCard, Links


class Outlook(DrawsForAskers, ChecksMails, IsPressedElsewhere):
    """The chat `outlook`."""

    name = "outlook"
    platform = "Outlook"
    card_format = "outlook-email"
    pressed_format = "adaptive"

    def redraw(self, *given: Any, **named: Any) -> dict[str, object]:
        """Draw a case anew, for the answer to a press on an Adaptive Card."""
        from relay.chats.outlook.card import redraw  # noqa: PLC0415 - see the contract

        return redraw(*given, **named)

    def recognizes(self, found: Mapping[str, object]) -> bool:
        """Tell whether a JSON object is an Adaptive Card by itself."""
        return found.get("type") == "AdaptiveCard" and "statusCode" not in found

    def breaches(self, found: object) -> tuple[str, ...]:
        """Return each limit that a card breaks."""
        from relay.chats.adaptive import limits  # noqa: PLC0415 - see the contract
        from relay.chats.adaptive.hosts import OUTLOOK  # noqa: PLC0415 - as above
        from relay.chats.shared import message_card_limits  # noqa: PLC0415 - as above

        if isinstance(found, Mapping) and found.get("@type") == "MessageCard":
            return message_card_limits.check(found)
        return tuple(limits.check(found, OUTLOOK))

    def lint_html(self, html: str, relay: str) -> tuple[str, ...]:
        """Return each problem of a mail that holds a card. `relay` is the relay's origin, or empty."""
        from relay.chats.outlook.lint_mail import check  # noqa: PLC0415 - see the contract

        return check(html, relay)

    def draw_for_asker(self, request: ApprovalRequest, links: "Links", wanted: "CardFormat") -> "DrawnCard":
        """Draw a mail around a card whose buttons press at the relay."""
        from relay.chats.drawn import DrawnCard, Letter  # noqa: PLC0415 - see the contract
        from relay.chats.outlook import card as adaptive  # noqa: PLC0415 - as above
        from relay.chats.outlook import mail  # noqa: PLC0415 - as above
        from relay.chats.shared import message_card  # noqa: PLC0415 - as above

        draw = adaptive.draw if wanted.outlook_card == "adaptive" else message_card.draw
        proven, review_url = links.proven, links.review_url
        card = draw(request, target=links.target, ticket=links.ticket, proven=proven, originator=wanted.originator)
        html = mail.draw_mail(request, card=card, review_url=review_url, proven=proven)
        text = mail.draw_text(request, review_url=review_url, proven=proven)
        return DrawnCard(card, Letter(mail.subject(request), text, html))


CHAT: Final = Outlook()
