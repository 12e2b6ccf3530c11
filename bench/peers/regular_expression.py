"""The ordinary way to read a format: each placeholder becomes a group of one regular expression, which backtracks."""

import re

_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)(?:\.\.\.)?\s*\}\}")


def compiled(form: str) -> re.Pattern[str]:
    """Return the expression of a format."""
    pieces = _PLACEHOLDER.split(form)
    named = (re.escape(piece) if index % 2 == 0 else f"(?P<{piece}>.+?)" for index, piece in enumerate(pieces))
    return re.compile("".join(named) + r"\s*$")


def match(expression: re.Pattern[str], text: str) -> dict[str, str] | None:
    """Return the values, or None."""
    found = expression.match(text)
    return found.groupdict() if found else None
