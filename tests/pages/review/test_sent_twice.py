"""Forms that are sent twice, that are stale, or that meet the press of somebody else."""

from functools import partial
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from tests.pages.browsing import Browser, fields, shown, told
from tests.pages.review.asking import asked, spoken
from tests.support.at_once import at_once
from tests.support.road import Road, dispatched


def test_the_form_of_a_page_is_sent_twice_and_counts_once(road: Road, github: HTTPXMock) -> None:
    case_id = asked(road, environment="staged")
    ada, lin = Browser(road, "ada"), Browser(road, "lin")
    form = fields(lin.get(case_id)) | {"decision": "approve", "comment": ""}
    assert [303, 303] == [lin.post(case_id, form).status for _ in range(2)]
    assert 'Your approval already counts. The stage "release" needs 2 more approvals.' == told(lin.get(case_id))
    assert 1 == len(road.case(case_id).reviews)
    reject = fields(ada.get(case_id)) | {"decision": "reject", "comment": "no"}
    assert [303, 303] == [ada.post(case_id, reject).status for _ in range(2)]
    assert "Rejected. Nothing will be released." == told(ada.get(case_id))


def test_the_last_approval_is_sent_twice_and_releases_once(road: Road, github: HTTPXMock) -> None:
    case_id, ada = asked(road), Browser(road, "ada")
    form = fields(ada.get(case_id)) | {"decision": "approve", "comment": ""}
    assert [303, 303] == [ada.post(case_id, form).status for _ in range(2)]
    assert "Approved. GitHub has taken it." == told(ada.get(case_id))
    assert 1 == len(dispatched(github))


def test_a_stale_page_decides_nothing_and_shows_what_changed(road: Road) -> None:
    case_id = asked(road, environment="staged")
    ada, lin = Browser(road, "ada"), Browser(road, "lin")
    form = fields(ada.get(case_id)) | {"decision": "approve", "comment": "my comment"}
    lin.press(case_id, "approve")
    reply = ada.post(case_id, form)
    assert 409 == reply.status
    assert "Something changed since this page was drawn" in told(reply)
    assert "Lin approved" in shown(reply)
    assert "my comment" in shown(reply)
    assert 1 == len(road.case(case_id).reviews)
    again = ada.post(case_id, fields(reply) | {"decision": "approve", "comment": "my comment"})
    assert (303, 2) == (again.status, len(road.case(case_id).reviews))


def test_the_other_verdict_of_a_form_sent_twice_is_stale(road: Road) -> None:
    case_id, lin = asked(road, environment="staged"), Browser(road, "lin")
    form = fields(lin.get(case_id)) | {"comment": ""}
    assert 303 == lin.post(case_id, form | {"decision": "approve"}).status
    assert 409 == lin.post(case_id, form | {"decision": "reject"}).status
    assert "pending" == road.case(case_id).status


def test_a_word_from_before_the_page_was_drawn_makes_no_stale_form_good_even_within_a_second(road: Road) -> None:
    case_id = asked(road, environment="staged")
    ada, grace = Browser(road, "ada"), Browser(road, "grace")
    ada.press(case_id, "approve")
    form = fields(ada.get(case_id)) | {"decision": "approve", "comment": ""}
    grace.press(case_id, "approve")
    reply = ada.post(case_id, form)
    assert (409, True) == (reply.status, "Something changed since this page was drawn" in told(reply))
    assert [("Ada", "qa"), ("Grace", "release")] == spoken(road, case_id)


def test_a_press_never_counts_for_another_stage_than_the_page_showed_whoever_is_faster(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id, store = asked(road, environment="staged"), type(road.world.store)
    ada, lin, commit = Browser(road, "ada"), Browser(road, "lin"), store.write_case
    form = fields(ada.get(case_id)) | {"decision": "approve", "comment": "for qa"}

    def after_lin(self: Any, case: Any, **rows: Any) -> bool:
        monkeypatch.setattr(store, "write_case", commit)
        assert 303 == lin.press(case_id, "approve").status
        return commit(self, case, **rows)

    monkeypatch.setattr(store, "write_case", after_lin)
    reply = ada.post(case_id, form)
    assert (409, True) == (reply.status, "Something changed since this page was drawn" in told(reply))
    assert "for qa" in shown(reply)
    assert [("Lin", "qa")] == spoken(road, case_id)


def test_of_two_who_press_at_once_for_a_stage_of_one_approval_only_one_counts(road: Road) -> None:
    for _ in range(10):
        case_id = asked(road, environment="staged")
        people = [Browser(road, person) for person in ("ada", "lin")]
        forms = [fields(each.get(case_id)) | {"decision": "approve", "comment": ""} for each in people]
        both = [partial(person.post, case_id, form) for person, form in zip(people, forms, strict=True)]
        statuses = [reply.status for reply in at_once(both)]
        assert [303] == [status for status in statuses if status not in (409, 503)]  # a busy one may press again
        assert ["qa"] == [stage for _, stage in spoken(road, case_id)]


def test_the_form_of_a_page_that_is_sent_twice_at_once_counts_once(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id, store = asked(road, environment="staged"), type(road.world.store)
    lin, commit = Browser(road, "lin"), store.write_case
    form = fields(lin.get(case_id)) | {"decision": "approve", "comment": ""}

    def after_the_first(self: Any, case: Any, **rows: Any) -> bool:
        monkeypatch.setattr(store, "write_case", commit)
        assert 303 == lin.post(case_id, form).status
        return commit(self, case, **rows)

    monkeypatch.setattr(store, "write_case", after_the_first)
    assert 303 == lin.post(case_id, form).status
    assert "Your approval already counts" in told(lin.get(case_id))
    assert [("Lin", "qa")] == spoken(road, case_id)
