"""Presses on cards of the simulator, judged by the real relay over HTTP."""

import httpx
import pytest

APPROVE = ["potentialAction", 0, "actions", 0]
REJECT = ["potentialAction", 1, "actions", 0]


def ask(page: httpx.Client, sample: str) -> str:
    assert 201 == page.post("/simulator/requests", json={"sample": sample}).status_code
    return str(page.get("/simulator/state").json()["cards"][0]["id"])


def press(
    page: httpx.Client, card: str, person: str, path: list[object] | None = None, comment: str = ""
) -> dict[str, object]:
    asked = {"card": card, "person": person, "path": path or APPROVE, "inputs": {"comment": comment}}
    assert 200 == page.post("/simulator/presses", json=asked).status_code
    found = next(each for each in page.get("/simulator/state").json()["cards"] if each["id"] == card)
    return dict(found["line"], card=found["card"], standing=found["standing"])


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
    line = press(page, ask(page, "production"), person)
    assert (status, outcome) == (line["status"], line["outcome"])


def test_two_stages_take_three_presses_and_a_second_card_is_left_alone(page: httpx.Client) -> None:
    other, card = ask(page, "production"), ask(page, "payments")
    outcomes = [press(page, card, person)["outcome"] for person in ("ada", "grace", "ada", "ada", "grace")]
    assert ["not-allowed", "counted", "counted", "already-counted", "released"] == outcomes
    state = page.get("/simulator/state").json()
    assert 0 == next(each for each in state["cards"] if each["id"] == other)["revision"]
    assert "deploy-payments" == state["dispatches"][0]["body"]["event_type"]


def test_a_rejection_is_dispatched_as_its_own_event(page: httpx.Client) -> None:
    line = press(page, ask(page, "payments"), "grace", REJECT, "not today")
    assert "rejected" == line["outcome"]
    latest = page.get("/simulator/state").json()["dispatches"][0]
    assert ("payments-rejected", 204) == (latest["body"]["event_type"], latest["status"])


@pytest.mark.parametrize("comment", ['say "yes"', "back\\slash", "two\nlines", '"}', "좋아요", "{{comment.value}}", ""])
def test_a_comment_is_substituted_raw_and_arrives_as_it_was_typed(page: httpx.Client, comment: str) -> None:
    assert "released" == press(page, ask(page, "production"), "ada", comment=comment)["outcome"]
    reviews = page.get("/simulator/state").json()["dispatches"][0]["body"]["client_payload"]["approval"]["reviews"]
    assert comment == reviews[0]["comment"]


def test_a_missing_permission_is_told_to_the_person(page: httpx.Client) -> None:
    page.post("/simulator/switch", json={"mode": "forbidden"})
    try:
        line = press(page, ask(page, "production"), "ada")
    finally:
        page.post("/simulator/switch", json={"mode": "healthy"})
    assert "approved-refused" == line["outcome"]
    latest = page.get("/simulator/state").json()["dispatches"][0]
    assert (403, "Resource not accessible by personal access token") == (latest["status"], latest["said"])
    assert "Bearer (not kept)" == latest["headers"]["authorization"]
