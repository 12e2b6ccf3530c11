from typing import Any

import pytest

from relay.chats.checks import size, size_as_text
from relay.chats.shared.messages import ADAPTIVE_CARD_TYPE as CONTENT_TYPE
from relay.chats.workflows.card import wrapped
from relay.chats.workflows.limits import MAX_SIZE, check

CARD: dict[str, Any] = {"type": "AdaptiveCard", "version": "1.4", "body": [{"type": "TextBlock", "text": "배포"}]}
PUT_IT = f'the webhook takes {{"type": "message", "attachments": [{{"contentType": "{CONTENT_TYPE}"'


def texted(text: str) -> dict[str, Any]:
    return wrapped({**CARD, "body": [{"type": "TextBlock", "text": text}]})


def test_a_card_in_its_message_has_no_problem() -> None:
    assert () == check(wrapped(CARD))


@pytest.mark.parametrize(
    "message", [CARD, {}, {"type": "message"}, {"type": "message", "attachments": []}, {"text": "x"}]
)
def test_what_a_webhook_does_not_take_is_told_with_what_it_takes(message: object) -> None:
    (problem,) = check(message)
    assert problem.startswith(PUT_IT)
    assert problem.endswith("put the card into it")


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (7, "the message must be a JSON object"),
        ({"type": "message", "attachments": ["x"]}, "attachments[0].contentType must be"),
        ({"type": "message", "attachments": [{"contentType": "text/html"}]}, "attachments[0].contentType must be"),
        ({"type": "message", "attachments": [{"contentType": CONTENT_TYPE}]}, '[0].content.type must be "Ad'),
        (wrapped({**CARD, "version": "1.6"}), "attachments[0].content.version is 1.6: a flow fails on 1.6"),
        (texted("x\ud800"), "half a character"),
    ],
)  # fmt: skip
def test_one_thing_wrong_is_one_problem_that_says_where(message: object, told: str) -> None:
    (problem,) = check(message)
    assert told in problem


def test_the_size_is_that_of_the_whole_message_in_utf_8() -> None:
    room = (MAX_SIZE - 230) // 3
    assert () == check(texted("가" * room))
    (problem,) = check(texted("가" * (room + 100)))
    assert f"and {MAX_SIZE} are taken (28 KB): shorten" in problem


@pytest.mark.parametrize(("title", "count"), [("test_{:04}", 621), ("x", 740), ("\\", 690)])
def test_a_card_keeps_the_limits_by_the_size_that_teams_counts(title: str, count: int) -> None:
    facts = [{"title": title.format(number), "value": "failed"} for number in range(count)]
    message = wrapped({**CARD, "body": [{"type": "FactSet", "facts": facts}]})
    assert size(message) < MAX_SIZE < size_as_text({**CARD, "body": [{"type": "FactSet", "facts": facts}]})
    (problem,) = check(message)
    assert problem.startswith("attachments[0]: Teams stores the card as a JSON string of ")


def test_a_card_of_one_long_text_does_not_suffer() -> None:
    assert () == check(texted("x" * 27_000))
