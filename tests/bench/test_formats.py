"""The part of the benchmark about formats compares two readers that agree, on texts that neither matches."""

import pytest

from bench.parts import j_formats
from bench.peers import regular_expression
from relay.formats.grammar import read_format
from relay.formats.match import match
from relay.formats.words import split


def both(text: str) -> tuple[dict[str, str] | None, dict[str, str] | None]:
    words = split(text)
    assert words is not None
    expression = regular_expression.compiled(j_formats.FORM)
    return match(read_format(j_formats.FORM), words), regular_expression.match(expression, text)


def test_both_readers_find_the_same_values() -> None:
    ours, theirs = both("google one and two and three more and four results")
    assert {"a": "one", "b": "two", "c": "three more", "d": "four"} == ours
    assert ours == theirs


@pytest.mark.parametrize("size", [100, 150])
def test_neither_matches_the_text_that_is_measured(size: int) -> None:
    assert (None, None) == both(j_formats.almost(size))


def test_a_measured_text_that_matches_is_a_mistake() -> None:
    assert 0 < j_formats.timed(lambda: None) < 1_000
    with pytest.raises(ValueError, match="was not to match"):
        j_formats.timed(dict)
