"""What stands on the buttons that decide: the relay's own word first, so that no sender's label turns it round."""

import re
from types import MappingProxyType
from typing import Final

from relay.core.model import ApprovalRequest, Verdict

_WORDS: Final = MappingProxyType({"approve": "Approve", "reject": "Reject"})


def label(request: ApprovalRequest, verdict: Verdict) -> str:
    """Return a button's label: `Approve`, `Approve: Ship it`, or the sender's own where that begins with the word."""
    word = _WORDS[verdict]
    own = " ".join((request.approve_label if verdict == "approve" else request.reject_label).split())
    if not own:
        return word
    return own if re.match(rf"{word}(?:[ ,.:;!]|$)", own, re.IGNORECASE | re.ASCII) else f"{word}: {own}"
