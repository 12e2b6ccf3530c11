"""Cards that something else posts at the chat's webhook: registered, offline, or only a notification."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from relay.dev.simulator.cards import request_of
from tests.dev.simulator.here import Here, ask_in, exports, path_of, press, press_on, sample, state
from tests.dev.simulator.posting import CARD, button, posted, press_posted, send
from tests.support.own_process import ROOT


def test_relay_send_lands_in_the_chat_and_is_pressed_like_any_card(page: httpx.Client) -> None:
    options = ("--repository", "octo/shop", "--environment", "production", "--event-type", "deploy-production")
    sent = send(page, *options, "--title", "Sent from a shell", "--requested-by", "alan")
    assert 0 == sent.returncode, sent.stderr
    card = state(page)["cards"][0]
    assert ("webhook", "Sent from a shell", "pending") == (
        card["source"],
        card["card"]["title"],
        card["request"]["status"],
    )
    assert card["request"]["id"] in sent.stdout
    assert "" == card["request"]["requested_by"], "who asked is in the card alone"
    card = press(page, card["id"], "ada")
    assert ("released", "approved", "delivered") == (
        card["line"]["outcome"],
        card["request"]["status"],
        card["request"]["dispatch"]["status"],
    )


def test_a_card_with_a_ticket_of_its_own_is_a_request_once_it_is_pressed(page: httpx.Client) -> None:
    key = os.environ["RELAY_TICKET_KEYS"]
    options = ("--repository", "octo/shop", "--environment", "staging", "--event-type", "deploy-staging")
    sent = send(page, *options, "--title", "Offline", "--offline", RELAY_TICKET_KEY=key)
    assert 0 == sent.returncode, sent.stderr
    card = state(page)["cards"][0]
    assert None is card["request"]
    card = press(page, card["id"], "grace", comment="fine")
    assert ("released", "approved") == (card["line"]["outcome"], card["request"]["status"])


def test_a_notification_of_any_sender_is_shown(page: httpx.Client) -> None:
    targets = [{"os": "default", "uri": "https://a.example/"}]
    card = {**CARD, "potentialAction": [{"@type": "OpenUri", "name": "Open", "targets": targets}]}
    answer = posted(page, card)
    assert (200, "1", "text/plain; charset=utf-8") == (answer.status_code, answer.text, answer.headers["content-type"])
    shown = state(page)["cards"][0]
    assert (card, None, {}, 0) == (shown["card"], shown["request"], shown["line"], shown["revision"])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 60_000, "not JSON"),
        (json.dumps({**CARD, "n": float("nan")}).encode(), "not JSON"),
        (b"[]", "must be a JSON object"),
        (b'{"type": "message"}', '@type must be "MessageCard"'),
        (json.dumps({**CARD, "summary": ""}).encode(), "summary is missing"),
        (json.dumps({**CARD, "text": "x" * 30_000}).encode(), "28 KB"),
        (b'"' + b"x" * 70_000 + b'"', "longer than any card"),
        (json.dumps({**CARD, "text": "half \ud800"}).encode(), "half a character"),
    ],
)
def test_what_is_no_card_is_refused_with_a_sentence(page: httpx.Client, body: bytes, said: str) -> None:
    answer = httpx.post(exports(page)["RELAY_WEBHOOK_URL"], content=body, trust_env=False)
    assert 400 == answer.status_code
    assert said in answer.text


def test_the_address_is_the_proof(simulator: Here, page: httpx.Client) -> None:
    before = [each["id"] for each in state(page)["cards"]]
    url = exports(page)["RELAY_WEBHOOK_URL"]
    assert url.startswith(simulator.origin + "/simulator/webhook/")
    assert 404 == httpx.get(url, trust_env=False).status_code
    for wrong in (url[:-1], url + "/", url.rpartition("/")[0] + "/", url + "é"):
        answer = page.post(wrong, json=CARD)
        assert (404, "There is no webhook at this address.") == (answer.status_code, answer.text)
    assert 403 == httpx.post(url, json=CARD, headers={"Origin": "https://evil.example"}, trust_env=False).status_code
    assert 421 == httpx.post(url, json=CARD, headers={"Host": "evil.example"}, trust_env=False).status_code
    assert before == [each["id"] for each in state(page)["cards"]]


def test_the_chat_keeps_the_last_twenty_cards(page: httpx.Client) -> None:
    for number in range(21):
        assert 200 == posted(page, {**CARD, "text": str(number)}).status_code
    cards = state(page)["cards"]
    assert [str(number) for number in range(20, 0, -1)] == [each["card"]["text"] for each in cards]


TARGET = "http://relay/api/interactions/messagecard"
TICKET = "e30.eyJqdGkiOiJhYmMifQ.x"  # {"jti": "abc"}


def card_with(ticket: str, target: str = TARGET) -> dict[str, Any]:
    headers = [{"name": "relay-ticket", "value": ticket}]
    return {"sections": [{"potentialAction": [{"@type": "HttpPOST", "target": target, "headers": headers}]}]}


@pytest.mark.parametrize(
    ("card", "found"),
    [
        (card_with(TICKET), "abc"),
        (card_with(TICKET, "http://evil/api/interactions/messagecard"), ""),
        (card_with(TICKET, "http://[half"), ""),
        (card_with(""), ""),
        (card_with("one.two.three"), ""),
        (card_with("one.e30.three"), ""),
        (card_with("one.W10.three"), ""),
        (card_with("one.eyJqdGkiOiIuLi8uLiJ9.three"), ""),  # {"jti": "../.."}
        (card_with("one.eyJqdGkiOjF9.three"), ""),
        ({"@type": "HttpPOST", "target": TARGET, "headers": 5}, ""),
        ({"@type": "HttpPOST", "target": TARGET, "headers": [5]}, ""),
        ([[[[[[[[[[[[[[[[card_with(TICKET)]]]]]]]]]]]]]]]], ""),
    ],
)
def test_the_request_of_a_card_is_read_from_its_ticket_and_nothing_is_made_of_what_is_none(
    card: object, found: str
) -> None:
    assert found == request_of(card, {"http://relay"})


def test_an_unknown_request_is_one_that_the_relay_says_nothing_of(simulator: Here, page: httpx.Client) -> None:
    headers = [{"name": "Relay-Ticket", "value": TICKET}, {"name": "Relay-Verdict", "value": "approve"}]
    code, line = press_posted(page, button(simulator, headers=headers))
    assert (200, "not-genuine") == (code, line["outcome"])
    assert None is state(page)["cards"][0]["request"]


@pytest.mark.parametrize(
    ("key", "place", "host"),
    [
        ("production", "outlook", "outlook"),
        ("staging", "outlook", "outlook"),
        ("production", "mail", "outlook"),
        ("production", "workflows", "workflows"),
        ("production", "channel:releases", "bot"),
        ("notice", "mail", "outlook"),
    ],
)
def test_the_command_of_the_page_runs_in_a_shell_and_sends_its_card(
    page: httpx.Client, tmp_path: Path, key: str, place: str, host: str
) -> None:
    form = sample(page, key)
    said = page.post("/simulator/command", json={"form": form, "places": [place]}).json()
    shell = f'relay() {{ "{sys.executable}" -m relay "$@"; }}\n{said["environment"]}\n{said["command"]}\n'
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    subprocess.run(["sh", "-c", shell], env=environ, cwd=tmp_path, check=True, timeout=60, stdout=subprocess.DEVNULL)
    by_shell = state(page)["cards"][0]
    (by_page,) = ask_in(page, form, place)
    assert ("webhook" if place in {"outlook", "workflows"} else by_page["source"]) == by_shell["source"]
    assert (host, by_page["title"]) == (by_shell["host"], by_shell["title"])
    assert (by_page["request"] or {}).get("stage") == (by_shell["request"] or {}).get("stage")
    if path_of(by_shell["card"], "Approve"):
        assert "released" == press_on(page, by_shell, "Approve", "ada", "fine")["line"]["outcome"]
