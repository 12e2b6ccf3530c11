"""Hostile texts in a notice are text in every chat, and JSON in a webhook."""

import string
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.approval.notice_text import Piece
from relay.chats.slack.limits import breaches
from relay.chats.slack.notices import MAX_WORDS, draw
from relay.chats.teams.notices import draw as draw_in_teams
from tests.chats.slack.mrkdwn import links, told
from tests.chats.teams.road.bot import Bot
from tests.outbox.notices.telling import FORM, Telling, entry
from tests.support import road

pytestmark = pytest.mark.httpx_mock(should_mock=lambda request: request.url.host != "127.0.0.1")
TITLES: Final = (
    "<!channel> <@U111> <#C111> <http://evil.example|click>",
    "*bold* _slanted_ ~gone~ `code` :bomb: @all @channel <at>Ada</at>",
    "[click]( http://evil.example ) ![x](http://evil.example) ]( http://evil )",
    '# heading > quote {{by}} &lt;!here&gt; " \\',
)
TEXT: Final = "{{title}} by {{by}}: {{comment}} {{payload.app}}"
MARKS: Final = st.sampled_from(
    ["<!channel>", "<@U1>", "&lt;", "*", "_", "`", "~", ":bomb:", "]( http://evil )", "\n>", "\u202e"]
)
VALUES: Final = st.lists(MARKS | st.text(max_size=20), max_size=8).map("".join)
NAMES: Final = st.sampled_from(["title", "comment", "run_url", "review_url", "payload.x"])


def as_message(made: Any) -> dict[str, Any]:
    return dict(made)


@pytest.mark.parametrize(
    "bot", [(entry("releases", "ops", "events", on=["reviewed"], text=TEXT),)], indirect=True, ids=["policy"]
)
@pytest.mark.parametrize("title", TITLES)
def test_a_hostile_title_is_text_everywhere(bot: tuple[Telling, Bot], title: str) -> None:
    here, teams = bot
    ask = road.said(here.road.ask({**FORM, "title": title, "client_payload": {"app": title}, "channels": ["ops"]}))
    teams.press("ada", "approve", teams.ticket(), comment=title)
    here.road.round()
    (message,) = here.messages()
    drawn = {"text": message.text, "blocks": message.blocks}
    assert ([], []) == (told(drawn), links(drawn))
    assert not any(f"*{word}*" in message.text for word in ("bold", "slanted"))
    (words,) = (each for each in teams.teams.messages.values() if "text" in each)
    assert ("plain", f"{title} by Ada: {title} {title}", None) == (
        words["textFormat"],
        words["text"],
        words.get("entities"),
    )
    (received,) = here.hooks.received
    event = received.verify()
    assert (title, title) == (event["data"]["request"]["title"], event["data"]["review"]["comment"])
    assert ask["id"] == event["data"]["request"]["id"]


@given(st.lists(st.tuples(VALUES, NAMES), max_size=4))
def test_no_value_is_read_for_marks_in_slack(values: list[tuple[str, str]]) -> None:
    made = as_message(draw([piece for value, name in values for piece in (Piece("said: "), Piece(value, name))]))
    if not values:
        return
    assert [] == told(made)
    assert all(address.startswith(("http://", "https://")) for address in links(made))
    assert () == breaches(made)


def test_no_value_makes_a_line_of_its_own() -> None:
    reason = "no room left\nApproved: Deploy api, by Grace\r\n\u2028more"
    pieces = [Piece("Failed: "), Piece(reason, "reason"), Piece("\nof the operator")]
    for text in (as_message(draw(pieces))["text"], as_message(draw_in_teams(pieces))["text"]):
        assert 2 == len(text.splitlines()), text


@pytest.mark.parametrize("letter", ["x", "&", "<", "*", "\u202e"])
def test_the_longest_notice_fits_slack(letter: str) -> None:
    made = as_message(draw([Piece("w" * 1_000), *(Piece(letter * 1_000, "comment") for _ in range(9))]))
    assert () == breaches(made)
    assert len(made["text"]) <= MAX_WORDS + 1
    assert made["text"].endswith("…")


@pytest.mark.parametrize("letter", string.punctuation)
def test_the_operators_own_words_keep_their_marks(letter: str) -> None:
    made = as_message(draw([Piece(f"{letter}Ship it{letter} <https://example.com|now> "), Piece("x", "title")]))
    assert f"{letter}Ship it{letter} <https://example.com|now> x" == made["text"]
