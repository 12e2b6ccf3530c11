"""Values of all nouns: JSON objects, and times as text."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

Json = Mapping[str, object]


@lru_cache(maxsize=256)  # a click writes the same second several times
def iso(at: float) -> str:
    """Return `at` as 2026-01-31T12:00:00Z."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
