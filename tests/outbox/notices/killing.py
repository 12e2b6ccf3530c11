"""A process that is killed between any two writes of its store."""

from collections.abc import Callable
from threading import Lock
from typing import Any, Final

from relay.store.tables.client import Table

WRITES: Final = frozenset(
    {"write_case", "remove", "drop_row", "close_bucket", "give_back", "add_to_group", "take_lead", "remove_from_group"}
    | {"note_newest", "forget_newest", "put_if_absent", "put", "mark_round"}
)
TABLE_WRITES: Final = ("put", "together", "delete", "replace", "insert")


class Killed(BaseException):
    """The end of the process."""


class Fuse:
    """The writes that are left until the process is killed; without a number it lives."""

    def __init__(self) -> None:
        self.left: int | None = None
        self._lock = Lock()

    def burn(self) -> None:
        """Count one moment before or after a write. Raises Killed, and again for what else the process would do."""
        with self._lock:
            if self.left is None:
                return
            self.left -= 1
            if self.left <= 0:
                raise Killed


class Dying:
    """A store whose process may be killed before and after each of its writes."""

    def __init__(self, store: object, fuse: Fuse) -> None:
        self._store = store
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        return dying(found, self._fuse) if name in WRITES else found


def dying(write: Callable[..., Any], fuse: Fuse) -> Callable[..., Any]:
    """Return a write with a moment before and one after it."""

    def burning(*given: Any, **named: Any) -> Any:
        fuse.burn()
        result = write(*given, **named)
        fuse.burn()
        return result

    return burning


def with_table_writes(fuse_of: Callable[[], Fuse | None], patch: Callable[[type, str, object], None]) -> None:
    """Let each write to a table be a moment at which the process may be killed."""
    for name in TABLE_WRITES:
        write = getattr(Table, name, None)
        if write is not None:
            patch(Table, name, _on_table(write, fuse_of))


def _on_table(write: Callable[..., Any], fuse_of: Callable[[], Fuse | None]) -> Callable[..., Any]:
    def burning(*given: Any, **named: Any) -> Any:
        fuse = fuse_of()
        return dying(write, fuse)(*given, **named) if fuse else write(*given, **named)

    return burning
