"""The operator says where cards go: channels of rules and stages, and people by direct message."""

import json
import re
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from tests.chats.slack.road.conftest import workspace
from tests.chats.slack.road.workspace import FORM, POLICY, Workspace, outcome
from tests.support import road

pytestmark = pytest.mark.httpx_mock(should_mock=lambda request: request.url.host != "127.0.0.1")


def test_each_channel_of_the_rule_and_its_stages_has_a_card_at_once(slack: Workspace) -> None:
    name = slack.ask(environment="owned")
    assert ["C111", "C222", "D111", "D222"] == sorted(each.channel for each in slack.server.slack.messages)
    cards = [debt.card for debt in slack.case(name).debts if debt.card]
    assert [("releases", "C111", ()), ("testers", "C222", ("qa",))] == [
        (card.channel, card.place, card.stages) for card in cards[:2]
    ]
    assert [("owners", "D111", ("release",)), ("owners", "D222", ("release",))] == [
        (card.channel, card.place, card.stages) for card in cards[2:]
    ]


def test_owners_know_from_the_start_and_get_their_buttons_when_qa_has_passed(slack: Workspace) -> None:
    slack.ask(environment="owned")
    assert ["Approve", "Reject"] == slack.buttons("C111")
    assert ["Approve", "Reject"] == slack.buttons("C222")
    assert [] == slack.buttons("D111")
    assert "1 more approval in stage qa: Ada, Lin" in slack.text("D111")
    assert "counted" == outcome(slack.press("lin", channel="C222"))
    slack.road.round()
    assert [] == slack.buttons("C222")
    assert "1 more approval in stage release: Ada, Grace, 김하늘, Octocat" in slack.text("C222")
    for channel in ("C111", "D111", "D222"):
        assert ["Deploy", "Close"] == slack.buttons(channel)
        assert "This goes to production." in slack.text(channel)
    assert "released" == outcome(slack.press("ada", channel="D111"))
    slack.road.round()
    for channel in ("C111", "C222", "D111", "D222"):
        assert "*Approved*" in slack.text(channel)
        assert [] == slack.buttons(channel)
    assert 4 == len(slack.server.slack.messages)


def test_a_person_of_several_ids_is_written_to_and_mentioned_by_the_first_of_a_listed_team(
    tmp_path: Path, httpx_mock: HTTPXMock
) -> None:
    ids = ("T999/U777", "E111/U111", "T111/U222")
    listed = POLICY.replace('slack = "T111/U222"', 'slack = "T999/U333"').replace('slack = "T111/U333"', "")
    listed = listed.replace('slack = "T111/U111"', f"slack = {json.dumps(ids)}")
    with workspace(tmp_path, httpx_mock, listed) as slack:
        slack.ask("owners")
        # Grace is of no listed team: Slack says whether she can be written to, and her press would not count.
        assert ["D111", "D333"] == sorted(each.channel for each in slack.server.slack.messages)
        assert ["<@U111>", "<@U555>", "<@U444>"] == re.findall("<@U[0-9]+>", slack.text("D111"))


def test_a_request_of_an_offline_workflow_reaches_the_channels_with_its_first_press(slack: Workspace) -> None:
    request = road.offline("owned")
    slack.road.press("lin", "approve", road.ticket(request))
    slack.road.round()
    assert ["C111", "C222", "D111", "D222"] == sorted(each.channel for each in slack.server.slack.messages)
    assert ["Deploy", "Close"] == slack.buttons("D111")
    assert "released" == outcome(slack.press("grace", channel="D222"))


def test_a_channel_that_is_named_twice_has_one_card(slack: Workspace) -> None:
    name = slack.ask("releases", "testers", environment="owned")
    cards = [debt.card for debt in slack.case(name).debts if debt.card]
    assert [("releases", ()), ("testers", ()), ("owners", ("release",)), ("owners", ("release",))] == [
        (card.channel, card.stages) for card in cards
    ]


def test_a_card_that_fits_no_channel_of_its_rule_is_refused_when_it_is_asked_for(slack: Workspace) -> None:
    facts = [{"name": f"n{number}", "value": "x" * 600} for number in range(21)]
    reply = slack.road.ask({**FORM, "environment": "owned", "facts": facts})
    assert 400 == reply.status
    assert "text: the card for the channel releases: blocks have" in road.said(reply)["message"]
    assert 201 == slack.road.ask({**FORM, "facts": facts}).status
    assert [] == slack.server.slack.messages


def test_expiry_cancellation_and_supersession_are_shown(slack: Workspace) -> None:
    name = slack.ask("releases")
    assert 200 == slack.road.cancel(name).status
    slack.road.round()
    assert "*Cancelled*" in slack.text()
    slack.server.slack.messages.clear()
    slack.ask("releases", title="Older", environment="open")
    slack.road.ahead += 5
    newer = slack.ask("closed", title="Newer", environment="open")
    slack.road.round()
    assert "*Superseded by a newer request*" in slack.text()
    assert f"Newer request: Newer ({newer})" in slack.text()
    assert [] == slack.buttons()
    slack.ask("testers", environment="korea")
    slack.road.ahead = 3 * 3_600
    slack.road.round()
    slack.road.round()
    assert "*Expired without a decision*" in slack.text("C222")
    assert [] == slack.buttons("C222")


def test_a_notification_has_no_buttons(slack: Workspace) -> None:
    reply = slack.road.ask({"repository": "octo/api", "title": "Released 2.1", "channels": ["releases"]})
    assert 201 == reply.status
    slack.road.round()
    assert "Released 2.1" in slack.text()
    assert [] == slack.buttons()


def test_two_requests_pressed_in_turns_keep_to_their_own_cards(slack: Workspace) -> None:
    first, second = slack.ask("releases", title="First"), slack.ask("testers", title="Second")
    assert "released" == outcome(slack.press("ada", channel="C222"))
    assert "rejected" == outcome(slack.press("ada", "reject", channel="C111"))
    assert ("rejected", "approved") == (slack.case(first).status, slack.case(second).status)
    assert "Second" in slack.text("C222")
    assert "*Rejected*" in slack.text("C111")
