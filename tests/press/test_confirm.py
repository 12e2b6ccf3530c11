"""A rule with `confirm_cards`: a press on a card that the asker's machine drew gets the relay's own card first."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from relay.approval.confirm import view_of
from relay.model.delivery import Delivery
from relay.signed import tickets
from tests.press.dispatches import taken
from tests.support import click_answers, clicks, entra_tokens, example_policy, road
from tests.support.example_policy import RELEASE, rule, stage

BOTH = (stage("qa", "group:qa"), stage("release", "group:owners", required=2))
POLICY = (
    example_policy.POLICY
    + rule("ordered", RELEASE, confirm_cards=True, supersede=True)
    + rule("twice", *BOTH, confirm_cards=True, on_request="preview")
)


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[road.Road]:
    with road.made(tmp_path, httpx_mock, RELAY_POLICY=POLICY) as made:
        yield made


def asked(here: road.Road, environment: str = "guarded", **fields: Any) -> str:
    """Register a request and return its ticket."""
    form = {"repository": "octo/api", "event_type": "deploy-api", "title": "T", "environment": environment, **fields}
    return str(road.said(here.ask(form))["ticket"])


def buttons(reply: Any) -> dict[str, str]:
    return click_answers.pressable(road.said(reply))


def typed(reply: Any) -> set[str]:
    """Return the comments that stand in the fields of a card."""
    cards = [action for action in road.said(reply)["potentialAction"] if action["@type"] == "ActionCard"]
    return {field.get("value", "") for card in cards for field in card["inputs"]}


@pytest.mark.parametrize("offline", [True, False])
@pytest.mark.parametrize("verdict", ["approve", "reject"])
def test_a_press_on_the_card_of_one_request_decides_no_other_unseen(
    here: road.Road, httpx_mock: HTTPXMock, verdict: str, offline: bool
) -> None:
    if verdict == "approve":
        taken(httpx_mock)
    request = road.offline(
        "guarded", sha="b" * 40, actions=[{"@type": "HttpPOST", "name": "x", "target": "https://x.y"}]
    )
    first = here.press("ada", verdict, road.ticket(request) if offline else asked(here), 'said "once"')
    assert (200, "confirm") == road.outcome(first)
    assert [] == road.dispatched(httpx_mock)
    facts = {fact["name"]: fact["value"] for part in road.said(first)["sections"] for fact in part.get("facts", ())}
    assert ("octo/api", "guarded", "deploy-api") == tuple(
        facts[name] for name in ("Repository", "Environment", "Event")
    )
    assert {'said "once"'} == typed(first)
    assert ["ActionCard", "ActionCard"] == [action["@type"] for action in road.said(first)["potentialAction"]]
    second = here.press("ada", verdict, buttons(first)[verdict], "seen")
    assert (200, "released" if verdict == "approve" else "rejected") == road.outcome(second)
    case = here.case(
        tickets.open_ticket(buttons(first)[verdict], [road.MASTER], road.ORIGIN, now=here.now(), born_at=0).id
    )
    assert [("Ada", "seen")] == [(review.by.name, review.comment) for review in case.reviews]
    assert 1 == len(here.case(case.request.id).reviews)


def test_nothing_is_recorded_by_the_first_press_but_that_the_request_is_known(here: road.Road) -> None:
    request = road.offline("twice")
    for _ in range(3):
        assert (200, "confirm") == road.outcome(here.press("ada", "approve", road.ticket(request)))
    case = here.case(request.id)
    assert ((), (), "pending", 1) == (case.reviews, case.debts, case.status, case.version)


def test_a_view_belongs_to_one_person_for_ten_minutes(here: road.Road, httpx_mock: HTTPXMock) -> None:
    taken(httpx_mock)
    of_ada = buttons(here.press("ada", "approve", asked(here)))["approve"]
    for person, ahead in (("grace", 0.0), ("octocat", 590.0), ("ada", 601.0)):
        here.ahead = ahead
        fresh = here.press(person, "approve", of_ada)
        assert (200, "confirm") == road.outcome(fresh)
        assert of_ada != buttons(fresh)["approve"]
    assert [] == road.dispatched(httpx_mock)
    assert (200, "released") == road.outcome(here.press("ada", "approve", buttons(fresh)["approve"]))


def test_a_view_of_another_stage_confirms_nothing(here: road.Road, httpx_mock: HTTPXMock) -> None:
    taken(httpx_mock)
    ticket = asked(here, "twice")
    of_lin, of_ada = (buttons(here.press(person, "approve", ticket))["approve"] for person in ("lin", "ada"))
    passed = here.press("lin", "approve", of_lin)
    assert (200, "counted") == road.outcome(passed)
    assert (200, "confirm") == road.outcome(here.press("ada", "reject", of_ada))
    on_new_card = here.press("grace", "approve", buttons(passed)["approve"])
    assert (200, "confirm") == road.outcome(on_new_card)
    assert (200, "counted") == road.outcome(here.press("grace", "approve", buttons(on_new_card)["approve"]))
    assert (200, "already-counted") == road.outcome(here.press("grace", "approve", ticket))
    assert 2 == len(here.case(tickets_id(ticket)).reviews)


def tickets_id(text: str) -> str:
    return tickets.open_ticket(text, [road.MASTER], road.ORIGIN, now=2**33, born_at=0).id


def test_every_refusal_and_every_code_of_a_decided_case_comes_first(here: road.Road, httpx_mock: HTTPXMock) -> None:
    taken(httpx_mock)
    ticket = asked(here, requested_by="octocat")
    for person, code in (("lin", "not-allowed"), ("octocat", "own-request")):
        assert (403, code) == road.outcome(here.press(person, "approve", ticket))
    seen = buttons(here.press("ada", "approve", ticket))["approve"]
    assert (200, "released") == road.outcome(here.press("ada", "approve", seen))
    for person in ("ada", "grace", "lin"):
        for text in (ticket, seen):
            assert (200, "already-approved") == road.outcome(here.press(person, "approve", text))
    short = asked(here, event_type="deploy-b", expires_in="5m")
    view = buttons(here.press("ada", "approve", short))["approve"]
    here.ahead = 301
    for text in (short, view):
        assert (200, "expired") == road.outcome(here.press("ada", "approve", text))


def test_a_missing_comment_is_judged_on_the_second_press(here: road.Road, httpx_mock: HTTPXMock) -> None:
    taken(httpx_mock)
    ticket = asked(here, require_comment=True)
    first = here.press("ada", "approve", ticket, "")
    assert (200, "confirm") == road.outcome(first)
    for comment in ("", " \u200b"):
        refused = here.press("ada", "approve", buttons(first)["approve"], comment)
        assert (400, "comment-required") == road.outcome(refused)
    assert (200, "released") == road.outcome(here.press("ada", "approve", buttons(first)["approve"], "why"))


def test_a_ticket_copied_from_a_card_of_the_relays_decides_on_no_askers_card(here: road.Road) -> None:
    case = here.case(tickets_id(asked(here)))
    copied = tickets.sign(case.request, road.MASTER, road.ORIGIN, self_contained=False, by=tickets.BY_RELAY)
    reply = here.press("ada", "approve", copied)
    assert (200, "confirm") == road.outcome(reply)
    assert () == here.case(case.request.id).reviews


def test_the_newest_still_counts_alone(here: road.Road, httpx_mock: HTTPXMock) -> None:
    taken(httpx_mock)
    older, newer = (
        road.offline("ordered", nonce=letter * 22, issued_at=int(here.now()) - age)
        for letter, age in (("a", 9), ("b", 0))
    )
    views = [buttons(here.press("ada", "approve", road.ticket(each)))["approve"] for each in (older, newer)]
    assert (200, "released") == road.outcome(here.press("ada", "approve", views[1]))
    assert (200, "superseded") == road.outcome(here.press("ada", "approve", views[0]))


def test_a_card_in_a_mail_is_confirmed_in_its_own_form(here: road.Road, httpx_mock: HTTPXMock) -> None:
    taken(httpx_mock)
    headers = clicks.headers("ada", "approve", asked(here)) | {"relay-card": "adaptive"}
    reply = here.presses().answer(
        here.world.channels["messagecard"], Delivery("messagecard", headers, b'{"comment": "yes"}', here.now())
    )
    assert (200, "confirm") == road.outcome(reply)
    card = road.said(reply)
    (field,) = [element for element in card["body"] if element["type"] == "Input.Text"]
    assert "yes" == field["value"]
    press = card["actions"][0]["card"]["actions"][0]
    view = next(header["value"] for header in press["headers"] if header["name"] == "Relay-Ticket")
    assert (200, "released") == road.outcome(here.press("ada", "approve", view))


def test_without_the_key_one_press_is_enough(here: road.Road, httpx_mock: HTTPXMock) -> None:
    taken(httpx_mock)
    assert (200, "released") == road.outcome(here.press("ada", "approve", asked(here, "production")))


# Views that are not the relay's


@pytest.mark.parametrize("way", ["derived key", "another request", "another view"])
def test_a_view_that_the_relay_did_not_draw_confirms_nothing(here: road.Road, way: str) -> None:
    request = here.case(tickets_id(asked(here, text="harmless"))).request
    other = here.case(tickets_id(asked(here, event_type="deploy-z"))).request
    ada = f"entra:{entra_tokens.TENANT}/{example_policy.PEOPLE['ada']}"
    key = tickets.derive(road.MASTER, "octo/api") if way == "derived key" else road.MASTER
    shown, stage_ = (
        (other, "release") if way == "another request" else (request, "qa" if way == "another view" else "release")
    )
    text = tickets.sign_view(
        request, key, road.ORIGIN, stage="release", view=view_of(shown, stage_), person=ada, now=here.now()
    )
    expected = (401, "not-genuine") if way == "derived key" else (200, "confirm")
    assert expected == road.outcome(here.press("ada", "approve", text))
    assert () == here.case(request.id).reviews
