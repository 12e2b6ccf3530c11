"""The receivers of the simulator: what the policy's webhooks got, each event checked."""

import os
import time
from typing import Any

import httpx
import pytest

from relay import app
from relay.chats.webhook.chat import read_hook
from relay.chats.webhook.post import headers_of
from tests.dev.simulator.here import ask, ask_in, press, state

BODY = b'{"type": "relay.approved"}'


def received(page: httpx.Client, title: str = "") -> list[dict[str, Any]]:
    found = [dict(each) for each in state(page)["hooks"]["received"]]
    return [each for each in found if not title or each["event"]["data"]["request"]["title"] == title]


def told() -> None:
    app.relay().round().run()


def test_every_event_of_a_request_is_received_verified_and_shown(page: httpx.Client) -> None:
    assert ["events"] == state(page)["hooks"]["channels"]
    card = ask(
        page,
        {"title": "Heard", "repository": "octo/shop", "environment": "production", "event_type": "deploy-production"},
    )
    press(page, card["id"], "ada")
    told()
    events = [each["event"]["type"] for each in reversed(received(page, "Heard"))]
    assert ["relay.requested", "relay.reviewed", "relay.approved", "relay.delivered"] == events[:4]
    assert {("", "events", False)} == {
        (each["fault"], each["channel"], each["again"]) for each in received(page, "Heard")
    }


def test_verdicts_are_in_the_thread_and_the_announcement_is_one_message(page: httpx.Client) -> None:
    form = {"title": "Threaded", "repository": "octo/shop", "environment": "payments", "event_type": "deploy-payments"}
    (card,) = ask_in(page, form, "channel:slack-releases")
    for person, verdict in (("grace", 0), ("ada", 1)):
        asked = {"card": card["id"], "person": person, "path": button(page, card["id"], verdict), "inputs": {}}
        assert 200 == page.post("/simulator/presses", json=asked).status_code
    told()
    texts = [(each["where"], each["card"]["text"]) for each in state(page)["cards"] if "text" in each["card"]]
    thread = "Slack, #slack-releases, in the thread of Threaded"
    assert [
        "Ada Lovelace: reject, in stage release: Threaded",
        "Stage qa has passed: Threaded",
        "Grace Hopper: approve, in stage qa: Threaded",
    ] == [text for where, text in texts if where == thread]
    assert ("Slack, #slack-releases", "Rejected: Threaded, by Ada Lovelace") in texts


def button(page: httpx.Client, card_id: str, number: int) -> list[object]:
    card = next(each for each in state(page)["cards"] if each["id"] == card_id)["card"]
    block = next(n for n, each in enumerate(card["blocks"]) if each.get("block_id") == "decide")
    return ["blocks", block, "elements", number]


def post(page: httpx.Client, headers: dict[str, str], path: str = "events", body: bytes = BODY) -> int:
    return page.post(f"/simulator/hooks/{path}", content=body, headers=headers).status_code


@pytest.mark.parametrize(
    ("spoilt", "fault"),
    [
        ({"webhook-id": "other"}, "not signed"),
        ({"webhook-signature": "v1,AAAA"}, "not signed"),
        ({"webhook-signature": ""}, "not signed"),
        ({"webhook-timestamp": "1"}, "too far from now"),
        ({"webhook-timestamp": "x"}, "too far from now"),
        ({"content-type": "application/json"}, "another content type"),
    ],
)
def test_a_spoilt_event_is_shown_as_not_genuine(page: httpx.Client, spoilt: dict[str, str], fault: str) -> None:
    (key,) = read_hook(os.environ["RELAY_HOOKS"]).keys
    genuine = headers_of("x_1", int(time.time()), BODY, [key])
    assert 204 == post(page, genuine)
    assert 401 == post(page, {**genuine, **spoilt})
    assert fault in received(page)[0]["fault"]


def test_an_event_that_comes_once_more_is_marked_and_other_bodies_are_not_read(page: httpx.Client) -> None:
    (key,) = read_hook(os.environ["RELAY_HOOKS"]).keys
    for body, event in (
        (b"[]", {}),
        (b"{", {}),
        (BODY, {"type": "relay.approved"}),
        (BODY, {"type": "relay.approved"}),
    ):
        headers = headers_of(f"y_{len(body)}", int(time.time()), body, [key])
        assert 204 == post(page, headers, body=body)
        assert event == received(page)[0]["event"]
    assert received(page)[0]["again"]
    large = b"x" * 30_000
    assert 401 == post(page, headers_of("z_1", int(time.time()), large, [key]), body=large)
    assert 404 == post(page, {}, path="elsewhere")
    assert 404 == page.get("/simulator/hooks/events").status_code
