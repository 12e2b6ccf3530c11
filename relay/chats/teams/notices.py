"""Notices in Teams: plain words by the bot in a conversation, in a thread, or in the place of an announcement.

https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from relay.approval.notice_text import Piece
from relay.chats.bidi import straight
from relay.chats.contract.outgoing import OutgoingNotice, Posted, Sending
from relay.chats.shared.lines import on_one
from relay.chats.shared.notices import without_doubt
from relay.model.debts import Outcome
from relay.model.values import Json

_OF_A_TEAM: Final = ("@thread.tacv2", "@thread.skype")  # the conversations that have threads


@dataclass(frozen=True, slots=True)
class TeamsNotices:
    """The notices of Teams, posted by its `api`."""

    api: Sending

    def tell(self, outgoing: OutgoingNotice, *, deadline: float) -> tuple[Posted | None, Outcome]:
        """Post a notice, or change the announcement."""
        message = draw(outgoing.pieces)
        if outgoing.shown:
            return None, self.api.update(outgoing.shown.place, outgoing.shown.message, message, deadline=deadline)
        place = _thread(outgoing.below) if outgoing.below else outgoing.place
        at, outcome = self.api.post(place, message, deadline=deadline)
        return at, without_doubt(outcome)


def draw(pieces: Sequence[Piece]) -> Json:
    """Return the message of a notice. It is plain text, in which nothing is a mention, a link or a mark."""
    # A value is put on one line: its second line would look like one of the relay's own.
    text = "".join(on_one(piece.text) if piece.field else piece.text for piece in pieces)
    return {"type": "message", "textFormat": "plain", "text": straight(text)}


def _thread(below: Posted) -> str:
    """Return the conversation of the thread of a message, or the conversation itself where there are no threads."""
    return f"{below.place};messageid={below.message}" if below.place.endswith(_OF_A_TEAM) else below.place
