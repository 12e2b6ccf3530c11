"""The audit lines of cases that are gone, and the search for all that are still there."""

from typing import Any

from relay.journal.audit import DAY, AuditLine
from relay.store.contract import Store
from tests.store.every_store.odd import ODD
from tests.support.stores import NOW, Make, case

AT = int(NOW)


def line(number: int, at: int = AT, **facts: Any) -> AuditLine:
    return AuditLine(at, f"request-{number}", {"request": f"request-{number}", **facts})


def test_lines_come_back_in_order_and_as_they_were_kept(make: Make) -> None:
    first, second = make(), make()
    kept = [line(3, AT - DAY), line(1, text=ODD), line(2), line(4, AT + DAY)]
    for each in reversed(kept):
        first.add_audit(each)
    second.add_audit(kept[0])  # a timer run that was cut off keeps it again
    assert kept == [*second.audit(0, AT + 2 * DAY)]
    assert kept[1:3] == [*first.audit(AT, AT)]
    assert [] == [*first.audit(AT + 1, AT + DAY - 1)]


def test_a_line_may_have_more_reviews_than_fit_a_property(store: Store) -> None:
    kept = [line(1, text="🔒" * 40_000), line(2, reviews=[{"by": f"entra:{number:080}"} for number in range(900)])]
    for each in kept:
        store.add_audit(each)
    assert kept == [*store.audit(AT, AT)]


def test_a_store_without_lines_has_none(store: Store) -> None:
    assert [] == [*store.audit(0, AT)]
    assert not store.forget_audit(AT)


def test_old_lines_are_forgotten_a_batch_after_another(store: Store) -> None:
    for number in range(5):
        store.add_audit(line(number, AT - (10 - number) * DAY))
    while store.forget_audit(AT - 7 * DAY):
        pass
    assert ["request-3", "request-4"] == [each.request for each in store.audit(0, AT)]


def test_every_case_is_found(store: Store) -> None:
    assert [] == [*store.cases()]
    made = [case(str(number) * 22) for number in range(3)]
    for each in made:
        assert store.write_case(each)
    assert {each.request.id for each in made} == {each.request.id for each in store.cases()}
