"""The run of a release on the cards of every chat: its state, its address, and its text as text."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from relay.chats.adaptive.body import current
from relay.chats.shared import message_card, message_card_limits
from relay.chats.shared.released import shortened
from relay.chats.shared.run import shown_address
from relay.chats.slack.card import draw
from relay.chats.slack.limits import breaches
from relay.model.answer import Answer
from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.runs import Run, RunStatus
from tests.support import road

URL = "https://github.com/octo/api/actions/runs/7"
SENT = Debt("deploy-api", 1, 1.0, status="delivered")
EVIL = "*bold* <!channel> [here](https://evil.example) <at>all</at>\nlast"


def case(*runs: Run) -> Case:
    return Case(road.offline(), "key", "approved", debts=(SENT,), runs=runs)


def adaptive(shown: Case) -> Any:
    return current(shown, status="approved", needs="")


def message(shown: Case) -> Any:
    card = message_card.redraw(shown, status="approved", needs="", target="", ticket="")
    assert () == message_card_limits.check(card)
    return card


def slack(shown: Case) -> Any:
    drawn = draw(Answer("already-approved", "", shown, "approved"))
    assert () == breaches(drawn)
    return drawn


CARDS: list[Callable[[Case], Any]] = [adaptive, message, slack]


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("queued", "The run waits to start"),
        ("running", "The run has started"),
        ("success", "The run succeeded"),
        ("failure", "The run failed"),
        ("cancelled", "The run was cancelled"),
    ],
)
def test_every_card_says_what_became_of_the_run(card: Callable[[Case], Any], status: RunStatus, words: str) -> None:
    drawn = json.dumps(card(case(Run(status, 1, "github", url=URL))))
    assert words in drawn
    assert URL in drawn
    assert "as its workflow reports" not in drawn
    assert f"{words}, as its workflow reports" in json.dumps(card(case(Run(status, 1, "report"))))
    assert "The run" not in json.dumps(card(case()))


@pytest.mark.parametrize("card", [adaptive, message])
def test_the_text_of_a_report_is_text(card: Callable[[Case], Any]) -> None:
    drawn = json.dumps(card(case(Run("failure", 1, "report", text=EVIL))), ensure_ascii=False)
    for live in (" [here](https://evil", " <at>all"):
        assert live not in drawn
    assert "last" in drawn


def test_slack_reads_no_mark_in_the_text() -> None:
    blocks = slack(case(Run("failure", 1, "report", text=EVIL)))["blocks"]
    (block,) = [each for each in blocks if "The run failed" in str(each.get("text"))]
    assert [{"type": "plain_text", "text": f"“{EVIL}”", "emoji": False}] == block["fields"]


@pytest.mark.parametrize("card", CARDS)
def test_a_report_is_cut_before_a_card_grows_too_large(card: Callable[[Case], Any]) -> None:
    request = replace(road.offline(), text="x" * 8_000, confirm="")
    full = replace(case(Run("failure", 1, "report", "é" * 1_000, f"https://a.example/{'x' * 1_900}")), request=request)
    assert "The run failed" in json.dumps(card(full))


def test_a_large_card_loses_the_text_and_the_address_last() -> None:
    last = [*shortened(case(Run("failure", 1, "report", "why", URL)))][-1]
    assert ("", "") == (last.runs[0].text, last.runs[0].url)


def test_an_address_shows_where_it_leads() -> None:
    assert "github.com/octo/api/actions/runs/7" == shown_address(URL)
    long = shown_address("https://a.example/" + "x" * 500)
    assert (120, "…") == (len(long), long[-1])


def test_the_run_of_an_earlier_dispatch_is_no_run_of_the_last() -> None:
    preview = replace(SENT, decision="requested")
    both = replace(case(Run("success", 1, "report", debt=0)), debts=(preview, SENT))
    assert both.run is None
    assert Run("failure", 2, "report", debt=1) == replace(both, runs=(Run("failure", 2, "report", debt=1),)).run


@pytest.mark.parametrize("card", CARDS)
def test_a_run_from_before_the_decision_names_the_event_that_started_it(card: Callable[[Case], Any]) -> None:
    preview = replace(SENT, event_type="preview-api", decision="requested")
    early = replace(case(Run("success", 1, "report")), status="pending", debts=(preview,))
    drawn = json.dumps(card(early), ensure_ascii=False)
    told = drawn.replace("\\\\", "")  # a hyphen is escaped where it may be a mark
    assert "The run of preview-api succeeded, as its workflow reports" in told
    assert "Release" not in drawn
    assert "The run of" not in json.dumps(card(case(Run("success", 1, "report"))))


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize(("text", "count"), [("cancelled", 1), ("skipped", 2)])
def test_a_text_that_only_repeats_the_status_is_left_out(card: Callable[[Case], Any], text: str, count: int) -> None:
    drawn = json.dumps(card(case(Run("cancelled", 1, "github", text, URL))), ensure_ascii=False)
    assert count == drawn.count("cancelled") + drawn.count("skipped")
