import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.examples import FEW, are_full, limit

DECLARED = 3 * FEW


@pytest.mark.parametrize(("declared", "expected"), [(DECLARED, FEW), (FEW - 1, FEW - 1)])
def test_a_limited_property_test_tries_few_examples(declared: int, expected: int) -> None:
    tried = []

    @settings(max_examples=declared, database=None)
    @given(st.integers())
    def example(number: int) -> None:
        tried.append(number)

    limit(example)
    example()
    assert expected == len(tried)


@settings(max_examples=DECLARED, deadline=None)
@given(st.integers())
def test_a_property_test_is_limited_unless_the_full_count_is_asked_for(number: int) -> None:
    this = vars(test_a_property_test_is_limited_unless_the_full_count_is_asked_for)
    assert (DECLARED if are_full() else FEW) == this["_hypothesis_internal_use_settings"].max_examples
