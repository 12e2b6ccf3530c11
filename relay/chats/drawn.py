"""Cards for the asker to post or mail: the links and the options of a card, and the card itself."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from relay.model.request import Proven
from relay.model.values import Json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relay.chats.adaptive.body import Mention


@dataclass(frozen=True, slots=True)
class Links:
    """The links from a card to the relay. Buttons press at `target` with `ticket`; the review page is at `review_url`.

    All are empty for a notification.
    """

    target: str = ""
    ticket: str = ""
    review_url: str = ""
    proven: Proven = ()


@dataclass(frozen=True, slots=True)
class CardFormat:
    """The format of a card, and the options that only some formats have."""

    form: str
    mentions: "Sequence[Mention]" = ()
    outlook_card: Literal["adaptive", "messagecard"] = "adaptive"
    originator: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail: its subject, and its body in two forms."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class DrawnCard:
    """A card as JSON; in a mail also the letter that holds it."""

    card: Json
    letter: Letter | None = None
