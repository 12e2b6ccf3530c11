"""What the presser reads is true, however slow GitHub and Slack are, and all is answered within 2.6 s."""

import time

import pytest

from relay.model.debts import RetryAfter
from tests.chats.slack.road.workspace import Workspace, outcome

pytestmark = pytest.mark.httpx_mock(should_mock=lambda request: request.url.host != "127.0.0.1")


def test_a_github_that_takes_more_than_half_a_second_still_changes_the_card(slack: Workspace) -> None:
    slack.ask("releases")
    slack.github.delay = 0.6
    assert "released" == outcome(slack.press("ada"))
    assert "GitHub has taken it." in slack.text()
    assert [] == slack.words()
    assert slack.took[-1] < 2.6


def test_a_github_that_takes_nearly_all_of_its_time_is_waited_for(slack: Workspace) -> None:
    slack.ask("releases")
    slack.github.delay = 1.2
    assert "released" == outcome(slack.press("ada"))
    assert "GitHub has taken it." in slack.text()
    assert slack.took[-1] < 2.6


@pytest.mark.parametrize("delay", [1.6, 1.8, 9.0])
def test_a_github_that_takes_longer_is_told_as_it_is(slack: Workspace, delay: float) -> None:
    slack.ask("releases")
    slack.github.delay = delay
    assert "approved-retrying" == outcome(slack.press("ada"))
    assert "*Approved*" in slack.text()
    assert "GitHub has not taken it yet; the relay keeps trying." in slack.text()
    assert [] == slack.buttons()
    assert [] == slack.words()
    assert slack.took[-1] < 2.6


def test_a_slack_that_takes_a_second_changes_the_card_in_time(slack: Workspace) -> None:
    slack.ask("releases")
    slack.server.delay = 1.0
    assert "released" == outcome(slack.press("ada"))
    assert "GitHub has taken it." in slack.text()
    assert [] == slack.words()
    assert slack.took[-1] < 2.6


def test_a_slack_that_is_slow_gets_the_words_and_the_card_later(slack: Workspace) -> None:
    slack.ask("releases")
    slack.server.delay = 2.0
    assert "released" == outcome(slack.press("ada"))
    assert slack.took[-1] < 2.6 + 0.2
    slack.server.delay = 0.0
    deadline = time.monotonic() + 5
    while not slack.words() and time.monotonic() < deadline:
        time.sleep(0.05)
    slack.road.ahead = 30
    slack.road.round()
    assert "*Approved*" in slack.text()


def test_a_slack_that_asks_to_wait_a_minute_gets_the_words_and_the_card_after_it(
    slack: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack.ask("releases")
    slack.server.slack.mode = "limited"
    assert "released" == outcome(slack.press("ada"))
    assert [("U111", "Approved. GitHub has taken it.")] == slack.words()
    slack.server.slack.mode = "up"
    slack.road.round()
    assert ["Approve", "Reject"] == slack.buttons()
    slack.road.ahead = 65
    slack.server.slack.calls.clear()
    monkeypatch.delitem(slack.road.world.cards.chats, "slack")  # made anew: its own clock is not ahead
    slack.road.round()
    assert "*Approved*" in slack.text()


def test_a_press_that_took_two_and_a_half_seconds_to_arrive_has_its_whole_time(slack: Workspace) -> None:
    slack.ask("releases")
    slack.github.delay = 0.6
    assert "released" == outcome(slack.press("ada", at=time.time() - 2.5))
    assert "*Approved*" in slack.text()


def test_a_card_whose_answer_is_lost_is_posted_once_more_and_then_left_to_the_operator(slack: Workspace) -> None:
    slack.server.slack.mode = "lost"
    name = slack.ask("releases")
    for ahead in (60, 600, 6_000):
        slack.road.ahead = ahead
        slack.road.round()
    assert 2 == len(slack.server.slack.messages)
    (debt,) = (debt for debt in slack.case(name).debts if debt.kind == "card")
    assert "refused" == debt.status


def test_a_channel_that_is_closed_holds_up_no_other(slack: Workspace) -> None:
    name = slack.ask("closed", "releases", "testers")
    cards = {debt.event_type: debt for debt in slack.case(name).debts if debt.kind == "card"}
    assert ["refused", "delivered", "delivered"] == [cards[each].status for each in ("closed", "releases", "testers")]
    assert "/invite" in cards["closed"].cure
    assert "released" == outcome(slack.press("ada"))
    assert "*Approved*" in slack.text("C222")
    assert not isinstance(cards["closed"], RetryAfter)
