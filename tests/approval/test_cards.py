from dataclasses import replace
from typing import Literal

import pytest

from relay.approval.cards import fingerprint, owe_cards, owed_anew
from relay.model.case import Case, Successor
from relay.model.debts import Card, Debt
from relay.model.people import Actor, Review
from tests.support import road

NOW = 1_790_000_000.5
CASE = Case(road.offline(), "key")
DISPATCH = Debt("deploy-api", 1_790_000_000, 1_790_000_000.0)
REVIEW = Review("approve", Actor("entra:t/o", "Ada"), "release", 1_790_000_000)


def shown(case: Case = CASE) -> Case:
    """Return the case with a card that shows it as it is."""
    card = Card("ops", "19:ops", "1700", fingerprint(case))
    paid = Debt("ops", 1_700_000_000, 1.0, "card", "delivered", attempts=9, row="old.0", not_before=5.0, card=card)
    return replace(case, debts=(*case.debts, paid))


def test_a_card_is_owed_in_each_channel() -> None:
    case = owe_cards(replace(CASE, debts=(DISPATCH,)), [Card("ops"), Card("qa")], NOW)
    assert DISPATCH == case.debts[0]
    assert [Card("ops"), Card("qa")] == [debt.card for debt in case.debts[1:]]
    assert {("card", "owed", 1_790_000_000, NOW, NOW, "")} == {
        (debt.kind, debt.status, debt.created_at, debt.due_at, debt.since, debt.row) for debt in case.debts[1:]
    }


@pytest.mark.parametrize(
    "case",
    [
        replace(CASE, status="approved"),
        replace(CASE, stage="release"),
        replace(CASE, reviews=(REVIEW,)),
        replace(CASE, debts=(DISPATCH,)),
        replace(CASE, superseded_by=Successor("x", "newer")),
    ],
    ids=["status", "stage", "review", "dispatch", "newer"],
)
def test_a_card_is_owed_anew_when_there_is_something_new_to_show(case: Case) -> None:
    card = shown().debts[0]
    owed = owed_anew(replace(case, debts=(*case.debts, card)), NOW).debts[-1]
    expected = replace(
        card, status="owed", attempts=0, row="", created_at=1_790_000_000, due_at=NOW, since=NOW, not_before=0.0
    )
    assert expected == owed


def test_it_is_owed_again_when_github_said_what_became_of_a_dispatch() -> None:
    case = shown(replace(CASE, status="approved", debts=(DISPATCH,)))
    delivered = replace(case, debts=(replace(DISPATCH, status="delivered"), case.debts[1]))
    assert ["delivered", "owed"] == [debt.status for debt in owed_anew(delivered, NOW).debts]


def test_a_card_that_shows_all_there_is_is_not_owed() -> None:
    assert shown() == owed_anew(shown(), NOW)
    assert CASE == owed_anew(CASE, NOW)
    counted = replace(shown(), version=9, life_at=5.0, commit_id="x")
    assert counted == owed_anew(counted, NOW)


@pytest.mark.parametrize("status", ["refused", "dead"])
def test_a_card_that_its_chat_refused_is_tried_again_when_there_is_something_new(
    status: Literal["refused", "dead"],
) -> None:
    debt = replace(shown().debts[0], status=status, last_error="no", cure="mend it")
    assert replace(CASE, debts=(debt,)) == owed_anew(replace(CASE, debts=(debt,)), NOW)
    again = owed_anew(replace(CASE, status="approved", debts=(debt,)), NOW).debts[0]
    assert ("owed", NOW, "") == (again.status, again.due_at, again.row)


@pytest.mark.parametrize(("status", "row"), [("owed", "x.0"), ("dead", "")], ids=["owed already", "dropped"])
def test_a_card_that_is_owed_or_was_dropped_stays_so(status: Literal["owed", "dead"], row: str) -> None:
    case = replace(CASE, status="approved", debts=(replace(shown().debts[0], status=status, row=row),))
    assert case == owed_anew(case, NOW)


def test_a_notification_never_changes() -> None:
    notification = Case(road.offline(event_type=None), "key")
    assert fingerprint(notification) == fingerprint(replace(notification, status="expired"))
