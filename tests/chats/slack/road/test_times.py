"""What the presser reads is true, however slow GitHub and Slack are, and all is answered within 2.6 s."""

import json
import sqlite3
import time
from contextlib import closing

import pytest

from relay.dev.simulator.slack_web_api import Answered
from relay.model.debts import RetryAfter
from tests.chats.slack.road.workspace import Workspace, outcome
from tests.support import road
from tests.support.logged import logged

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
    assert slack.took[-1] < 2.6
    slack.server.delay = 0.0
    deadline = time.monotonic() + 5
    while not slack.words() and time.monotonic() < deadline:
        time.sleep(0.05)
    slack.road.ahead = 30
    slack.road.round()
    assert "*Approved*" in slack.text()


def test_a_slow_response_url_takes_no_more_than_the_time_of_the_answer(slack: Workspace) -> None:
    slack.ask("releases")
    slack.server.delay = 5.0
    assert "not-allowed" == outcome(slack.press("lin"))
    assert slack.took[-1] < 2.6


@pytest.mark.parametrize(
    ("code", "logged_code"), [("used_url", "used_url"), ("expired_url", "expired_url"), ("x_y", "")]
)
def test_words_that_slack_does_not_take_are_logged_by_their_code_if_it_is_known(
    slack: Workspace, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, code: str, logged_code: str
) -> None:
    slack.ask("releases")
    answer = Answered(404, {}, json.dumps({"ok": False, "error": code}).encode())
    monkeypatch.setattr(slack.server.slack, "_respond", lambda *_: answer)
    assert "not-allowed" == outcome(slack.press("lin"))
    (line,) = (each for each in logged(caplog) if each["event"] == "notified")
    assert ("not posted", "slack") == (line["outcome"], line["channel"])
    assert logged_code in line["cure"]
    assert "x_y" not in caplog.text


def test_while_another_process_holds_the_store_the_presser_reads_that_it_is_busy(slack: Workspace) -> None:
    slack.ask("releases")
    with closing(sqlite3.connect(slack.road.path / "relay.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert (503, "busy") == road.outcome(slack.press("ada"))
    assert slack.took[-1] < 2.6
    assert [("U111", "The relay is busy")] == [(person, said[:17]) for person, said in slack.words()]
    assert ["Approve", "Reject"] == slack.buttons()


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
    assert "dead" == debt.status


def test_a_channel_that_is_closed_holds_up_no_other(slack: Workspace) -> None:
    name = slack.ask("closed", "releases", "testers")
    cards = {debt.event_type: debt for debt in slack.case(name).debts if debt.kind == "card"}
    assert ["refused", "delivered", "delivered"] == [cards[each].status for each in ("closed", "releases", "testers")]
    assert "/invite" in cards["closed"].cure
    assert "released" == outcome(slack.press("ada"))
    assert "*Approved*" in slack.text("C222")
    assert not isinstance(cards["closed"], RetryAfter)
