"""The audit line of a case: its facts, and nothing that a stranger wrote."""

import json
from dataclasses import replace

from relay.journal.audit import audit_line
from relay.model.case import Successor
from relay.model.people import Actor
from tests.signed.receipt_keys import ADA, DEBT, NOW, approved

CANARY = "canary-in-every-field"


def key_of(actor: Actor) -> str:
    return "ada" if actor == ADA else ""


def test_the_line_of_an_approval_says_who_approved_it() -> None:
    line = audit_line(approved(), key_of)
    assert line is not None
    (review,) = line.facts["reviews"]
    assert (NOW + 60, "approved") == (line.at, line.facts["status"])
    assert ("approve", "entra:t/ada", "ada", "release") == tuple(
        review[name] for name in ("verdict", "by", "key", "stage")
    )
    assert [{"event_type": "deploy-api", "status": "owed", "attempts": 0}] == line.facts["dispatches"]


def test_a_pending_case_has_none() -> None:
    assert audit_line(replace(approved(), status="pending"), key_of) is None


def test_other_ends_name_what_ended_them() -> None:
    superseded = replace(approved(), status="superseded", superseded_by=Successor("newer", CANARY))
    cancelled = replace(approved(), status="cancelled", ended_by="key:ci")
    for case, name, value in ((superseded, "superseded_by", "newer"), (cancelled, "ended_by", "key:ci")):
        line = audit_line(case, key_of)
        assert line is not None
        assert value == line.facts[name]


def test_nothing_that_a_stranger_wrote_is_in_it() -> None:
    form = {
        "repository": "octo/api",
        "event_type": "deploy-api",
        "title": CANARY,
        "text": CANARY,
        "ref": CANARY,
        "requested_by": CANARY,
        "client_payload": {CANARY: CANARY},
    }
    review = replace(approved().reviews[0], comment=CANARY, by=Actor("entra:t/ada", CANARY))
    debt = replace(DEBT, last_error=CANARY, cure=CANARY)
    line = audit_line(replace(approved(form, review), debts=(debt,)), key_of)
    assert line is not None
    assert CANARY not in json.dumps(line)
    line = audit_line(replace(approved(), request=replace(approved().request, sha=CANARY)), key_of)
    assert line is not None
    assert "" == line.facts["sha"]
    whole = replace(approved().request, sha="a" * 40, requested_by_id=583231)
    line = audit_line(replace(approved(), request=whole), key_of)
    assert line is not None
    assert ("a" * 40, "github:583231") == (line.facts["sha"], line.facts["requested_by"])
