"""Teams through a Workflows webhook: an asker's Adaptive Card, whose button leads to the review page."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from relay.chats.contract.chat import DrawsForAskers
from relay.model.request import ApprovalRequest

if TYPE_CHECKING:
    from relay.chats.drawn import CardFormat, DrawnCard, Links


class Workflows(DrawsForAskers):
    """The chat `workflows`."""

    name = "workflows"
    platform = "Teams through Workflows"
    card_format = "adaptive"
    webhook_hosts = ("logic.azure.com", "logic.azure.us", "powerplatform.com", "powerplatform.us")

    def recognizes(self, found: Mapping[str, object]) -> bool:
        """Tell whether a JSON object is an Adaptive Card, or a message that no bot sends."""
        from relay.chats.shared.messages import is_by_bot, is_message  # noqa: PLC0415 - see the contract

        if is_message(found):
            return not is_by_bot(found)
        return found.get("type") == "AdaptiveCard" and "statusCode" not in found

    def breaches(self, found: object) -> tuple[str, ...]:
        """Return each limit that a message breaks; a bare card counts as if it were wrapped in one."""
        from relay.chats.workflows.limits import breaches  # noqa: PLC0415 - see the contract

        return breaches(found)

    def webhook_fault(self, path: str, query: Mapping[str, object]) -> str:  # noqa: ARG002 - the query says it
        """Return why an address is no trigger that anybody may call, or an empty text."""
        return (
            "" if "sig" in query else "its signature (sig=) is missing, so that it was cut short or asks for a sign-in"
        )

    def draw_for_asker(self, request: ApprovalRequest, links: "Links", wanted: "CardFormat") -> "DrawnCard":
        """Draw the message for a webhook; its button opens the review page."""
        from relay.chats.drawn import DrawnCard  # noqa: PLC0415 - see the contract
        from relay.chats.workflows.card import draw  # noqa: PLC0415 - see the contract

        drawn = draw(request, review_url=links.review_url, proven=links.proven, mentions=wanted.mentions)
        return DrawnCard(drawn)


CHAT: Final = Workflows()
