"""The next version of a case: its wake-ups, and the trace of the call on what it comes to owe."""

from dataclasses import replace

import pytest

from relay.approval.next_version import NextVersion, next_version
from relay.approval.policy import Policy
from relay.approval.wake_ups import rows_of
from relay.model.case import Case
from relay.model.debts import Debt
from tests.approval.owing import NOW, OWED, case


def written(before: Case, *debts: Debt, trace: str = "") -> NextVersion:
    return next_version(before, replace(before, debts=debts), Policy(), nonce="n", now=NOW, trace=trace)


def test_it_counts_and_names_its_commit() -> None:
    after = written(replace(case(), version=4)).case
    assert (5, "n") == (after.version, after.commit_id)


def test_a_new_debt_gets_a_wake_up_and_a_paid_one_loses_its_own() -> None:
    before = written(case(), OWED).case
    after = written(before, replace(before.debts[0], status="delivered"), OWED)
    assert rows_of(after.case) == after.to_set
    assert rows_of(before) == after.to_clear
    assert ["n.0", "n.1"] == [debt.row for debt in after.case.debts]


@pytest.mark.parametrize("trace", ["", "4bf92f3577b34da6a3ce929d0e0e4736"])
def test_a_debt_is_found_by_the_call_that_came_to_owe_it(trace: str) -> None:
    before = written(case(), OWED, trace="first").case
    after = written(before, *before.debts, OWED, trace=trace).case
    assert ["first", trace] == [debt.trace for debt in after.debts]
