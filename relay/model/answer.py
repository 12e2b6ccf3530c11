"""The answer to a click, before a chat words and draws it."""

from dataclasses import dataclass
from typing import Final

from relay.model.case import Case
from relay.model.request import Status


@dataclass(frozen=True, slots=True)
class Words:
    """The operator's words for the buttons of a stage. For an empty one the request's own word is used."""

    approve_label: str = ""
    reject_label: str = ""
    confirm: str = ""


NO_WORDS: Final = Words()


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a click or of a look at a case, which its channel words and draws.

    `needs` names the missing approvals of a pending case. `ticket` is for the buttons of its card, or empty. `comment`
    was typed with a press that is to be confirmed, and stands in the field of the card. `words` are the operator's for
    the buttons. `again` is the ticket for the button that runs a failed release again, or empty.
    """

    code: str
    sentence: str
    case: Case
    status: Status
    needs: str = ""
    ticket: str = ""
    comment: str = ""
    words: Words = NO_WORDS
    again: str = ""
