"""What the relay owes, beside the GitHub that does not take it."""

import time
from collections.abc import Sequence

import httpx
import pytest

from relay import app
from relay.dev.simulator.answers import NotTaken
from relay.dev.simulator.outbox import Outbox
from relay.errors import Outage, Refusal
from relay.model.case import Case
from relay.model.debts import Debt
from relay.signed.request import read_form
from tests.dev.simulator.here import ask, github, press, state


def test_what_was_refused_is_shown_with_its_cure_and_sent_again_when_replayed(page: httpx.Client) -> None:
    with github(page, "missing"):
        card = press(page, ask(page, "production")["id"], "ada")
    assert "approved-refused" == card["line"]["outcome"]
    (row,) = state(page)["outbox"]
    request_id = card["request"]["id"]
    assert (request_id, "Deploy shop 2.4.0 to production", "deploy-production", "refused", 1, None, False) == tuple(
        row[name] for name in ("id", "title", "event_type", "status", "attempts", "next_at", "being_paid")
    )
    assert "does not exist" in row["last_error"]
    assert row["cure"]
    assert (200, {}) == replayed(page, request_id)
    (row,) = state(page)["outbox"]
    assert ("owed", True) == (row["status"], row["next_at"] <= time.time())
    app.relay().round().run()
    now = state(page)
    assert [] == now["outbox"]
    assert "delivered" == now["cards"][0]["request"]["dispatch"]["status"]
    assert 204 == now["dispatches"][0]["status"]
    assert (404, True) == told(*replayed(page, request_id)), "nothing is owed any longer"


def test_what_waits_says_until_when(page: httpx.Client) -> None:
    before = time.time()
    with github(page, "rate-limited"):
        card = press(page, ask(page, "production")["id"], "ada")
    assert "approved-retrying" == card["line"]["outcome"]
    (row,) = state(page)["outbox"]
    assert ("owed", 1, False) == (row["status"], row["attempts"], row["being_paid"])
    assert before + 20 <= row["next_at"] <= time.time() + 60
    assert 200 == replayed(page, row["id"])[0]
    app.relay().round().run()
    assert [] == state(page)["outbox"]


def test_what_was_taken_behind_a_502_arrives_twice_and_is_one_decision(page: httpx.Client) -> None:
    with github(page, "taken-502"):
        card = press(page, ask(page, "production")["id"], "ada")
    assert "approved-retrying" == card["line"]["outcome"]
    assert 200 == replayed(page, card["request"]["id"])[0]
    app.relay().round().run()
    first, second = [each for each in state(page)["dispatches"] if approval_id(each) == card["request"]["id"]]
    assert [(204, True), (502, True)] == [(each["status"], each["taken"]) for each in (first, second)]


def approval_id(dispatch: dict[str, dict[str, dict[str, dict[str, str]]]]) -> str:
    return dispatch["body"]["client_payload"]["approval"]["id"]


def replayed(page: httpx.Client, request_id: object) -> tuple[int, dict[str, object]]:
    answer = page.post("/simulator/replay", json={"id": request_id})
    return answer.status_code, answer.json()


def told(status: int, said: dict[str, object]) -> tuple[int, bool]:
    return status, said["error"] == status and bool(said["message"])


@pytest.mark.parametrize(("request_id", "status"), [("a" * 32, 404), (None, 400), (7, 400), ("", 404)])
def test_what_is_not_owed_cannot_be_replayed(page: httpx.Client, request_id: object, status: int) -> None:
    assert (status, True) == told(*replayed(page, request_id))


class Store:
    """A payer whose store can be taken away."""

    def __init__(self) -> None:
        form = {"repository": "octo/shop", "event_type": "deploy", "title": "T"}
        request = read_form(form, issued_at=1, nonce="n" * 22, lifetime=60)
        self.case = Case(request, "key", "approved", debts=(Debt("deploy", 1, time.time() + 60, lease="a click"),))
        self.error: Exception | None = None

    def owed(self) -> Sequence[tuple[Case, int]]:
        if self.error:
            raise self.error
        return [(self.case, 0)]

    def replay(self, _case_id: str) -> Case:
        raise self.error or Refusal("being-paid", "its lease runs", message="It is being paid.")


def test_a_debt_that_somebody_pays_now_has_no_next_attempt_and_cannot_be_replayed() -> None:
    store = Store()
    outbox = Outbox(store.owed, store.replay, lambda: None)
    (row,) = outbox.rows()
    assert ("owed", True, None) == (row["status"], row["being_paid"], row["next_at"])
    with pytest.raises(NotTaken, match="It is being paid") as caught:
        outbox.replay("x")
    assert 409 == caught.value.status


def test_while_the_store_cannot_be_used_the_last_that_was_known_is_shown() -> None:
    store = Store()
    outbox = Outbox(store.owed, store.replay, lambda: None)
    known = outbox.rows()
    assert ["dispatch"] == [each["kind"] for each in known]
    store.error = Outage("the disk")
    assert known == outbox.rows()
    with pytest.raises(NotTaken, match="Try again") as caught:
        outbox.replay("x")
    assert 503 == caught.value.status
