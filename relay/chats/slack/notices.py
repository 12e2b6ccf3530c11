"""Notices in Slack: words in a channel, in the thread of a message, or in the place of an announcement.

https://docs.slack.dev/reference/methods/chat.postMessage
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from relay.approval.notice_text import ADDRESSES, Piece
from relay.chats.contract.outgoing import OutgoingNotice, Posted, Sending
from relay.chats.shared.lines import on_one
from relay.chats.shared.notices import without_doubt
from relay.chats.slack.sender import is_link, section
from relay.chats.slack.text import ELLIPSIS, link, literal_atoms, sections
from relay.model.debts import Outcome
from relay.model.values import Json

MAX_WORDS: Final = 3_500  # characters of a whole notice: its words for phones hold 4,000


@dataclass(frozen=True, slots=True)
class SlackNotices:
    """The notices of Slack, posted by its `api`."""

    api: Sending

    def tell(self, outgoing: OutgoingNotice, *, deadline: float) -> tuple[Posted | None, Outcome]:
        """Post a notice, or change the announcement."""
        message = draw(outgoing.pieces)
        if outgoing.shown:
            return None, self.api.update(outgoing.shown.place, outgoing.shown.message, message, deadline=deadline)
        place = outgoing.below.place if outgoing.below else outgoing.place
        thread = {"thread_ts": outgoing.below.message} if outgoing.below else {}
        at, outcome = self.api.post(place, {**message, **thread}, deadline=deadline)
        return at, without_doubt(outcome)


def draw(pieces: Sequence[Piece]) -> Json:
    """Return the message of a notice. The operator's words keep their marks; a value is text and nothing else."""
    atoms = [*_cut(_atoms(pieces))]
    return {"text": "".join(atoms), "blocks": [section(text) for text in sections(atoms)]}


def _atoms(pieces: Sequence[Piece]) -> Iterator[str]:
    for piece in pieces:
        if not piece.field:
            yield piece.text
        elif piece.field in ADDRESSES and is_link(piece.text):
            yield link(piece.text, piece.text)
        else:
            yield from literal_atoms(on_one(piece.text))


def _cut(atoms: Iterator[str]) -> Iterator[str]:
    left = MAX_WORDS
    for atom in atoms:
        left -= len(atom)
        if left < 0:
            yield ELLIPSIS
            return
        yield atom
