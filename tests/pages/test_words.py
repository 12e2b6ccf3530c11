"""Both languages say everything, with the same things filled in."""

import re
from dataclasses import fields
from typing import get_args

import pytest

from relay.model.request import Proof
from relay.pages.english import ENGLISH
from relay.pages.korean import KOREAN
from relay.pages.translations import words_for
from relay.pages.words import Words
from tests.pages.translating import in_both

NAMES = [each.name for each in fields(Words) if each.name != "language"]
SAME = {"ref"}  # what git calls it


@pytest.mark.parametrize("name", NAMES)
def test_what_one_language_says_the_other_says_too(name: str) -> None:
    for english, korean in in_both(ENGLISH, KOREAN, name):
        assert english.strip()
        assert english.isascii() or name == "called"
        assert name in SAME or re.search("[가-힣]", korean)


def test_every_proof_of_an_asker_has_words() -> None:
    assert {*get_args(Proof)} == {*ENGLISH.proofs} == {*KOREAN.proofs}


def test_a_browser_gets_the_words_of_its_language() -> None:
    assert ENGLISH is words_for("fr, en;q=0.5")
    assert KOREAN is words_for("ko-KR")
