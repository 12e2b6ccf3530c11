from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relay.net.retry_after import retry_after

NOW = 1_780_000_000.0


def at(seconds: float) -> str:
    return format_datetime(datetime.fromtimestamp(NOW + seconds, UTC), usegmt=True)


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        (5, "5"),
        (5, " 5 "),
        (86_400, "86400"),
        (0, "86401"),
        (0, "-1"),
        (0, "1.5"),
        (0, "5, 5"),
        (0, "\u0665"),
        (0, "9" * 5000),
        (0, ""),
        (0, "tomorrow"),
        (90, at(90)),
        (90, at(90).replace("GMT", "-0000")),
        (0, at(-90)),
        (0, at(90_000)),
        (0, "Thu, 01 Jan 99999999999999999999 00:00:00 GMT"),
        (0, "Thu, 01 Jan 0001 00:00:00 +2359"),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_anything_odd_counts_as_absent(expected: float, value: str) -> None:
    assert expected == retry_after({"retry-after": value}, NOW)


@settings(deadline=None, max_examples=300)
@given(st.integers(0, len(at(90))), st.text(max_size=4))
@example(0, "\x00")
def test_a_spoiled_date_is_never_an_error(where: int, text: str) -> None:
    assert 0 <= retry_after({"retry-after": at(90)[:where] + text + at(90)[where + 1 :]}, NOW) <= 86_400
