"""Presses one after another on cards of any age: stages, first words, double clicks, and what has ended."""

import json
from functools import partial

import pytest
from pytest_httpx import HTTPXMock

from relay.errors import Refusal
from relay.model.case import Case
from relay.model.delivery import Interaction
from relay.model.people import Actor
from relay.model.values import iso
from tests.press.dispatches import taken
from tests.support import click_answers, entra_tokens, example_policy, road


def test_stages_pass_one_after_the_other_by_the_buttons_of_the_refreshed_card(
    here: road.Road, httpx_mock: HTTPXMock
) -> None:
    taken(httpx_mock)
    old = road.ticket(road.offline("staged"))
    first = here.press("ada", "approve", old)
    assert (200, "counted") == road.outcome(first)
    assert (
        'Counted. The stage "qa" has passed; the stage "release" is next and needs 2 approvals.'
        == first.headers["CARD-ACTION-STATUS"]
    )
    again = here.press("ada", "approve", old)
    assert (200, "already-counted") == road.outcome(again)
    second = here.press("ada", "approve", click_answers.pressable(road.said(first))["approve"])
    assert (200, "counted") == road.outcome(second)
    assert 'Counted. The stage "release" needs 1 more approval.' == second.headers["CARD-ACTION-STATUS"]
    twice = here.press("ada", "approve", click_answers.pressable(road.said(second))["approve"])
    assert (200, "already-counted") == road.outcome(twice)
    last = here.press("grace", "approve", click_answers.pressable(road.said(twice))["approve"])
    assert (200, "released") == road.outcome(last)
    (sent,) = road.dispatched(httpx_mock)
    reviews = sent["client_payload"]["approval"]["reviews"]
    assert [("Ada", "qa"), ("Ada", "release"), ("Grace", "release")] == [
        (review["by"]["name"], review["stage"]) for review in reviews
    ]


def test_a_person_of_a_later_stage_may_press_the_card_as_it_was_first_sent(here: road.Road) -> None:
    old = road.ticket(road.offline("staged"))
    here.press("lin", "approve", old)
    assert (200, "counted") == road.outcome(here.press("grace", "approve", old))


def test_one_who_approved_may_still_reject_while_it_is_pending(here: road.Road) -> None:
    old = road.ticket(road.offline("crowd"))
    here.press("ada", "approve", old)
    assert (200, "rejected") == road.outcome(here.press("ada", "reject", old))


def test_two_strangers_of_the_tenant_count_where_anyone_may_approve(here: road.Road, httpx_mock: HTTPXMock) -> None:
    taken(httpx_mock)
    old = road.ticket(road.offline("crowd"))
    assert (200, "counted") == road.outcome(here.press("bbbbbbbb-0000-4000-8000-000000000001", "approve", old))
    assert (200, "already-counted") == road.outcome(here.press("BBBBBBBB-0000-4000-8000-000000000001", "approve", old))
    assert (200, "released") == road.outcome(here.press("bbbbbbbb-0000-4000-8000-000000000002", "approve", old))


def test_a_registered_request_is_pressed_by_its_ticket(here: road.Road, httpx_mock: HTTPXMock) -> None:
    taken(httpx_mock)
    made = road.said(
        here.ask({"repository": "octo/api", "event_type": "deploy-api", "title": "t", "environment": "production"})
    )
    assert (200, "released") == road.outcome(here.press("ada", "approve", made["ticket"]))
    assert "approved" == road.said(here.show(made["id"]))["status"]


def test_a_cancelled_request_tells_so(here: road.Road, httpx_mock: HTTPXMock) -> None:
    made = road.said(
        here.ask({"repository": "octo/api", "event_type": "deploy-api", "title": "t", "environment": "production"})
    )
    here.cancel(made["id"])
    assert (200, "cancelled") == road.outcome(here.press("ada", "approve", made["ticket"]))
    assert [] == road.dispatched(httpx_mock)


def test_a_superseded_case_tells_so(here: road.Road) -> None:
    request = road.offline()
    assert here.world.store.write_case(Case(request, "offline", status="superseded", version=1))
    assert (200, "superseded") == road.outcome(here.press("lin", "approve", road.ticket(request)))


def test_a_pending_case_expires_when_its_rule_says_so_and_tells_it_to_strangers_too(here: road.Road) -> None:
    request = road.offline("korea")
    here.press("haneul", "approve", road.ticket(request))
    here.ahead = 7_201
    reply = here.press("lin", "approve", road.ticket(request))
    assert (200, "expired") == road.outcome(reply)
    assert "Expired without a decision" in json.dumps(road.said(reply))


def test_a_card_tells_the_end_that_its_rule_sets_before_that_of_its_ticket(here: road.Road) -> None:
    request = road.offline("korea")
    end, ticket = iso(request.issued_at + 7_200), road.ticket(request)
    for code in ("counted", "already-counted"):
        reply = here.press("haneul", "approve", ticket)
        assert (200, code) == road.outcome(reply)
        facts = [fact for section in road.said(reply)["sections"] for fact in section.get("facts", ())]
        assert [end] == [fact["value"] for fact in facts if fact["name"] == "Expires"]
    seen = here.presses().view(here.presses().open_ticket(ticket)).case
    assert end == iso(seen.request.expires_at)
    assert request.expires_at == here.case(request.id).request.expires_at


def test_a_press_on_what_is_not_as_it_was_seen_is_stale_while_it_waits(here: road.Road, httpx_mock: HTTPXMock) -> None:
    taken(httpx_mock)
    request = road.offline()
    presses, asked = here.presses(), list[Case]()
    ticket = presses.open_ticket(road.ticket(request))
    press = Interaction("", "approve", "", Actor(f"entra:{entra_tokens.TENANT}/{example_policy.PEOPLE['ada']}", "Ada"))

    def as_seen(case: Case, *, same: bool) -> bool:
        asked.append(case)
        return same

    decide = partial(presses.decide, ticket, press, here.now() + 8, github_until=here.now() + 8)
    with pytest.raises(Refusal, match="stale"):
        decide(expects=partial(as_seen, same=False))
    assert road.NOTHING == here.recorded()
    assert "released" == decide(expects=partial(as_seen, same=True)).code
    settled = decide(expects=partial(as_seen, same=False))
    assert "already-approved" == settled.code
    assert [Case(request, "offline")] * 2 == asked
