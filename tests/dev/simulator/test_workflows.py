"""A Workflows webhook: what it answers, what its flow posts of it, and what that fails on."""

import json
import re
from typing import Any

import httpx
import pytest

from relay.dev.simulator.workflows import MAX_MESSAGE
from tests.dev.simulator.here import Here, ask_in, exports, state
from tests.dev.simulator.posting import send

CARD = {"type": "AdaptiveCard", "version": "1.4", "body": [{"type": "TextBlock", "text": "Hello", "size": "large"}]}
KIND = "application/vnd.microsoft.card.adaptive"


def message(*cards: object, **changes: object) -> dict[str, object]:
    attachments = [{"contentType": KIND, "contentUrl": None, "content": card} for card in cards or (CARD,)]
    return {"type": "message", "attachments": attachments, **changes}


def url(page: httpx.Client) -> str:
    return exports(page)["WORKFLOWS_URL"]


def posted(page: httpx.Client, body: object) -> httpx.Response:
    return httpx.post(url(page), content=body if isinstance(body, bytes) else json.dumps(body), trust_env=False)


def test_relay_send_lands_in_the_chat_with_the_page_behind_its_button(simulator: Here, page: httpx.Client) -> None:
    options = ("--repository", "octo/shop", "--environment", "production", "--event-type", "deploy-production")
    way = ("--format", "adaptive", "--webhook", url(page))
    sent = send(page, *way, *options, "--title", "By a workflow")
    assert 0 == sent.returncode, sent.stderr
    card = state(page)["cards"][0]
    assert ("workflows", "webhook", "By a workflow", "") == tuple(
        card[name] for name in ("host", "source", "title", "failed")
    )
    button = card["card"]["actions"][0]
    assert f"{simulator.origin}/api/review/{card['request']['id']}" == button["url"].partition("?")[0]
    assert "pending" == card["request"]["status"]


def test_the_card_that_the_page_sends_is_the_same(page: httpx.Client) -> None:
    (card,) = ask_in(page, "production", "workflows")
    assert ("workflows", "Deploy shop 2.4.0 to production", "pending") == (
        card["host"],
        card["title"],
        card["request"]["status"],
    )


def test_each_attachment_is_a_message_of_its_own(page: httpx.Client) -> None:
    other = {**CARD, "body": [{"type": "TextBlock", "text": "Other"}]}
    answer = posted(page, message(CARD, other))
    assert (202, b"") == (answer.status_code, answer.content)
    assert ["Other", "Hello"] == [each["title"] for each in state(page)["cards"][:2]]


def test_a_message_card_is_taken_and_its_buttons_are_for_the_page_to_leave_out(page: httpx.Client) -> None:
    card = {
        "@type": "MessageCard",
        "@context": "https://schema.org/extensions",
        "summary": "Old",
        "potentialAction": [],
    }
    assert 202 == posted(page, card).status_code
    shown = state(page)["cards"][0]
    assert (card, "", "Old") == (shown["card"], shown["failed"], shown["title"])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (CARD, "bare card"),
        ({"text": "Hello"}, "loops over attachments"),
        (message(attachments=[]), "loops over attachments"),
        (message(type="note"), '"type": "message"'),
        (message(attachments=[{"contentType": "application/json", "content": CARD}]), "contentType"),
        (message(attachments=["x"]), "contentType"),
        (message({"type": "AdaptiveCard"}), "contentType"),
        (message("x"), "contentType"),
        ({"@type": "MessageCard"}, "Summary or Text is required"),
        (message({**CARD, "speak": "x" * MAX_MESSAGE}), "28 KB"),
        (message({**CARD, "speak": '"' * (MAX_MESSAGE // 3)}), "message properties size"),
    ],
)
def test_a_flow_that_fails_was_answered_202_all_the_same_and_the_page_tells(
    page: httpx.Client, body: object, said: str
) -> None:
    answer = posted(page, body)
    assert (202, b"") == (answer.status_code, answer.content)
    failed = state(page)["cards"][0]
    assert ({}, None) == (failed["card"], failed["request"])
    assert said in failed["failed"]


@pytest.mark.parametrize("body", [b"", b"[]", b"not json", b'"' + b"x" * 300_000 + b'"'])
def test_what_is_no_json_object_does_not_start_the_flow(page: httpx.Client, body: bytes) -> None:
    before = [each["id"] for each in state(page)["cards"]]
    answer = posted(page, body)
    assert (400, "TriggerInputSchemaMismatch") == (answer.status_code, answer.json()["error"]["code"])
    assert before == [each["id"] for each in state(page)["cards"]]


def test_the_signature_in_the_address_is_the_proof(page: httpx.Client) -> None:
    before, address = [each["id"] for each in state(page)["cards"]], url(page)
    wrong: list[tuple[str, int]] = [
        (address[:-1], 401),
        (address.partition("&sig")[0], 401),
        (address.replace("/triggers/", "/other/"), 404),
        (re.sub(r"workflows/\w{3}", "workflows/xyz", address), 404),
    ]
    for other, status in wrong:
        answer = httpx.post(other, json=message(), trust_env=False)
        assert status == answer.status_code
        assert answer.json()["error"]["code"]
    assert 404 == httpx.get(address, trust_env=False).status_code
    assert 403 == httpx.post(address, json=message(), headers={"Origin": "https://evil.example"}).status_code
    assert before == [each["id"] for each in state(page)["cards"]]


def test_no_press_on_it_reaches_the_relay(page: httpx.Client) -> None:
    execute: dict[str, Any] = {"type": "Action.Execute", "title": "Approve", "verb": "approve"}
    posted(page, message({**CARD, "actions": [execute]}))
    card = state(page)["cards"][0]
    asked = {"card": card["id"], "person": "ada", "path": ["actions", 0], "inputs": {}}
    answer = page.post("/simulator/presses", json=asked)
    assert (400, "a press on this card reaches no relay") == (answer.status_code, answer.json()["message"])
    assert 200 == page.post("/simulator/refreshes", json=asked).status_code
    assert {} == state(page)["cards"][0]["lines"]
