"""Presses of cards that something else posted: only those of this relay, and only what the card has."""

import httpx
import pytest

from tests.dev.simulator.here import Here, ask, state
from tests.dev.simulator.posting import button, press_posted


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/api/interactions/messagecard",
        "http://127.0.0.1:1/api/interactions/messagecard",
        "{}/api/actions/run",
        "{}/",
    ],
)
def test_only_buttons_of_this_relay_can_be_pressed(simulator: Here, page: httpx.Client, target: str) -> None:
    action = button(simulator, target=target.format(simulator.origin))
    assert (400, {}) == press_posted(page, action)


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [{"name": "Authorization", "value": ""}],  # the token travels in Action-Authorization then
        [{"name": "Host", "value": "evil.example"}, {"name": "Content-Length", "value": "999999"}],
        [{"name": "Transfer-Encoding", "value": "chunked"}, {"name": "Relay-Verdict", "value": "a\r\nb: c"}],
        [{"name": "X-한", "value": "x"}, {"name": "X-B", "value": "값"}],
    ],
)
def test_the_headers_of_a_card_reach_the_relay_and_cannot_bend_the_call(
    simulator: Here, page: httpx.Client, headers: list[dict[str, str]]
) -> None:
    code, line = press_posted(page, button(simulator, headers=headers))
    # who pressed was proven, and then the card has no ticket
    assert (200, 400, "malformed") == (code, line["status"], line["outcome"])


def test_a_press_says_what_the_card_says_its_body_is(simulator: Here, page: httpx.Client) -> None:
    form = "application/x-www-form-urlencoded"
    code, line = press_posted(page, button(simulator, bodyContentType=form, body="a=b"))
    assert (200, "malformed") == (code, line["outcome"])


def test_a_press_by_the_name_localhost_is_one_of_this_relay(simulator: Here, page: httpx.Client) -> None:
    target = button(simulator)["target"].replace("127.0.0.1", "localhost")
    code, _ = press_posted(page, button(simulator, target=target))
    assert 200 == code


@pytest.mark.parametrize(
    "path",
    [
        *(None, "potentialAction", [], ["title"], [{}]),
        *(["potentialAction", 9], ["potentialAction", -1], ["potentialAction", True]),
    ],
)
def test_only_an_http_post_action_of_the_card_can_be_pressed(page: httpx.Client, path: object) -> None:
    card = ask(page, "production")
    asked = {"person": "ada", "card": card["id"], "path": path, "inputs": {}}
    assert 400 == page.post("/simulator/presses", json=asked).status_code
    assert 0 == state(page)["cards"][0]["revision"]
