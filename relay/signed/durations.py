"""Durations in the form that people write: `90s`, `45m`, `24h`, `7d`."""

import re
from typing import Final

MAX_DURATION: Final = 30 * 86_400
_FORM: Final = re.compile(r"([0-9]+)([smhd])")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_LONGEST: Final = len(str(MAX_DURATION)) + 1


def parse_duration(text: str) -> int:
    """Return the seconds of a whole number and its unit, from 1 second to 30 days. Raises ValueError with the cure."""
    form = _FORM.fullmatch(text)
    if form is None:
        raise ValueError('is a whole number and its unit, as in "90s", "45m", "24h" or "7d"')
    number, unit = form.groups()
    seconds = int(number) * _SECONDS[unit] if len(number) <= _LONGEST else MAX_DURATION + 1
    if not 0 < seconds <= MAX_DURATION:
        raise ValueError("takes from 1 second to 30 days")
    return seconds
