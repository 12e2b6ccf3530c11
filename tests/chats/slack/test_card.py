"""A case is drawn as a message that Slack takes, whoever wrote what, and whose buttons die."""

from dataclasses import replace
from typing import Any

import pytest

from relay.chats.slack.card import draw
from relay.chats.slack.limits import breaches
from relay.model.answer import Answer, Words
from relay.model.case import Case, Successor
from relay.model.debts import Debt
from relay.model.request import Status
from tests.chats.slack.drawing import ADA, REQUEST, TICKET, answer, block, shown
from tests.chats.slack.mrkdwn import told


def test_a_pending_case_has_a_box_for_the_comment_and_two_buttons_apart_from_the_links() -> None:
    message = draw(answer())
    assert () == breaches(message)
    approve, reject = block(message, "actions", "decide")["elements"]
    assert ("approve", "Approve", "primary", TICKET) == (
        approve["action_id"],
        approve["text"]["text"],
        approve["style"],
        approve["value"],
    )
    assert ("reject", "Reject", "danger") == (reject["action_id"], reject["text"]["text"], reject["style"])
    box = block(message, "input")
    assert ("comment", True, 1_000) == (box["element"]["action_id"], box["optional"], box["element"]["max_length"])
    assert ["link-0", "link-1"] == [each["action_id"] for each in block(message, "actions", "links")["elements"]]
    assert "Waiting for approval: Deploy api to production?" == message["text"]
    for words in ("octo/api", "production", "0123456789ab", "octocat (as stated by the sender)", "128 passed"):
        assert words in shown(message)


def test_the_box_for_the_comment_is_another_at_each_change_and_the_same_where_nothing_changed() -> None:
    first, again = draw(answer()), draw(answer(version=5))
    later = draw(answer(reviews=(ADA,)))
    assert block(first, "input")["block_id"] == block(again, "input")["block_id"]
    assert block(first, "input")["block_id"] != block(later, "input")["block_id"]


@pytest.mark.parametrize(
    ("status", "headline"),
    [
        ("approved", "Approved"),
        ("rejected", "Rejected"),
        ("superseded", "Superseded by a newer request"),
        ("cancelled", "Cancelled"),
        ("expired", "Expired without a decision"),
    ],
)
def test_a_decided_card_says_so_and_has_nothing_to_press_but_links(status: Status, headline: str) -> None:
    message: dict[str, Any] = draw(answer(status=status, reviews=(ADA,)), mentions=["U1"])
    assert () == breaches(message)
    assert f"*{headline}*" == message["blocks"][0]["text"]["text"]
    assert {"links"} == {each["block_id"] for each in message["blocks"] if "block_id" in each}
    assert [] == told(message)
    assert "Expires" not in shown(message)


def test_a_review_shows_its_comment_as_it_was_written() -> None:
    message = draw(answer(reviews=(ADA,)))
    assert "“fine <!here>”" in shown(message)
    assert "stage qa" in shown(message)
    assert [] == told(message)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("owed", "GitHub has not taken it yet; the relay keeps trying."),
        ("delivered", "GitHub has taken it."),
        ("refused", "GitHub refused it; the operator can mend this."),
        ("dead", "GitHub never took it; the operator can mend this."),
        ("cancelled", "GitHub was never told of it: it was given up."),
    ],
)
def test_what_became_of_the_dispatch_is_said(status: Any, words: str) -> None:
    debts = (
        Debt("deploy-api", 1, 1.0, status=status, row="r"),
        Debt("preview", 1, 1.0, status=status, row="r", decision="requested"),
    )
    said = shown(draw(answer(status="approved", debts=debts)))
    assert words in said
    assert words.replace(" it", " preview", 1) in said


def test_why_github_refused_the_dispatch_is_said() -> None:
    debt = Debt("deploy-api", 1, 1.0, status="refused", row="r", last_error="it finds the inputs or the ref invalid")
    said = shown(draw(answer(status="approved", debts=(debt,))))
    assert "GitHub refused it: it finds the inputs or the ref invalid; the operator can mend this." in said


def test_the_newer_request_is_named() -> None:
    newer = Successor("b" * 32, "Deploy <api>")
    assert f"Newer request: Deploy &lt;api&gt; ({'b' * 32})" in shown(
        draw(answer(status="superseded", superseded_by=newer))
    )


def test_people_are_mentioned_by_their_ids_and_ten_of_them_at_most() -> None:
    assert ["U1", "U2"] == told(draw(answer(), mentions=["U1", "U2"]))
    many = draw(answer(), mentions=[f"U{number}" for number in range(13)])
    assert 10 == len(told(many))
    assert "and 3 more" in shown(many)


def test_a_confirmation_stands_before_the_approval() -> None:
    request = replace(REQUEST, confirm="This goes to <!channel> production. " * 8, approve_label="Ship it now, please")
    approve, reject = block(draw(answer(request)), "actions", "decide")["elements"]
    assert "confirm" not in reject
    assert "Approve: Ship it now, please" == approve["confirm"]["confirm"]["text"]
    assert () == breaches(draw(answer(request)))


def test_a_note_is_the_senders_unless_the_operator_wrote_it() -> None:
    found = answer(replace(REQUEST, confirm="Is the freeze over?"))
    assert "*The sender asks you to note* Is the freeze over?" in shown(draw(found))
    operators = replace(found, words=Words(confirm="Read the plan."))
    assert "*Please note* Read the plan." in shown(draw(operators))


def test_a_dispatch_that_the_operator_dropped_is_no_dead_one() -> None:
    dropped = Debt("deploy-api", 1, 1.0, status="dead")
    assert "The operator gave it up; it is never sent." in shown(draw(answer(status="approved", debts=(dropped,))))


def test_a_required_comment_is_marked() -> None:
    box = block(draw(answer(replace(REQUEST, require_comment=True))), "input")
    assert (False, "Comment") == (box["optional"], box["label"]["text"])


def test_a_notification_asks_nothing() -> None:
    request = replace(REQUEST, event_type="", title="Released", facts=(), links=())
    message = draw(Answer("pending", "", Case(request, "key"), "pending"))
    assert "Released" == message["text"]
    assert "Where this comes from" in shown(message)
    assert "Waiting" not in shown(message)
    assert () == breaches(message)


def test_a_request_as_the_asker_sends_it_is_asked_for() -> None:
    assert draw(answer(), is_first=True)["text"] == "Approval requested: Deploy api to production?"
