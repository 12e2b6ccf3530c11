from typing import Any

import pytest

from relay.chats.adaptive.body import Mention
from relay.chats.workflows.card import draw
from relay.chats.workflows.limits import check
from relay.model.request import FACTS, ApprovalRequest
from tests.pictures.cards import ask

URL = "https://relay.example/api/review/abc"
OPEN = {"@type": "OpenUri", "name": "Logs", "targets": [{"os": "default", "uri": "https://ci.example"}]}


def drawn(request: ApprovalRequest, **more: Any) -> dict[str, Any]:
    message: dict[str, Any] = draw(request, review_url=URL, proven=FACTS, **more)
    assert () == check(message)
    assert "message" == message["type"]
    (attachment,) = message["attachments"]
    assert ("application/vnd.microsoft.card.adaptive", None) == (attachment["contentType"], attachment["contentUrl"])
    card: dict[str, Any] = attachment["content"]
    assert ("AdaptiveCard", "1.4", "full") == (card["type"], card["version"], card["msteams"]["width"])
    return card


def test_a_request_has_a_button_that_leads_to_the_page_and_one_to_the_run() -> None:
    review, run = drawn(ask())["actions"]
    assert ("Action.OpenUrl", "Review and decide", URL, "positive") == (
        review["type"],
        review["title"],
        review["url"],
        review["style"],
    )
    assert ("Open the run", ask().run_url) == (run["title"], run["url"])


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ({"approve_label": "승인", "reject_label": "반려"}, "Review: 승인 or 반려"),
        ({"approve_label": "Ship it"}, "Review: Ship it or Reject"),
        ({"approve_label": "\u202etcejeR"}, r"Review: \u202etcejeR or Reject"),
        ({"reject_label": "Hold"}, "Review: Approve or Hold"),
    ],
)
def test_the_button_names_the_decision_as_the_sender_calls_it(labels: dict[str, str], told: str) -> None:
    assert told == drawn(ask(**labels))["actions"][0]["title"]


def test_the_senders_links_come_after_ours() -> None:
    card = drawn(ask(actions=[OPEN, {"@type": "HttpPOST", "name": "x"}], run_url=None))
    assert ["Review and decide", "Logs"] == [action["title"] for action in card["actions"]]


def test_a_notification_asks_for_nothing() -> None:
    assert ["Open the run"] == [action["title"] for action in drawn(ask(event_type=None))["actions"]]
    assert "actions" not in drawn(ask(event_type=None, run_url=None))


def test_who_is_mentioned_is_told() -> None:
    card = drawn(ask(), mentions=[Mention("Ada", "ada@octo.example")])
    assert ["<at>Ada</at>"] == [entity["text"] for entity in card["msteams"]["entities"]]
    assert "For <at>Ada</at>" in [element.get("text") for element in card["body"]]
    assert "entities" not in drawn(ask())["msteams"]
