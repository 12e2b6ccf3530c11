"""Temporary folders of tests in memory: SQLite waits for a disk at each commit, and the tests make thousands."""

import os
from pathlib import Path
from typing import Final

MEMORY: Final = Path("/dev/shm")  # noqa: S108 - pytest makes a folder in it for its user alone
ENOUGH: Final = 1 << 30  # bytes; a whole run takes a tenth of it
_SETTING: Final = "PYTEST_DEBUG_TEMPROOT"


def prefer() -> None:
    """Let pytest make its folders in memory, unless a place is set or memory is short."""
    if _SETTING not in os.environ and MEMORY.is_dir() and _takes_all(MEMORY):
        os.environ[_SETTING] = str(MEMORY)


def _takes_all(folder: Path) -> bool:
    found = os.statvfs(folder)
    may_run = not found.f_flag & os.ST_NOEXEC  # some tests run the programs that they wrote
    return may_run and os.access(folder, os.W_OK) and found.f_bavail * found.f_frsize >= ENOUGH
