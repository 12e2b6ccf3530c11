"""Presses on what is decided, superseded, cancelled or expired: they lead to how it stands."""

from dataclasses import replace

import pytest
from pytest_httpx import HTTPXMock

from tests.pages.browsing import Browser, fields, shown, told
from tests.pages.review.asking import asked
from tests.support.road import Road


@pytest.mark.parametrize("comment", ["", "x" * 1_001], ids=["plain", "too long"])
@pytest.mark.parametrize(
    ("end", "sentence"),
    [
        ("approve", "This was already approved. GitHub has taken it."),
        ("reject", "This was already rejected. Nothing else happens."),
        ("supersede", "A newer request has taken the place of this one. Nothing else happens."),
        ("cancel", "This request was cancelled. Nothing else happens."),
        ("expire", "This request has expired undecided. Ask for a new one."),
    ],
)
def test_a_press_on_what_is_settled_leads_to_how_it_stands(
    road: Road, github: HTTPXMock, end: str, sentence: str, comment: str
) -> None:
    case_id, ada, grace = asked(road, expires_in="90s"), Browser(road, "ada"), Browser(road, "grace")
    form = fields(ada.get(case_id)) | {"decision": "approve", "comment": comment}
    match end:
        case "supersede":
            done = replace(road.case(case_id), status="superseded", decided_at=int(road.now()))
            assert road.world.store.write_case(replace(done, version=done.version + 1))
        case "cancel":
            road.cancel(case_id)
        case "expire":
            road.ahead = 91
        case _:
            grace.press(case_id, end)
    reviews = road.case(case_id).reviews
    for token in (form["token"], "not genuine"):
        reply = ada.post(case_id, form | {"token": token})
        assert (303, f"/api/review/{case_id}") == (reply.status, reply.headers["Location"])
        assert sentence == told(ada.get(case_id))
    assert reviews == road.case(case_id).reviews


def test_my_own_form_sent_again_after_others_have_settled_it_is_told_how_it_stands(road: Road) -> None:
    case_id, ada, grace = asked(road, environment="staged"), Browser(road, "ada"), Browser(road, "grace")
    form = fields(ada.get(case_id)) | {"decision": "approve", "comment": ""}
    ada.post(case_id, form)
    grace.press(case_id, "reject")
    assert 303 == ada.post(case_id, form).status
    assert "This was already rejected. Nothing else happens." == told(ada.get(case_id))
    second = asked(road, environment="staged", title="Another")
    form = fields(ada.get(second)) | {"decision": "approve", "comment": ""}
    ada.post(second, form)
    road.cancel(second)
    assert 303 == ada.post(second, form).status
    assert "This request was cancelled. Nothing else happens." == told(ada.get(second))


def test_an_expired_request_shows_that_and_takes_nothing(road: Road) -> None:
    case_id, ada = asked(road, expires_in="90s"), Browser(road, "ada")
    form = fields(ada.get(case_id)) | {"decision": "approve", "comment": ""}
    road.ahead = 91
    assert 303 == ada.post(case_id, form).status
    page = ada.get(case_id)
    assert "This request has expired undecided. Ask for a new one." == told(page)
    assert "Expired without a decision" in shown(page)
    assert "Ended" in shown(page)
    assert "release not reached" in shown(page)
    assert "<form" not in page.body.decode()
    assert () == road.case(case_id).reviews


def test_a_cancelled_request_shows_that(road: Road) -> None:
    case_id, ada = asked(road), Browser(road, "ada")
    form = fields(ada.get(case_id)) | {"decision": "approve", "comment": ""}
    road.cancel(case_id)
    assert "Cancelled" in shown(ada.get(case_id))
    assert 303 == ada.post(case_id, form).status
    assert "Ended" in shown(ada.get(case_id))
    assert () == road.case(case_id).reviews
