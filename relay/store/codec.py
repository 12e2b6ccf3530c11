"""Stored form of a case and of a call budget, the same in every store. The bytes of a case carry its number.

A reader gives a missing field its default, so a new field needs no new form.
"""

import json
from types import MappingProxyType
from typing import Any, Final

from relay.approval.groups import group_of
from relay.github.rate_limit import CallBudget
from relay.model import Actor, ApprovalRequest, Card, Case, Debt, Origin, Review, Successor

FORM: Final = 1
_TUPLES: Final = ("sections", "actions", "facts", "links", "approvers", "channels")
_STORED_NAMES: Final = MappingProxyType({Card: {"fingerprint": "face"}})  # fields that are stored under another name


def encode(case: Case) -> bytes:
    """Return the case as JSON in UTF-8."""
    return _ENCODER.encode({"form": FORM, **_fields(case)}).encode()


def decode(stored: bytes) -> Case:
    """Return the case of `encode`. Raises ValueError for a form that this version does not know."""
    fields: dict[str, Any] = json.loads(stored)
    if fields.pop("form", None) != FORM:
        raise ValueError("the case was written by a newer version of the relay")
    request, successor = fields.pop("request"), fields.pop("superseded_by", None)
    origin = fields.pop("origin", None)
    return Case(
        ApprovalRequest(**{**request, **{name: tuple(request[name]) for name in _TUPLES if name in request}}),
        reviews=tuple(Review(**{**review, "by": Actor(**review["by"])}) for review in fields.pop("reviews", ())),
        debts=tuple(_debt(debt) for debt in fields.pop("debts", ())),
        superseded_by=Successor(**successor) if successor else None,
        origin=Origin(**{**origin, "proven": tuple(origin["proven"])}) if origin else None,
        **fields,
    )


def encode_cells(budget: CallBudget) -> str:
    """Return the cells of a call budget as JSON. `closed_until` is stored beside it."""
    return _ENCODER.encode(budget.cells)


def decode_budget(cells: str, closed_until: float) -> CallBudget:
    """Return the call budget of `encode_cells`."""
    return CallBudget(tuple((cell, calls) for cell, calls in json.loads(cells)), float(closed_until))


def release_group(case: Case) -> str:
    """Return the group in which a case releases, by which `released` finds it. Empty if not approved."""
    return group_of(case.request, case.request.event_type) if case.status == "approved" else ""


def _debt(fields: dict[str, Any]) -> Debt:
    card = fields.get("card")
    return Debt(**{**fields, "passed": tuple(fields.get("passed", ())), "card": _card(card) if card else None})


def _card(fields: dict[str, Any]) -> Card:
    names = {stored: name for name, stored in _STORED_NAMES[Card].items()}
    return Card(**{names.get(stored, stored): value for stored, value in fields.items()})


def _fields(noun: Any) -> dict[str, object]:
    """Return the fields of a noun by their stored names. The encoder calls this for each noun among the values."""
    stored: dict[str, str] = _STORED_NAMES.get(type(noun), {})
    return {stored.get(name, name): getattr(noun, name) for name in noun.__slots__}


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_fields)
