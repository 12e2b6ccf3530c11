"""A MessageCard that is drawn again: what still waits, what was decided, and what became of it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from relay.model.case import Case, Successor
from relay.model.debts import Debt
from tests.chats.shared.message_cards import OPEN, POST, REVIEW, again, ask, facts, headers
from tests.support.entra_tokens import NOW


def test_a_pending_case_keeps_its_buttons_with_a_new_ticket() -> None:
    case = Case(ask(actions=[POST], theme_color="112233"), "oidc", stage="release", reviews=(REVIEW,))
    card = again(case, needs="1 more in release", ticket="n.n.n")
    assert ("Waiting for approval", "112233") == (card["sections"][0]["title"], card["themeColor"])
    assert ["Approve", "Reject", "Retry"] == [action["name"] for action in card["potentialAction"]]
    assert "n.n.n" == headers(card["potentialAction"][1]["actions"][0])["Relay-Ticket"]
    found = facts(card)
    assert "1 more in release" == found["Needs"].replace("\\", "")
    assert r"에이다 \*Ada\*" in found["Approved by"]
    assert "좋아요 · # 정말" in found["Approved by"].replace("\\#", "#")


@pytest.mark.parametrize(
    ("status", "headline", "color"),
    [
        ("approved", "Approved", "2DA44E"),
        ("rejected", "Rejected", "CF222E"),
        ("superseded", "Superseded by a newer request", "8C959F"),
        ("cancelled", "Cancelled", "8C959F"),
        ("expired", "Expired without a decision", "8C959F"),
    ],
)
def test_a_decided_case_has_no_live_button_and_keeps_its_links(status: str, headline: str, color: str) -> None:
    case = Case(ask(actions=[OPEN, POST]), "key")
    card = again(case, status)
    assert (headline, color) == (card["sections"][0]["title"], card["themeColor"])
    assert [OPEN] == card["potentialAction"]
    assert "HttpPOST" not in json.dumps(card)
    assert "potentialAction" not in again(Case(ask(), "key"), status)


@pytest.mark.parametrize(
    ("status", "title"),
    [
        ("approved", "What was approved"),
        ("rejected", "What was rejected"),
        ("superseded", "What was asked for"),
        ("cancelled", "What was asked for"),
        ("expired", "What was asked for"),
    ],
)
def test_a_decided_case_no_longer_expires_or_says_what_an_approval_would_do(status: str, title: str) -> None:
    case = Case(ask(confirm="This deletes data."), "key")
    decided, waiting = again(case, status), again(case, needs="1 more in qa", ticket="n.n.n")
    assert [title, "What an approval releases"] == [card["sections"][1]["title"] for card in (decided, waiting)]
    assert {"Expires", "The sender asks you to note"} == {*facts(waiting, 1)} - {*facts(decided, 1)}


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("owed", "not taken yet, the relay keeps trying"),
        ("delivered", "taken"),
        ("refused", "refused"),
        ("dead", "never taken"),
        ("cancelled", "given up"),
    ],
)
def test_what_became_of_the_dispatch_is_shown(status: Any, told: str) -> None:
    debt = replace(Debt("deploy-api", NOW, NOW), status=status, row="n.0")
    rejected = replace(REVIEW, verdict="reject", comment=" ")
    case = Case(ask(), "key", "rejected", "qa", (REVIEW, rejected), NOW, (debt,))
    found = facts(again(case))
    assert told == found["GitHub"]
    assert found["Rejected by"].replace("\\", "").endswith("stage qa")


def test_why_github_refused_the_dispatch_is_shown() -> None:
    debt = replace(Debt("deploy-api", NOW, NOW), status="refused", last_error="it finds the inputs or the ref invalid")
    found = facts(again(Case(ask(), "key", "approved", debts=(debt,))))
    assert "refused: it finds the inputs or the ref invalid" == found["GitHub"]


def test_what_is_dispatched_before_the_last_word_is_shown_by_its_event_type() -> None:
    announced = Debt("preview-api", NOW, NOW, status="cancelled", decision="requested")
    passed = replace(announced, event_type="deploy-staging", status="delivered", decision="approved", passed=("qa",))
    found = facts(again(Case(ask(), "key", debts=(announced, passed))))
    assert {"GitHub, preview-api": "given up", "GitHub, deploy-staging": "taken"} == found


def test_a_superseded_case_says_by_what_in_words_that_are_no_markdown() -> None:
    newer = Successor("gon3yqaivw3ppdaltma2lypgzyg63lzr", "배포 *2.5*\n# now")
    found = facts(again(replace(Case(ask(), "key"), status="superseded", superseded_by=newer)))
    assert r"배포 \*2.5\* # now (gon3yqaivw3ppdaltma2lypgzyg63lzr)" == found["Newer request"]
    unknown = facts(again(replace(Case(ask(), "key"), status="superseded", superseded_by=replace(newer, title=""))))
    assert "(gon3yqaivw3ppdaltma2lypgzyg63lzr)" == unknown["Newer request"]
