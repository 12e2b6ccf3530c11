"""Presses on cards of the simulator, judged by the real relay over HTTP."""

import json

import httpx
import pytest

from tests.dev.simulator.here import REJECT, ask, press, sample, state


@pytest.mark.parametrize(
    ("person", "status", "outcome"),
    [
        ("ada", 200, "released"),
        ("grace", 200, "released"),
        ("alan", 403, "own-request"),
        ("stranger", 403, "not-allowed"),
    ],
)
def test_who_presses_decides_what_happens(page: httpx.Client, person: str, status: int, outcome: str) -> None:
    line = press(page, ask(page, "production")["id"], person)["line"]
    assert (status, outcome) == (line["status"], line["outcome"])
    assert (status == 200) is line["good"]


def test_two_stages_take_three_presses_and_a_second_card_is_left_alone(page: httpx.Client) -> None:
    other, card = ask(page, "production")["id"], ask(page, "payments")["id"]
    outcomes = [press(page, card, person)["line"]["outcome"] for person in ("ada", "grace", "ada", "ada", "grace")]
    assert ["not-allowed", "counted", "counted", "already-counted", "released"] == outcomes
    now = state(page)
    assert 0 == next(each for each in now["cards"] if each["id"] == other)["revision"]
    assert "deploy-payments" == now["dispatches"][0]["body"]["event_type"]


def test_how_the_request_stands_is_the_relays_word_with_its_reviews(page: httpx.Client) -> None:
    card = ask(page, "payments")
    assert ("request", "alan") == (card["source"], card["request"]["requested_by"])
    assert ("pending", "qa", []) == tuple(card["request"][name] for name in ("status", "stage", "reviews"))
    request = press(page, card["id"], "grace", comment="looks good")["request"]
    assert ("pending", "release") == (request["status"], request["stage"])
    assert [("approve", "Grace Hopper", "qa", "looks good")] == [
        (each["verdict"], each["by"]["name"], each["stage"], each["comment"]) for each in request["reviews"]
    ]


def test_who_asked_may_approve_where_the_rule_says_so_and_only_with_the_comment_asked_for(page: httpx.Client) -> None:
    card = ask(page, "staging")["id"]
    assert "comment-required" == press(page, card, "alan")["line"]["outcome"]
    assert "released" == press(page, card, "alan", comment="mine")["line"]["outcome"]


def test_a_rejection_is_dispatched_as_its_own_event(page: httpx.Client) -> None:
    card = press(page, ask(page, "payments")["id"], "grace", REJECT, "not today")
    assert "rejected" == card["line"]["outcome"]
    latest = state(page)["dispatches"][0]
    assert ("payments-rejected", 204) == (latest["body"]["event_type"], latest["status"])


@pytest.mark.parametrize(
    "comment", ['say "yes"', "back\\slash", "two\nlines", '"}', "좋아요", "a {{comment.value}}", ""]
)
def test_a_comment_is_substituted_raw_and_arrives_as_it_was_typed(page: httpx.Client, comment: str) -> None:
    assert "released" == press(page, ask(page, "production")["id"], "ada", comment=comment)["line"]["outcome"]
    reviews = state(page)["dispatches"][0]["body"]["client_payload"]["approval"]["reviews"]
    assert comment == reviews[0]["comment"]


def test_a_notification_is_posted_without_any_request(page: httpx.Client) -> None:
    card = ask(page, "notice")
    assert ("request", None) == (card["source"], card["request"])
    assert ["OpenUri"] == [each["@type"] for each in card["card"]["potentialAction"]]


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"title": ""}, 400, "title"),
        ({"sha": "no sha"}, 400, "sha"),
        ({"text": "half \ud800"}, 400, ""),
        ({"nonsense": 1}, 400, "nonsense"),
        ({"approvers": ["nobody"]}, 400, "approvers"),
        ({"environment": "nowhere"}, 403, ""),
        ({"repository": "hexa/other"}, 403, ""),
    ],
)
def test_what_the_relay_refuses_is_told_with_its_field(
    page: httpx.Client, changes: dict[str, object], status: int, field: str
) -> None:
    before = len(state(page)["cards"])
    form = sample(page, "production") | changes
    answer = page.post("/simulator/requests", content=json.dumps({"form": form}))
    said = answer.json()
    assert (status, status, True) == (answer.status_code, said["error"], bool(said["message"]))
    assert field in ("", said.get("field", ""))
    assert before == len(state(page)["cards"])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": None}, "title"),
        ({"theme_color": "red"}, "theme_color"),
        ({"actions": [{"@type": "OpenUri"}]}, "actions"),
        ({"sections": [{"facts": 1}]}, "sections"),
        ({"text": "x" * 8_000, "facts": [{"name": "n", "value": "v" * 2_000}] * 15}, "text"),
    ],
)
def test_a_notification_that_no_chat_would_show_is_told_with_its_field(
    page: httpx.Client, changes: dict[str, object], field: str
) -> None:
    answer = page.post("/simulator/requests", json={"form": sample(page, "notice") | changes})
    assert (400, field) == (answer.status_code, answer.json()["field"])
