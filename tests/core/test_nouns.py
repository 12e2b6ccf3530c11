import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.core.model import Debt
from relay.core.nouns import replace

DEBT = Debt("deploy", 1_790_000_000, 1_790_000_000.5, lease="c1", passed=("qa",))


@given(st.dictionaries(st.sampled_from(DEBT.__slots__), st.text(max_size=3)))
def test_a_noun_is_changed_as_dataclasses_would_change_it(changes: dict[str, Any]) -> None:
    changed = replace(DEBT, **changes)
    assert dataclasses.replace(DEBT, **changes) == changed
    assert "c1" == DEBT.lease


def test_a_field_that_is_none_is_an_error() -> None:
    fields: dict[str, Any] = {"laese": "c2"}
    with pytest.raises(AttributeError):
        replace(DEBT, **fields)
