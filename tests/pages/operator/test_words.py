"""Both languages of the operator's pages say everything, with the same things filled in."""

import re
from dataclasses import fields

import pytest

from relay.pages.operator.english import ENGLISH
from relay.pages.operator.korean import KOREAN
from relay.pages.operator.parts import desk_words
from relay.pages.operator.words import DeskWords
from tests.pages.translating import in_both

NAMES = [each.name for each in fields(DeskWords)]


@pytest.mark.parametrize("name", NAMES)
def test_what_one_language_says_the_other_says_too(name: str) -> None:
    for english, korean in in_both(ENGLISH, KOREAN, name):
        assert english.isascii()
        assert name == "hints" or re.search("[가-힣]", korean)
        assert name == "hints" or english.strip()


def test_a_browser_gets_the_words_of_its_language() -> None:
    assert (ENGLISH, KOREAN) == (desk_words("en"), desk_words("ko"))
