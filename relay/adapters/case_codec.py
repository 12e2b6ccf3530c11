"""A case as stored bytes, whatever the store. Each carries the version of its form."""

import json
from typing import Any, Final

from relay.core.model import Actor, ApprovalRequest, Case, Debt, Review

FORM: Final = 1
_TUPLES: Final = ("sections", "actions", "facts", "links", "approvers", "channels")


def encode(case: Case) -> bytes:
    """Return the case as JSON in UTF-8."""
    return _ENCODER.encode({"form": FORM, **_members(case)}).encode()


def decode(stored: bytes) -> Case:
    """Return the case of `encode`. ValueError for a form that this version does not know."""
    found: dict[str, Any] = json.loads(stored)
    if found.pop("form", None) != FORM:
        raise ValueError("the case was written by a newer version of the relay")
    request = found.pop("request")
    request |= {name: tuple(request[name]) for name in _TUPLES}
    reviews = tuple(Review(**{**review, "by": Actor(**review["by"])}) for review in found.pop("reviews"))
    debts = tuple(Debt(**debt) for debt in found.pop("debts"))
    return Case(request=ApprovalRequest(**request), reviews=reviews, debts=debts, **found)


def _members(noun: Any) -> dict[str, object]:
    """Return the fields of a noun; whatever nouns are among them, the encoder asks for in turn."""
    return {name: getattr(noun, name) for name in noun.__slots__}


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_members)
