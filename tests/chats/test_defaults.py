"""What a chat is that says nothing of itself: it takes no press, posts nothing and limits nothing."""

from typing import Any

import pytest

from relay.chats.contract import Chat
from relay.chats.settings_reader import one_line
from relay.chats.table import CHATS, MODULES

NOTHING: Any = Chat.__new__(Chat)


def test_a_chat_that_says_nothing_of_itself_proves_posts_and_limits_nothing() -> None:
    assert ((), (), None) == (NOTHING.proves(None), NOTHING.own_teams(None), NOTHING.posting(None))
    assert ("", False, None) == (NOTHING.fits(None, "key"), NOTHING.recognizes({}), NOTHING.webhook_outcome(200, b""))


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("read_channel", 2),
        ("refuse", 1),
        ("clicks", 1),
        ("redraw", 0),
        ("breaches", 1),
        ("lint_html", 1),
        ("draw_for_asker", 3),
    ],
)
def test_nothing_is_asked_of_a_chat_that_it_did_not_offer(name: str, given: int) -> None:
    with pytest.raises(NotImplementedError):
        getattr(NOTHING, name)(*[None] * given)


def test_the_table_has_a_chat_for_each_of_its_lines() -> None:
    assert len(CHATS) == len(MODULES)


def test_a_secret_of_several_lines_is_refused() -> None:
    with pytest.raises(ValueError, match="holds a line break"):
        one_line("two\nlines")
