"""Labels of the buttons that decide: the relay's own word comes first, so that no sender's label reverses it."""

import re
from types import MappingProxyType
from typing import Final

from relay.chats.bidi import straight
from relay.model.answer import NO_WORDS, Words
from relay.model.people import Verdict
from relay.model.request import ApprovalRequest

RUN_AGAIN: Final = "Run again"  # the relay's own words, which no sender changes
_WORDS: Final = MappingProxyType({"approve": "Approve", "reject": "Reject"})


def label(request: ApprovalRequest, verdict: Verdict, words: Words = NO_WORDS) -> str:
    """Return the label of the button that decides.

    It is `Approve`, `Approve: Ship it`, or the sender's own label if that begins with the word. The operator's `words`
    stand as they are.
    """
    operator = words.approve_label if verdict == "approve" else words.reject_label
    if operator:
        return operator
    word, own = _WORDS[verdict], _own(request, verdict)
    if not own:
        return word
    return own if begins_with(own, word) else f"{word}: {own}"


def opener(request: ApprovalRequest, verdict: Verdict, words: Words = NO_WORDS) -> str:
    """Return the label of a button that only opens the one that decides: the sender's own label, as it is.

    A label that begins with the other word is not used. The operator's `words` come before it.
    """
    if words.approve_label if verdict == "approve" else words.reject_label:
        return label(request, verdict, words)
    own, other = _own(request, verdict), _WORDS["reject" if verdict == "approve" else "approve"]
    return own if own and not begins_with(own, other) else label(request, verdict)


def _own(request: ApprovalRequest, verdict: Verdict) -> str:
    return " ".join(straight(request.approve_label if verdict == "approve" else request.reject_label).split())


def begins_with(own: str, word: str) -> bool:
    """Tell whether a label begins with a whole word, in any letters."""
    return re.match(rf"{word}(?:[ ,.:;!]|$)", own, re.IGNORECASE | re.ASCII) is not None
