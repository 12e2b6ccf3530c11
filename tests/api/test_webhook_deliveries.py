"""Deliveries of webhooks: proven before anything is read, and taken once."""

from relay.errors import Outage
from relay.github import webhook
from relay.model.delivery import Delivery
from tests.api.hearing import IGNORED, REPEATED, TAKEN, answered
from tests.support import github_webhooks, road
from tests.support.github_webhooks import workflow_run


def test_a_delivery_counts_once_in_seven_days(here: road.Road, released: str) -> None:
    body = road.encoded(workflow_run("completed", released, here.now()))
    headers = github_webhooks.headers(body, delivery="72d3162e-cc78-11e3-81ab-4c9367dc0958")
    assert [TAKEN, REPEATED] == [answered(here.webhook(body, headers)) for _ in range(2)]
    other = road.encoded(workflow_run("in_progress", released, here.now()))
    again = github_webhooks.headers(other, delivery="72d3162e-cc78-11e3-81ab-4c9367dc0958")
    here.ahead = 7 * 86_400 - 60
    assert REPEATED == answered(here.webhook(other, again))
    here.ahead = 7 * 86_400 + 60
    assert TAKEN == answered(here.webhook(other, again))


def test_the_same_body_under_another_id_counts_once_in_ten_minutes(here: road.Road, released: str) -> None:
    body = road.encoded(workflow_run("completed", released, here.now()))
    found = []
    for delivery, ahead in (("first", 0), ("second", 590), ("third", 601)):
        here.ahead = ahead
        found.append(answered(here.webhook(body, github_webhooks.headers(body, delivery=delivery))))
    assert [TAKEN, REPEATED, TAKEN] == found


def test_an_ignored_event_is_repeated_too(here: road.Road) -> None:
    body = road.encoded({"action": "opened"})
    headers = github_webhooks.headers(body, event="issues", delivery="a")
    assert [IGNORED, REPEATED] == [answered(here.webhook(body, headers)) for _ in range(2)]


def test_a_ping_is_taken(here: road.Road) -> None:
    body = road.encoded(github_webhooks.ping())
    assert TAKEN == answered(here.webhook(body, github_webhooks.headers(body, event="ping", delivery="a")))


def test_what_could_not_be_recorded_is_taken_when_it_is_sent_again(here: road.Road, released: str) -> None:
    body = road.encoded(workflow_run("completed", released, here.now()))
    headers = github_webhooks.headers(body, delivery="a")

    def down(_payload: object) -> bool:
        raise Outage("the store does not answer")

    made = here.webhooks()
    broken = type(made)(made.store, made.secrets, {"workflow_run": down}, made.clock)
    assert (503, "busy") == answered(broken.take(Delivery("github", headers, body, here.now())))
    assert TAKEN == answered(here.webhook(body, headers))


def test_the_size_is_refused_before_the_signature_and_25_mib_are_taken(here: road.Road) -> None:
    largest = b'{"a": "' + b"x" * (webhook.MAX_BODY - 9) + b'"}'
    assert IGNORED == answered(here.webhook(largest))
    assert (413, "too-large") == answered(here.webhook(largest + b" ", {}))


def test_nothing_is_read_before_the_signature(here: road.Road) -> None:
    for headers in ({}, {"x-hub-signature": "sha1=" + "0" * 40}):
        reply = here.webhook(b"\xff", headers)
        assert (401, "not-genuine") == answered(reply)
        assert "RELAY_GITHUB_WEBHOOK_SECRET" in road.said(reply)["message"]


def test_signed_junk_is_malformed_and_nothing_is_recorded(here: road.Road) -> None:
    before = here.recorded()
    for body in (b"", b"\xff\x00", b"null", b"{", b'{"a":' * 50_000):
        assert (400, "malformed") == answered(here.webhook(body))
    assert before == here.recorded()
