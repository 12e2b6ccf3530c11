"""Both languages say everything, with the same things filled in."""

import re
from collections.abc import Mapping
from dataclasses import fields

import pytest

from relay.pages.english import ENGLISH
from relay.pages.korean import KOREAN
from relay.pages.translations import words_for
from relay.pages.words import Words

NAMES = [each.name for each in fields(Words) if each.name != "language"]
SAME = {"ref"}  # what git calls it


def texts(words: Words, name: str) -> dict[str, str]:
    value = getattr(words, name)
    if isinstance(value, str):
        return {"": value}
    assert isinstance(value, Mapping)
    return {key: text if isinstance(text, str) else "\n".join(text) for key, text in value.items()}


@pytest.mark.parametrize("name", NAMES)
def test_what_one_language_says_the_other_says_too(name: str) -> None:
    english, korean = texts(ENGLISH, name), texts(KOREAN, name)
    assert set(english) == set(korean)
    for key, text in english.items():
        assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", korean[key]))
        assert text.strip()
        assert text.isascii() or name == "called"
        assert name in SAME or re.search("[가-힣]", korean[key])


def test_a_browser_gets_the_words_of_its_language() -> None:
    assert ENGLISH is words_for("fr, en;q=0.5")
    assert KOREAN is words_for("ko-KR")
