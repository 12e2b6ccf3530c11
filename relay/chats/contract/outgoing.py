"""Cards and notices that the relay posts in a chat."""

from typing import TYPE_CHECKING, NamedTuple, Protocol

from relay.model.answer import Answer
from relay.model.case import Case
from relay.model.debts import Outcome
from relay.model.events import Notice
from relay.model.request import ApprovalRequest, Proof
from relay.model.values import Json

if TYPE_CHECKING:
    from collections.abc import Callable

    from relay.approval.notice_text import Piece
    from relay.approval.policy import ChatChannel


class Drawing(Protocol):
    """The cards of a chat that the relay posts itself."""

    def draw(self, answer: Answer, channel: "ChatChannel") -> Json:
        """Return the whole message that shows a case, as the chat's API takes it."""

    def fits(self, request: ApprovalRequest, proof: Proof, channel: "ChatChannel") -> str:
        """Return why the chat cannot show a request's card, or an empty text if it can."""


class Posted(NamedTuple):
    """The address of a posted message. Its `place` may be a person's id, if only the chat knows the conversation."""

    place: str
    message: str


class OutgoingNotice(NamedTuple):
    """A notice to post: its pieces, and its `place`.

    It goes `below` a message if there is one, or replaces the one `shown` before.
    """

    case: Case
    notice: Notice
    channel: "ChatChannel"
    pieces: "tuple[Piece, ...]"
    place: str
    below: Posted | None = None
    shown: Posted | None = None


class Telling(Protocol):
    """The notices of a chat, or of another receiver of events."""

    def tell(self, outgoing: OutgoingNotice, *, deadline: float) -> tuple[Posted | None, Outcome]:
        """Tell a notice, once. Return where it is if it was posted anew, else None. Raises Outage."""


class Sending(Protocol):
    """The API of a chat that takes messages, and lets the relay change its own."""

    def post(self, place: str, message: Json, *, deadline: float) -> tuple[Posted | None, Outcome]:
        """Post a message, once. Return where it is, or None unless it was delivered. Raises Outage."""

    def update(self, place: str, message_id: str, message: Json, *, deadline: float) -> Outcome:
        """Put a message in the place of one posted before. Raises Outage."""

    def say(self, thread: str, message: Json, *, deadline: float) -> Outcome:
        """Send an aside, once. Raises Outage."""


def own_place(channel: "ChatChannel") -> tuple[str, ...]:
    """Return the one place of a channel: the channel's own, which is read when the card is posted."""
    del channel
    return ("",)


class Posting(NamedTuple):
    """The cards and the API of a chat to which the relay posts. `places` lists a channel's places, one card in each."""

    cards: Drawing
    api: Sending
    places: "Callable[[ChatChannel], tuple[str, ...]]" = own_place
