import json

import pytest

from relay.chats.shared.comments import BODY, PLACEHOLDER, typed


@pytest.mark.parametrize("comment", [PLACEHOLDER, f" {PLACEHOLDER}\n", ""])
def test_a_placeholder_that_nobody_filled_in_is_no_comment(comment: str) -> None:
    assert "" == typed(comment).strip()


@pytest.mark.parametrize("comment", ["{{comment}}", f"I typed {PLACEHOLDER}", PLACEHOLDER * 2, "좋아요"])
def test_a_comment_that_only_contains_the_placeholder_stays_as_it_was_typed(comment: str) -> None:
    assert comment == typed(comment)


def test_the_body_of_a_card_is_json_around_the_placeholder() -> None:
    assert {"comment": PLACEHOLDER} == json.loads(BODY)
