import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.approval.globs import covers, matches, overlap

GLOBS = st.lists(st.sampled_from(["a", "B", "/", "*", "?", "[ab]", "[!a]", "[", "]"]), max_size=6).map("".join)
NAMES = st.text(alphabet="abA/[]", max_size=6)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("octo/api", "Octo/API", True),
        ("octo/api", "octo/web", False),
        ("octo/*", "octo/api", True),
        ("deploy-*", "*-api", True),
        ("deploy-*", "release-*", False),
        ("deploy-?", "deploy-", False),
        ("deploy-?", "deploy-x", True),
        ("a*b*b*c", "a?c", False),
        ("*", "", True),
        ("", "", True),
        ("[ab]", "c", True),
        ("***", "?", True),
    ],
)
def test_globs_overlap_where_one_name_may_match_both(one: str, other: str, expected: bool) -> None:
    assert expected is overlap(one, other)
    assert expected is overlap(other, one)


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        ("octo/*", "octo/api", True),
        ("Octo/*", "octo/a?i", True),
        ("octo/*", "octo/a*", True),
        ("*", "*", True),
        ("octo/a*", "octo/*", False),
        ("a?c", "abc", True),
        ("a?c", "a*c", False),
        ("a?c", "A?C", True),
        ("*b]", "[ab]", False),
        ("[ab]*", "a*", False),
    ],
)
def test_a_glob_covers_another_only_where_that_is_sure(wide: str, narrow: str, expected: bool) -> None:
    assert expected is covers(wide, narrow)


@given(one=GLOBS, other=GLOBS, name=NAMES)
@settings(deadline=None, max_examples=300)
def test_a_name_that_matches_both_globs_is_never_overlooked(one: str, other: str, name: str) -> None:
    if matches(one, name) and matches(other, name):
        assert overlap(one, other)


@given(wide=GLOBS, narrow=GLOBS, name=NAMES)
@settings(deadline=None, max_examples=300)
def test_a_covering_glob_matches_whatever_the_covered_one_does(wide: str, narrow: str, name: str) -> None:
    if covers(wide, narrow) and matches(narrow, name):
        assert matches(wide, name)


def test_a_very_long_glob_is_compared_too() -> None:
    assert overlap("a" * 3_000 + "*", "*" + "a" * 3_000)
