"""Receivers of webhooks that fail, refuse, are slow or change their keys, and what each of them can check."""

import json
import time
from dataclasses import replace
from typing import Final

import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from relay.chats.webhook.post import Hooks
from relay.dev.simulator.slack_workspace import Message
from tests.outbox.notices.telling import Telling, entry, notices, of
from tests.support import road
from tests.support.hook_server import KEY, OTHER_KEY

pytestmark = pytest.mark.httpx_mock(should_mock=lambda request: request.url.host != "127.0.0.1")
RELEASED: Final = ["requested", "reviewed", "approved", "delivered"]


def test_a_receiver_that_fails_for_an_hour_is_told_later_in_order(here: Telling) -> None:
    here.hooks.status = 500
    here.press("ada", here.ask())
    here.road.round()
    assert ["requested"] == here.hooks.types()
    here.road.ahead += 4.1
    here.road.round()
    assert ["requested"] * 2 == here.hooks.types()  # with a timer that runs every five seconds, within ten
    for _ in range(60):
        here.road.ahead += 60
        here.road.round()
    assert {"requested"} == set(here.hooks.types())
    assert 1 == len({each.headers["webhook-id"] for each in here.hooks.received})
    here.hooks.status = 202
    del here.hooks.received[:]
    here.hours(1)
    assert (RELEASED, []) == (here.hooks.types(), here.owed())


@pytest.mark.parametrize(
    ("status", "cure"),
    [
        (410, "wants no more events"),
        (301, "redirects are not followed"),
        (307, "redirects"),
        (404, "look at the receiver"),
    ],
)
def test_an_answer_that_says_no_is_refused_with_the_cure(here: Telling, status: int, cure: str) -> None:
    here.hooks.status, here.hooks.headers = status, {"Location": f"{here.hooks.url}/elsewhere"}
    case_id = here.ask()
    here.hours(2)
    (debt,) = notices(here, case_id)
    assert ("refused", f"the receiver answers {status}") == (debt.status, debt.last_error)
    assert cure in debt.cure
    assert ["/events"] == [each.path for each in here.hooks.received]


@pytest.mark.parametrize("status", [408, 429, 503])
def test_retry_after_is_obeyed(here: Telling, status: int) -> None:
    here.hooks.status, here.hooks.headers = status, {"Retry-After": "1800"}
    here.ask()
    here.road.round()
    here.hooks.status = 204
    for _ in range(29):
        here.road.ahead += 60
        here.road.round()
    assert 1 == len(here.hooks.received)
    here.road.ahead += 120
    here.road.round()
    assert 2 == len(here.hooks.received)


def test_an_answer_of_three_megabytes_is_cut(here: Telling) -> None:
    here.hooks.body = b"x" * 3_000_000
    here.ask()
    begun = time.monotonic()
    here.road.round()
    assert [] == here.owed()
    assert time.monotonic() - begun < 4


@of(entry("events", "audit", "releases", on=["requested"]))
def test_a_receiver_that_never_answers_delays_no_other_channel(here: Telling) -> None:
    here.hooks.delays = {"/events": 8.0}
    here.ask()
    begun = time.monotonic()
    took: dict[str, float] = {}

    def note(message: Message) -> None:
        took.setdefault(message.channel, time.monotonic() - begun)

    here.slack.slack.on_message = note
    here.road.round()
    assert time.monotonic() - begun > 4  # it was waited for
    assert took["C111"] < 2
    assert {"/events", "/audit?of=relay"} == {each.path for each in here.hooks.received}
    assert ["events requested"] == here.owed()
    here.hooks.delays = {}
    here.hours(1)
    assert [] == here.owed()


def test_a_dispatch_that_becomes_due_meanwhile_is_paid_at_once(here: Telling) -> None:
    here.hooks.delays = {"/events": 8.0}
    here.ask()
    here.github.status = 503
    here.press("ada", here.ask(title="Second"))
    here.github.status = 204
    begun, sent, took = time.monotonic(), len(here.github.dispatched), list[float]()

    def now() -> float:
        """Return the time, which leaps past the wait of the dispatch after a second and a half."""
        passed = time.monotonic() - begun
        if len(here.github.dispatched) > sent and not took:
            took.append(passed)
        return here.road.now() + (30.0 if passed > 1.5 else 0.0)

    timer = here.road.timer()
    replace(timer, clock=now, payer=replace(timer.payer, clock=now)).run()
    assert took[0] < 4


