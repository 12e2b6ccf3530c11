"""A chat can do what its class says: one without abilities does nothing, one that lacks a method cannot be made."""

from typing import Any

import pytest

from relay.chats.contract import chat as contract
from relay.chats.settings_reader import one_line
from relay.chats.table import CHATS, MODULES

DUTIES = {  # by ability: each method and word that it asks of a chat
    "Chat": {"name"},
    "TakesPresses": {"name", "proves", "refuse", "clicks"},
    "TakesCommands": {"name", "typed"},
    "HasChannels": {"name", "cure", "read_channel"},
    "HasLimits": {"name", "platform", "recognizes", "breaches"},
    "DrawsForAskers": {"name", "platform", "recognizes", "breaches", "card_format", "draw_for_asker"},
    "ChecksMails": {"name", "platform", "recognizes", "breaches", "lint_html"},
    "IsPressedElsewhere": {"name", "pressed_format", "redraw"},
}


def made(ability: str, duties: set[str]) -> Any:
    """Make a chat that claims an ability and fulfils these duties."""
    return type("Made", (getattr(contract, ability),), dict.fromkeys(duties, "here"))()


def test_a_chat_without_abilities_has_no_settings_and_no_checks() -> None:
    chat = made("Chat", {"name"})
    assert ("here", None, ()) == (chat.name, chat.read_settings(None), chat.checks())
    assert [] == [*chat.unset(None, ["ops"])]


def test_a_chat_that_takes_presses_proves_no_teams_by_itself_unless_it_says_so() -> None:
    assert () == made("TakesPresses", DUTIES["TakesPresses"]).own_teams(None)


def test_a_chat_with_channels_posts_and_tells_nothing_unless_it_says_so() -> None:
    chat = made("HasChannels", DUTIES["HasChannels"])
    assert (None, None) == (chat.posting(None), chat.telling(None, None))


def test_a_card_of_an_asker_fits_and_goes_to_any_webhook_unless_its_chat_says_otherwise() -> None:
    chat = made("DrawsForAskers", DUTIES["DrawsForAskers"])
    assert ("", (), "") == (chat.fits(None, "key"), chat.webhook_hosts, chat.webhook_fault("", {}))
    assert chat.webhook_outcome(200, b"") is None


@pytest.mark.parametrize(
    ("ability", "lacking"), [(ability, duty) for ability, duties in DUTIES.items() for duty in sorted(duties)]
)
def test_a_chat_that_claims_an_ability_without_its_method_cannot_be_made(ability: str, lacking: str) -> None:
    with pytest.raises(TypeError, match=rf"abstract class Made.* '?{lacking}'?$"):
        made(ability, DUTIES[ability] - {lacking})


def test_the_table_has_a_chat_for_each_of_its_lines() -> None:
    assert len(CHATS) == len(MODULES)


def test_a_secret_of_several_lines_is_refused() -> None:
    with pytest.raises(ValueError, match="holds a line break"):
        one_line("two\nlines")
