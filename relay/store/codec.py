"""Stored form of a case and of a call budget, the same in every store. The bytes of a case carry its number.

A reader gives a missing field its default, so a new field needs no new form.
"""

import json
from typing import Any, Final

from relay.approval.groups import group_of
from relay.github.rate_limit import CallBudget
from relay.model.case import Case, Successor
from relay.model.debts import Card, Debt
from relay.model.delivery import Conversation
from relay.model.events import CaseEvent, Notice
from relay.model.people import Actor, Rerun, Review
from relay.model.request import ApprovalRequest, Origin
from relay.model.runs import Gate, Run

FORM: Final = 1
_NEWER: Final = "the case was written by a newer version of the relay"
_TUPLES: Final = ("sections", "actions", "facts", "links", "approvers", "channels")


def encode(case: Case) -> bytes:
    """Return the case as JSON in UTF-8."""
    return _ENCODER.encode({"form": FORM, **_fields(case)}).encode()


def decode(stored: bytes) -> Case:
    """Return the case of `encode`. Raises ValueError for a form or a field that this version does not know."""
    fields: dict[str, Any] = json.loads(stored)
    if fields.pop("form", None) != FORM:
        raise ValueError(_NEWER)
    try:
        return _case(fields)
    except TypeError:  # a field was added; without it the case would be written over in part
        raise ValueError(_NEWER) from None


def _case(fields: dict[str, Any]) -> Case:
    request, successor = fields.pop("request"), fields.pop("superseded_by", None)
    origin, conversation = fields.pop("origin", None), fields.pop("conversation", None)
    gate = fields.pop("gate", None)
    return Case(
        ApprovalRequest(**{**request, **{name: tuple(request[name]) for name in _TUPLES if name in request}}),
        reviews=tuple(map(_review, fields.pop("reviews", ()))),
        debts=tuple(_debt(debt) for debt in fields.pop("debts", ())),
        superseded_by=Successor(**successor) if successor else None,
        events=tuple(fields.pop("events", ())),
        origin=Origin(**{**origin, "proven": tuple(origin["proven"])}) if origin else None,
        runs=tuple(Run(**run) for run in fields.pop("runs", ())),
        run_events=tuple(fields.pop("run_events", ())),
        reports=tuple(fields.pop("reports", ())),
        reruns=tuple(Rerun(**{**rerun, "by": Actor(**rerun["by"])}) for rerun in fields.pop("reruns", ())),
        conversation=Conversation(**conversation) if conversation else None,
        gate=Gate(**gate) if gate else None,
        **fields,
    )


def encode_cells(budget: CallBudget) -> str:
    """Return the cells of a call budget as JSON. `closed_until` is stored beside it."""
    return _ENCODER.encode([*budget.cells, *budget.unapproved])


def decode_budget(cells: str, closed_until: float) -> CallBudget:
    """Return the call budget of `encode_cells`."""
    entries = json.loads(cells)  # those of unapproved calls have the mark of their repository besides
    counted, unapproved = ([tuple(each) for each in entries if len(each) == length] for length in (2, 3))
    return CallBudget(tuple(counted), float(closed_until), tuple(unapproved))


def release_group(case: Case) -> str:
    """Return the group in which a case releases, by which `released` finds it. Empty if not approved."""
    return group_of(case.request, case.request.event_type) if case.status == "approved" else ""


def _debt(fields: dict[str, Any]) -> Debt:
    card, notice = fields.get("card"), fields.get("notice")
    own = {"card": _card(card) if card else None, "notice": _notice(notice) if notice else None}
    return Debt(**{**fields, "passed": tuple(fields.get("passed", ())), **own})


def _notice(fields: dict[str, Any]) -> Notice:
    review, run = fields["event"].get("review"), fields["event"].get("run")
    own = {"review": _review(review) if review else None, "run": Run(**run) if run else None}
    return Notice(**{**fields, "event": CaseEvent(**{**fields["event"], **own})})


def _review(fields: dict[str, Any]) -> Review:
    return Review(**{**fields, "by": Actor(**fields["by"])})


def _card(fields: dict[str, Any]) -> Card:
    known = {"fingerprint" if name == "face" else name: value for name, value in fields.items()}
    return Card(**{**known, "stages": tuple(known.get("stages", ()))})


def _fields(noun: Any) -> dict[str, object]:
    """Return the fields of a noun by their stored names. The encoder calls this for each noun among the values."""
    fields = {name: getattr(noun, name) for name in noun.__slots__}
    if type(noun) is Card:  # the one field with another name
        fields["face"] = fields.pop("fingerprint")
    return fields


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_fields)
