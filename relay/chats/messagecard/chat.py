"""Outlook's MessageCards: HttpPOST presses with a token of Microsoft Entra, and the card in the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from relay.chats.contract.chat import ChatCheck, DrawsForAskers, Setup, TakesPresses
from relay.chats.contract.incoming import Clicks
from relay.chats.settings_reader import SettingsReader, guid
from relay.model.delivery import Reply
from relay.model.request import ApprovalRequest, Proof

if TYPE_CHECKING:
    from relay.chats.drawn import CardFormat, DrawnCard, Links

ACTIONS_APP: Final = "48af08dc-f6d2-435f-b2a7-069abd99c086"  # Microsoft's client that carries actionable messages
_UNKNOWN: Final = (
    'no card that is known here: @type must be "MessageCard", or type "AdaptiveCard", or type "message" with an '
    "Adaptive Card among its attachments"
)


@dataclass(frozen=True, slots=True)
class CardSettings:
    """The tokens that come with presses: their accepted audiences, and the clients that carry them."""

    audience: tuple[str, ...]
    caller: tuple[str, ...]


class MessageCard(TakesPresses, DrawsForAskers):
    """The chat `messagecard`."""

    name = "messagecard"
    platform = "MessageCards"
    card_format = "messagecard"

    def read_settings(self, read: SettingsReader) -> CardSettings:
        """Read RELAY_CARD_AUDIENCE and RELAY_CARD_CALLER."""
        return CardSettings(
            audience=read.many("RELAY_CARD_AUDIENCE", str),
            caller=read.many("RELAY_CARD_CALLER", guid) or (ACTIONS_APP,),
        )

    def proves(self, own: CardSettings) -> tuple[str, ...]:
        """Return the identities that presses prove."""
        return ("entra",) if own.audience else ()

    def refuse(self, code: str) -> Reply:
        """Answer a press where the relay cannot start."""
        from relay.chats.messagecard.clicks import MessageCardClicks  # noqa: PLC0415 - see the contract

        return MessageCardClicks.refuse(code)

    def clicks(self, setup: Setup) -> Clicks:
        """Return the reader of presses."""
        from relay.chats.messagecard.clicks import MessageCardClicks  # noqa: PLC0415 - see the contract
        from relay.identity.token_claims import entra_profiles  # noqa: PLC0415 - as above

        profiles = entra_profiles(
            tenants=setup.entra.tenants,
            authority=setup.entra.authority,
            v1_issuer=setup.entra.v1_issuer,
            audiences=setup.own.audience,
            callers=setup.own.caller,
        )
        return MessageCardClicks(profiles, f"{setup.public_url}/api/interactions/{self.name}", setup.redraws)

    def checks(self) -> tuple[ChatCheck, ...]:
        """Return the checks of the doctor."""
        from relay.chats.messagecard.doctor import CHECKS  # noqa: PLC0415 - see the contract

        return CHECKS

    def fits(self, request: ApprovalRequest, proof: Proof) -> str:
        """Return why no MessageCard can show a request, or an empty text if one can."""
        from relay.chats.shared import message_card, message_card_limits  # noqa: PLC0415 - see the contract
        from relay.chats.shared.released import sample_case  # noqa: PLC0415 - as above

        proven = sample_case(request, proof).proven
        card = message_card.draw(request, target="https://relay.example", ticket="t" * 300, proven=proven)
        return next((f"as a card, {problem}" for problem in message_card_limits.check(card)), "")

    def recognizes(self, found: Mapping[str, object]) -> bool:
        """Tell whether a JSON object has the type of a MessageCard."""
        return "@type" in found

    def breaches(self, found: object) -> tuple[str, ...]:
        """Return each limit that a card breaks."""
        from relay.chats.shared import message_card_limits  # noqa: PLC0415 - see the contract

        if not isinstance(found, Mapping) or found.get("@type") == "MessageCard":
            return message_card_limits.check(found)
        return (_UNKNOWN,)

    def draw_for_asker(self, request: ApprovalRequest, links: "Links", wanted: "CardFormat") -> "DrawnCard":  # noqa: ARG002 - no options
        """Draw a MessageCard with buttons that press at the relay."""
        from relay.chats.drawn import DrawnCard  # noqa: PLC0415 - see the contract
        from relay.chats.shared import message_card  # noqa: PLC0415 - as above

        return DrawnCard(message_card.draw(request, target=links.target, ticket=links.ticket, proven=links.proven))


CHAT: Final = MessageCard()
