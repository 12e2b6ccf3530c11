"""A mail on its whole road: its buttons pressed as Outlook presses them, by the relay of the real parts."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest
from pytest_httpx import HTTPXMock

from relay.chats.outlook.card import draw as draw_adaptive
from relay.chats.shared.message_card import draw as draw_message_card
from relay.errors import Refusal
from relay.model.delivery import Delivery, Reply
from relay.model.request import ApprovalRequest
from tests.support import click_answers, clicks, entra_tokens, road

TARGET: Final = f"{road.ORIGIN}/api/interactions/messagecard"
ORIGINATOR: Final = "4f1c9d2a-7b54-46f8-891a-2b3c4d5e6f70"
DRAWN: Final[dict[str, Callable[..., dict[str, object]]]] = {
    "adaptive": draw_adaptive,
    "messagecard": draw_message_card,
}
by_format = pytest.mark.parametrize("drawn", DRAWN)


def mailed(request: ApprovalRequest, drawn: str) -> dict[str, Any]:
    ticket = road.ticket(request)
    return DRAWN[drawn](request, target=TARGET, ticket=ticket, proven=(), originator=ORIGINATOR)


def button(card: Mapping[str, Any], verdict: str) -> dict[str, Any]:
    """Return the action that says the verdict, of either format."""
    shown = [action["card"] for action in card.get("actions", ()) if action["type"] == "Action.ShowCard"]
    inner = [action for each in [*shown, *card.get("potentialAction", ())] for action in each["actions"]]
    (found,) = [each for each in inner if {"name": "Relay-Verdict", "value": verdict} in each["headers"]]
    return dict(found)


def deliver(
    here: road.Road, action: Mapping[str, Any], person: str, comment: str = "", **spoiled: str
) -> tuple[tuple[int, str], dict[str, Any], Reply]:
    """Invoke an action as Outlook's servers do, and return the outcome, the card and the whole answer."""
    headers = {header["name"].lower(): header["value"] for header in action["headers"]}
    headers |= {"authorization": clicks.bearer(person)} | {
        name.replace("_", "-"): text for name, text in spoiled.items()
    }
    body = action["body"].replace("{{comment.value}}", json.dumps(comment, ensure_ascii=False)[1:-1])
    delivery = Delivery("messagecard", headers, body.encode(), here.now())
    reply = here.presses().answer(here.world.channels["messagecard"], delivery)
    click_answers.check_status(reply)
    return road.outcome(reply), road.said(reply), reply


def kind(card: Mapping[str, Any]) -> str:
    return "adaptive" if card.get("type") == "AdaptiveCard" else str(card.get("@type")).lower()


@by_format
def test_a_press_in_a_mail_releases_and_the_card_comes_back_in_its_format(
    here: road.Road, httpx_mock: HTTPXMock, drawn: str
) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204)
    request = road.offline()
    said = '좋아요 "go"\n둘째 줄 \\'
    outcome, card, reply = deliver(here, button(mailed(request, drawn), "approve"), "ada", said)
    assert (200, "released") == outcome
    assert (drawn, ORIGINATOR) == (kind(card), card["originator"])
    assert "true" == reply.headers["CARD-UPDATE-IN-BODY"]
    assert {"Relay-Ticket", "Action.Http", "HttpPOST"} & set(json.dumps(card).split('"')) == set()
    (review,) = here.case(request.id).reviews
    assert ("approve", said, "Ada") == (review.verdict, review.comment, review.by.name)
    assert ["approved"] == [each["client_payload"]["approval"]["decision"] for each in road.dispatched(httpx_mock)]


@by_format
def test_the_buttons_of_the_card_that_comes_back_press_in_the_next_stage(here: road.Road, drawn: str) -> None:
    first = mailed(road.offline("staged"), drawn)
    outcome, second, _ = deliver(here, button(first, "approve"), "ada")
    assert (200, "counted") == outcome
    outcome, third, _ = deliver(here, button(second, "approve"), "ada")
    assert (200, "counted") == outcome
    assert [(drawn, ORIGINATOR)] * 2 == [(kind(card), card["originator"]) for card in (second, third)]
    outcome, last, _ = deliver(here, button(third, "reject"), "grace", "not on Fridays")
    assert (200, "rejected") == outcome
    assert "not on Fridays" in json.dumps(last)


