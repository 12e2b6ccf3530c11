"""A case as stored bytes, whatever the store. Each carries the version of its form."""

import json
from typing import Any, Final

from relay.model import Actor, ApprovalRequest, Card, Case, Debt, Review, Successor

FORM: Final = 3
_KNOWN: Final = (1, 2, FORM)
_TUPLES: Final = ("sections", "actions", "facts", "links", "approvers", "channels")


def encode(case: Case) -> bytes:
    """Return the case as JSON in UTF-8."""
    return _ENCODER.encode({"form": FORM, **_members(case)}).encode()


def decode(stored: bytes) -> Case:
    """Return the case of `encode`. ValueError for a form that this version does not know."""
    found: dict[str, Any] = json.loads(stored)
    if found.pop("form", None) not in _KNOWN:
        raise ValueError("the case was written by a newer version of the relay")
    request = found.pop("request")
    request |= {name: tuple(request[name]) for name in _TUPLES}
    reviews = tuple(Review(**{**review, "by": Actor(**review["by"])}) for review in found.pop("reviews"))
    debts = tuple(_debt(debt) for debt in found.pop("debts"))
    newer = found.pop("superseded_by", None)
    superseded_by = Successor(**newer) if newer else None
    return Case(request=ApprovalRequest(**request), reviews=reviews, debts=debts, superseded_by=superseded_by, **found)


def _debt(found: dict[str, Any]) -> Debt:
    """Return a debt; in form 1 its index row bore the nonce of its lease, or of the commit, and knew no group.

    Before form 3 there were no cards.
    """
    since, card = found.get("since", found["created_at"]), found.get("card")
    passed = tuple(found.get("passed", ()))
    return Debt(**{**found, "since": since, "passed": passed, "card": Card(**card) if card else None})


def _members(noun: Any) -> dict[str, object]:
    """Return the fields of a noun; whatever nouns are among them, the encoder asks for in turn."""
    return {name: getattr(noun, name) for name in noun.__slots__}


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_members)
