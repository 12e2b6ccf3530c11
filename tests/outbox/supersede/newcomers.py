"""Newer requests: one made offline some seconds ago, and the cases that wait."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import Any

from relay.approval.groups import rank_of
from relay.model.request import ApprovalRequest
from tests.support import road


def offline(age: int = 0, environment: str = "newest", **fields: Any) -> ApprovalRequest:
    """Return a request made offline some seconds ago."""
    request = road.offline(environment, **fields)
    return replace(request, issued_at=request.issued_at - age, expires_at=request.expires_at - age)


def statuses(here: road.Road, *ids: str) -> list[str]:
    return [here.case(case_id).status for case_id in ids]


def pending(here: road.Road) -> list[str]:
    """Return the ids of all cases that wait."""
    with closing(sqlite3.connect(here.path / "relay.db")) as connection:
        ids = [each for (each,) in connection.execute("SELECT id FROM cases")]
    return [case_id for case_id in ids if here.case(case_id).status == "pending"]


def check_only_the_newest_waits(here: road.Road, made: list[Any]) -> None:
    """Check every 201 against its case: the newest waits, and each other names a newer request."""
    assert {201} == {each["http"] for each in made}
    cases = sorted((here.case(each["id"]) for each in made), key=lambda case: rank_of(case.request))
    assert ["superseded"] * (len(cases) - 1) + ["pending"] == [case.status for case in cases]
    ranks = {case.request.id: rank_of(case.request) for case in cases}
    for case in cases[:-1]:
        assert case.superseded_by
        assert ranks[case.superseded_by.id] > ranks[case.request.id]
    answered = {each["id"]: each["status"] for each in made}
    assert "pending" == answered[cases[-1].request.id]
