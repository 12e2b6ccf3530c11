"""Faults of the storage account at a write, and another write just before it."""

from collections.abc import Callable

from tests.support.stores import case, owing
from tests.support.table_proxy import BROKEN, CUT, DONE_BUT_BROKEN, DONE_BUT_CUT, DONE_BUT_UNAVAILABLE, UNAVAILABLE

DONE = [DONE_BUT_BROKEN, DONE_BUT_UNAVAILABLE, DONE_BUT_CUT]
UNDONE = [BROKEN, UNAVAILABLE, CUT]
SECOND = owing(case(version=2, by="second"))


def once(request: str, do: Callable[[], object]) -> Callable[[str], None]:
    """Return a hook that calls `do` as the first request of a kind arrives."""
    left = [do]

    def before(arriving: str) -> None:
        if arriving == request and left:
            assert left.pop()()

    return before