def test_a_mail_that_is_opened_shows_how_it_stands_and_decides_nothing(here: road.Road, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204)
    card = mailed(road.offline(), "adaptive")
    _, waiting, reply = deliver(here, card["autoInvokeAction"], "lin")
    assert (200, road.NOTHING) == (reply.status, here.recorded())
    assert (ORIGINATOR, "adaptive") == (waiting["originator"], kind(waiting))
    assert (200, "released") == deliver(here, button(waiting, "approve"), "ada")[0]
    outcome, decided, _ = deliver(here, waiting["autoInvokeAction"], "lin")
    assert (200, "already-approved") == outcome
    assert "autoInvokeAction" not in decided
    assert "Action.Http" not in json.dumps(decided)
    assert 1 == len(road.dispatched(httpx_mock))


@pytest.mark.parametrize(
    "spoiled",
    [
        {"relay_card": ""},
        {"relay_card": "messagecard"},
        {"relay_card": "slack"},
        {"relay_originator": "eve"},
        {"relay_originator": entra_tokens.OTHER_TENANT},
    ],
)
def test_what_the_answer_looks_like_has_no_say_in_the_decision(
    here: road.Road, httpx_mock: HTTPXMock, spoiled: dict[str, str]
) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204)
    request = road.offline()
    outcome, _, _ = deliver(here, button(mailed(request, "adaptive"), "approve"), "ada", "ok", **spoiled)
    assert (200, "released") == outcome
    (review,) = here.case(request.id).reviews
    assert ("Ada", "ok") == (review.by.name, review.comment)


@by_format
@pytest.mark.parametrize(
    ("person", "spoiled", "expected"),
    [
        ("lin", {}, (403, "not-allowed")),
        (entra_tokens.OBJECT, {}, (403, "not-allowed")),
        ("ada", {"authorization": "Bearer a.b.c"}, (401, "not-genuine")),
        ("ada", {"relay_ticket": "a.b.c"}, (401, "not-genuine")),
        ("ada", {"relay_verdict": "maybe"}, (400, "malformed")),
    ],
)
def test_a_press_that_is_refused_brings_no_card_and_records_nothing(
    here: road.Road, drawn: str, person: str, spoiled: dict[str, str], expected: tuple[int, str]
) -> None:
    action = button(mailed(road.offline(), drawn), "approve")
    outcome, body, reply = deliver(here, action, person, "ok", **spoiled)
    assert (expected, expected[1]) == (outcome, body["error"])
    assert "CARD-UPDATE-IN-BODY" not in reply.headers
    assert road.NOTHING == here.recorded()


def test_who_is_not_proven_may_not_even_look(here: road.Road) -> None:
    look = mailed(road.offline(), "adaptive")["autoInvokeAction"]
    for spoiled in ({"authorization": ""}, {"authorization": "Bearer a.b.c"}, {"relay_ticket": "a.b.c"}):
        assert (401, "not-genuine") == deliver(here, look, "ada", **spoiled)[0]


def test_a_press_on_the_card_of_one_request_never_approves_another(here: road.Road) -> None:
    victim = road.ticket(road.offline())
    headers = [{"name": "Relay-Ticket", "value": victim}, {"name": "Relay-Verdict", "value": "approve"}]
    trojan = {"@type": "HttpPOST", "name": "Show the test report", "target": TARGET, "headers": headers}
    form = {"repository": "octo/api", "event_type": "deploy-api", "title": "Nightly tests passed"}
    for field, value in (("actions", trojan), ("sections", {"title": "Tests", "potentialAction": [trojan]})):
        reply = here.ask(form | {field: [value]})
        assert (400, field) == (reply.status, road.said(reply)["field"])
        with pytest.raises(Refusal, match=f"field {field}"):
            road.ticket(road.offline("production", **{field: [value]}))


@by_format
def test_a_placeholder_that_nobody_filled_in_is_no_comment(here: road.Road, httpx_mock: HTTPXMock, drawn: str) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204)
    asked, free = road.offline(require_comment=True), road.offline(nonce="m" * 22)
    for request, outcome in ((asked, (400, "comment-required")), (free, (200, "released"))):
        action = button(mailed(request, drawn), "approve")
        headers = {h["name"].lower(): h["value"] for h in action["headers"]} | {"authorization": clicks.bearer("ada")}
        delivery = Delivery("messagecard", headers, action["body"].encode(), here.now())
        assert outcome == road.outcome(here.presses().answer(here.world.channels["messagecard"], delivery))
    assert [""] == [review.comment for review in here.case(free.id).reviews]
