"""The words of the pages by language."""

from relay.pages.english import ENGLISH
from relay.pages.korean import KOREAN
from relay.pages.languages import choose
from relay.pages.words import Words


def words_for(accepted: str) -> Words:
    """Return the words in the language that Accept-Language prefers."""
    return KOREAN if choose(accepted) == "ko" else ENGLISH
