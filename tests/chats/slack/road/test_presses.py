"""A card is posted in Slack, pressed, and changed for everybody; words are for the presser alone."""

import json
from functools import partial

import pytest

from relay.approval import wording
from relay.chats.slack.card import first
from relay.dev.simulator.slack import LASTS
from tests.chats.slack.road.workspace import FORM, Workspace, outcome
from tests.support import road
from tests.support.at_once import at_once

pytestmark = pytest.mark.httpx_mock(should_mock=lambda request: request.url.host != "127.0.0.1")


def test_a_card_is_posted_pressed_and_changed_for_everybody(slack: Workspace) -> None:
    name = slack.ask("releases")
    assert ["Approve", "Reject"] == slack.buttons()
    assert "<@U111>, <@U222>, <@U555>, <@U444>" in slack.text()
    reply = slack.press("ada", comment="좋아요 <!here>")
    assert (200, "released") == (reply.status, outcome(reply))
    assert "*Approved*" in slack.text()
    assert "GitHub has taken it." in slack.text()
    assert "“좋아요 <!here>”" in slack.text()
    assert [] == slack.buttons()
    assert [] == slack.words()
    assert ("approved", ["slack:T111/U111"]) == (
        slack.case(name).status,
        [review.by.id for review in slack.case(name).reviews],
    )
    assert ["deploy-api"] == [each["event_type"] for each in slack.github.dispatched]
    assert 1 == len(slack.server.slack.messages)
    assert slack.took[-1] < 2.6


def test_a_rejection_releases_nothing_and_says_why(slack: Workspace) -> None:
    name = slack.ask("releases")
    assert "rejected" == outcome(slack.press("grace", "reject", comment="not on a Friday"))
    assert "“not on a Friday”" in slack.text()
    assert [] == slack.github.dispatched
    assert "rejected" == slack.case(name).status


def test_a_second_press_counts_once_and_is_told_to_the_presser_alone(slack: Workspace) -> None:
    slack.ask("releases", environment="staged")
    message = slack.server.slack.shown("C111")
    first = slack.server.slack.press("U333", message, "approve")
    assert ["counted", "already-counted"] == [outcome(slack.deliver(first.headers, first.body)) for _ in range(2)]
    assert ["counted", "already-counted"] == [outcome(slack.press("ada")) for _ in range(2)]
    assert ["U333", "U111"] == [person for person, _ in slack.words()]
    assert all("Your approval already counts" in text for _, text in slack.words())
    assert "1 more approval in stage release" in slack.text()


@pytest.mark.parametrize(
    ("person", "team", "code"),
    [("lin", "T111", "not-allowed"), ("U999", "T999", "not-allowed"), ("ada", "T999", "not-allowed")],
)
def test_a_person_who_may_not_is_told_so_and_the_card_stays(
    slack: Workspace, person: str, team: str, code: str
) -> None:
    name = slack.ask("releases")
    before = slack.text()
    reply = slack.press(person, team=team)
    assert (200, code) == (reply.status, outcome(reply))
    assert before == slack.text()
    assert 1 == len(slack.words())
    assert () == slack.case(name).reviews


def test_the_requester_does_not_approve_and_a_missing_comment_is_asked_for(slack: Workspace) -> None:
    slack.ask("releases", requested_by="octocat", require_comment=True)
    assert "own-request" == outcome(slack.press("octocat", comment="mine"))
    assert "comment-required" == outcome(slack.press("ada"))
    assert [wording.refusal("own-request"), wording.refusal("comment-required")] == [text for _, text in slack.words()]
    assert ["Approve", "Reject"] == slack.buttons()
    assert "released" == outcome(slack.press("ada", comment="fine"))


def test_a_ticket_of_another_relay_is_told_to_the_presser(slack: Workspace) -> None:
    slack.ask("releases")
    message = slack.server.slack.shown("C111")
    for block in message.blocks:
        for each in block.get("elements", []):
            if each.get("action_id") == "approve":
                each["value"] = each["value"][:-8] + "AAAAAAAA"
    reply = slack.press("ada")
    assert (200, "not-genuine") == (reply.status, outcome(reply))
    assert [("U111", wording.refusal("not-genuine"))] == slack.words()


def test_a_team_that_the_policy_does_not_name_for_a_person_is_another_person(slack: Workspace) -> None:
    slack.ask("releases")
    assert "not-allowed" == outcome(slack.press("ada", team="E111"))


def test_under_anyone_a_person_of_two_teams_counts_once(slack: Workspace) -> None:
    request = road.offline("crowd")
    slack.ask("releases")
    shown = slack.server.slack.shown("C111")
    ticket = road.ticket(request)
    for block in shown.blocks:
        for each in block.get("elements", []):
            if each.get("action_id") in ("approve", "reject"):
                each["value"] = ticket
    assert "counted" == outcome(slack.press_on(shown, "U777", team="T111"))
    assert "already-counted" == outcome(slack.press_on(shown, "U777", team="E111"))
    assert "released" == outcome(slack.press_on(shown, "U888", team="E111"))


def test_a_message_of_a_webhook_is_replaced_where_it_is_pressed(slack: Workspace) -> None:
    made = road.said(slack.road.ask(FORM))
    message = first(slack.case(made["id"]).request, (), made["ticket"])
    url = slack.server.slack.add_webhook("C111").removeprefix(slack.server.slack.url + "/")
    slack.server.slack.take(url, {}, json.dumps(message).encode())
    assert "released" == outcome(slack.press("ada"))
    assert "*Approved*" in slack.text()
    assert [] == slack.buttons()
    assert [] == slack.words()


def test_a_press_after_half_an_hour_is_taken_though_nothing_can_be_said(slack: Workspace) -> None:
    slack.ask("releases")
    pressed = slack.server.slack.press("U333", slack.server.slack.shown("C111"), "approve")
    for url in slack.server.slack._response_urls.values():
        url.made_at -= LASTS + 1
    assert "not-allowed" == outcome(slack.deliver(pressed.headers, pressed.body))
    assert [] == slack.words()


def test_thirty_two_people_at_once_are_one_dispatch(slack: Workspace) -> None:
    name = slack.ask("releases")
    message = slack.server.slack.shown("C111")
    presses = [slack.server.slack.press(person, message, "approve") for person in ["U111", "U222"] * 16]
    replies = at_once([partial(slack.deliver, each.headers, each.body) for each in presses])
    codes = [outcome(reply) for reply in replies]
    assert 1 == codes.count("released")
    assert {"released", "already-approved", "busy"} >= set(codes)
    assert 1 == len(slack.github.dispatched)
    slack.road.round()
    assert "*Approved*" in slack.text()
    assert "approved" == slack.case(name).status


def test_a_link_of_the_card_is_answered_and_does_nothing(slack: Workspace) -> None:
    slack.ask("releases", links=[{"name": "Diff", "url": "https://github.com/octo/api"}])
    pressed = slack.server.slack.press("U999", slack.server.slack.shown("C111"), "link-0")
    reply = slack.deliver(pressed.headers, pressed.body)
    assert (200, {}) == (reply.status, reply.headers)


def test_secrets_and_addresses_reach_no_log(slack: Workspace, caplog: pytest.LogCaptureFixture) -> None:
    slack.ask("releases")
    slack.server.slack.mode = "down"
    slack.press("lin")
    slack.press("ada")
    slack.road.round()
    text = caplog.text
    for secret in (slack.server.slack.token, slack.server.slack.secret, "/hooks/", ".trigger", "verification_token"):
        assert secret not in text
