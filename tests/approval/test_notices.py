"""The notices that a commit owes: their order in a channel, and the last state of an announcement."""

from dataclasses import replace
from typing import Final

from relay.approval import debts, wake_ups
from relay.approval.next_version import with_wake_ups
from relay.approval.notices import NEWER, due_now, owe_notices, waits
from relay.approval.notify import Notify
from relay.approval.policy import ChatChannel
from relay.model.case import Case
from relay.model.debts import Debt
from tests.approval.two_stages import CASE, NOW, POLICY, after, press

ASKED: Final = replace(CASE, events=("requested",))
CHANNELS: Final = {
    "room": ChatChannel("room", "slack", "C1"),
    "owners": ChatChannel("owners", "slack", "", people=("ada", "grace")),
}


def owed(*entries: Notify, steps: int = 3, case: Case = ASKED, now: float = NOW) -> Case:
    """Return a case after some presses, each with the notices of the entries."""
    policy = replace(POLICY, channels=CHANNELS, notify=entries)
    for person in ("lin", "ada", "grace")[:steps]:
        before = with_wake_ups(case, f"n{case.version}")
        then = replace(after(press(person), case=before).case, version=before.version + 1)
        case = owe_notices(before, then, policy, now)
    return with_wake_ups(case, "last")


def notices(case: Case) -> list[Debt]:
    return [debt for debt in case.debts if debt.notice]


def names(case: Case, status: str = "owed") -> list[str]:
    return [debt.notice.event.name for debt in notices(case) if debt.notice and debt.status == status]


def test_only_the_first_notice_of_a_channel_has_a_wake_up() -> None:
    case = owed(Notify("e", ("reviewed", "approved"), ("room",)))
    assert ["reviewed", "reviewed", "reviewed", "approved"] == names(case)
    assert [True, False, False, False] == [bool(debt.row) for debt in notices(case)]
    assert [False, True, True, True] == [waits(case, case.debts.index(debt)) for debt in notices(case)]
    (row,) = (row for row in wake_ups.rows_of(case) if row.kind == "notice")
    assert 0 == due_now(case, row.group, NOW)
    assert due_now(case, row.group, NOW - 1) is None


def test_the_people_of_a_channel_do_not_wait_for_each_other() -> None:
    case = owed(Notify("e", ("reviewed",), ("owners",)), steps=2)
    assert [("ada", True), ("grace", True), ("ada", False), ("grace", False)] == [
        (debt.notice.person, bool(debt.row)) for debt in notices(case) if debt.notice
    ]


def test_an_announcement_is_owed_in_its_last_state_alone() -> None:
    case = owed(Notify("e", ("reviewed", "approved"), ("room",), style="edit"))
    assert (["approved"], ["reviewed"] * 3) == (names(case), names(case, "cancelled"))
    assert {NEWER} == {debt.last_error for debt in notices(case) if debt.status == "cancelled"}


def test_a_state_that_is_being_posted_stays_and_the_newer_one_waits_for_it() -> None:
    entry = Notify("e", ("reviewed",), ("room",), style="edit")
    case = owed(entry, steps=1)
    case = owed(entry, steps=2, case=replace(debts.lease(case, 0, holder="me", until=NOW + 9), stage="qa", reviews=()))
    assert ["reviewed"] * 2 == names(case)[:2]
    assert not waits(case, 0)


def test_a_newer_state_keeps_the_wait_and_the_doubt_of_the_one_before() -> None:
    entry = Notify("e", ("reviewed",), ("room",), style="edit")
    first = owed(entry, steps=1)
    debt = replace(first.debts[0], due_at=NOW + 60, attempts=3, not_before=NOW + 50, maybe_sent=True)
    case = owed(entry, steps=2, case=replace(first, debts=(debt,), stage="qa", reviews=()))
    (newer,) = (each for each in notices(case) if each.status == "owed")
    assert (NOW + 60, 3, NOW + 50, True) == (newer.due_at, newer.attempts, newer.not_before, newer.maybe_sent)


def test_a_newer_state_takes_the_place_of_one_that_was_refused_but_not_of_one_that_was_dropped() -> None:
    entry = Notify("e", ("reviewed",), ("room",), style="edit")
    first = owed(entry, steps=1)
    refused = replace(first, debts=(replace(first.debts[0], status="refused"),), stage="qa", reviews=())
    case = owed(entry, steps=1, case=refused)
    assert ["cancelled", "owed"] == [debt.status for debt in notices(case)]
    assert 0 == notices(case)[1].attempts
    dropped = replace(refused, debts=(debts.drop(first, 0).debts[0],))
    assert ["dead", "owed"] == [debt.status for debt in notices(owed(entry, steps=1, case=dropped))]


def test_a_channel_that_the_policy_lost_gets_no_notice() -> None:
    assert [] == notices(owed(Notify("e", ("reviewed",), ("gone", "origin"))))