@of(entry("events", "audit", on=["requested"]))
def test_a_channel_without_an_entry_is_refused_with_the_cure(here: Telling, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = here.ask()
    hooks = here.road.world.payer.notices().tellings["webhook"]
    assert isinstance(hooks, Hooks)
    monkeypatch.delitem(hooks.receivers, "audit")
    here.road.round()
    told, refused = notices(here, case_id)
    assert ("delivered", "refused", "RELAY_HOOKS has no entry of the name audit") == (
        told.status,
        refused.status,
        refused.last_error,
    )
    assert "add an entry" in refused.cure


# What a receiver checks
def test_the_receivers_library_takes_each_event_and_refuses_a_spoilt_one(here: Telling) -> None:
    here.press("ada", here.ask(), comment="좋아요")
    here.road.round()
    assert RELEASED == here.hooks.types()
    for received in here.hooks.received:
        event = received.verify()
        assert event["id"] == received.headers["webhook-id"]
        assert "application/cloudevents+json" == received.headers["content-type"]
        received.body = received.body.replace(b"relay.", b"delay.", 1)
        with pytest.raises(WebhookVerificationError):
            received.verify()
        received.body = received.body.replace(b"delay.", b"relay.", 1)
        for name, spoilt in (("webhook-id", "x_1"), ("webhook-timestamp", str(int(time.time()) + 1))):
            genuine = received.headers[name]
            received.headers[name] = spoilt
            with pytest.raises(WebhookVerificationError):
                received.verify()
            received.headers[name] = genuine
        assert received.verify()
        with pytest.raises(WebhookVerificationError):
            received.verify(OTHER_KEY)


def test_an_event_says_what_happened(here: Telling) -> None:
    case_id = here.ask(ref="refs/heads/main", sha="a" * 40, run_url="https://github.com/octo/api/actions/runs/7")
    here.github.status = 404
    here.press("ada", case_id, comment="좋아요")
    here.road.report(case_id, {"state": "failure", "text": "no quota", "url": "https://ci.example/1"})
    here.road.round()
    events = {each.type: each.event for each in here.hooks.received}
    reviewed = events["reviewed"]
    assert ("1.0", road.ORIGIN, "relay.reviewed", "octo/api", "application/json") == tuple(
        reviewed[name] for name in ("specversion", "source", "type", "subject", "datacontenttype")
    )
    request = {
        "id": case_id,
        "repository": "octo/api",
        "environment": "production",
        "event_type": "deploy-api",
        "title": "Deploy api",
        "ref": "refs/heads/main",
        "sha": "a" * 40,
        "run_url": "https://github.com/octo/api/actions/runs/7",
        "requested_by": "octocat",
    }
    assert request == reviewed["data"]["request"]
    assert ("approved", "release", f"{road.ORIGIN}/api/review/{case_id}") == tuple(
        reviewed["data"][name] for name in ("status", "stage", "review_url")
    )
    assert ("approve", "Ada", "좋아요") == (
        reviewed["data"]["review"]["verdict"],
        reviewed["data"]["review"]["by"]["name"],
        reviewed["data"]["review"]["comment"],
    )
    dispatch = events["undelivered"]["data"]["dispatch"]
    assert ("refused", 1) == (dispatch["status"], dispatch["attempts"])
    assert dispatch["last_error"]
    assert {"review", "dispatch", "run"}.isdisjoint(events["requested"]["data"])
    assert json.loads(road.encoded(events["requested"]))["data"]["status"] == "pending"


@pytest.mark.parametrize(("environment", "stage"), [("production", "release"), ("staged", "qa")])
def test_an_event_before_any_review_names_the_first_stage_as_the_request_does(
    here: Telling, environment: str, stage: str
) -> None:
    case_id = here.ask(environment=environment)
    here.road.cancel(case_id)
    here.road.round()
    assert [("requested", stage), ("cancelled", stage)] == [
        (each.type, each.event["data"]["stage"]) for each in here.hooks.received
    ]
    assert stage == road.said(here.road.show(case_id))["stage"]


@pytest.mark.parametrize(
    "here",
    [(entry("changing", on=["requested"]), '\n[channels.changing]\nkind = "webhook"\n')],
    indirect=True,
    ids=["policy"],
)
def test_both_keys_sign_while_they_are_changed(here: Telling) -> None:
    here.ask()
    here.road.round()
    (received,) = here.hooks.received
    assert received.verify(KEY) == received.verify(OTHER_KEY)
    assert 2 == len(received.headers["webhook-signature"].split())
    assert "/first" == received.path
