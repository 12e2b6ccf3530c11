"""The file of the SQLite store: made for its owner alone, in WAL, each commit on the disk before it is done.

https://www.sqlite.org/wal.html, https://www.sqlite.org/pragma.html#pragma_synchronous
"""

import sqlite3
import time
from pathlib import Path
from typing import Final

from relay.errors import Outage
from relay.store.sqlite.writer import BUSY_TIMEOUT

WAL_TRIES: Final = 60


def open_file(path: Path, *, create: bool) -> sqlite3.Connection:
    """Return a connection to the file. Raises Outage, permanent, if it is not there and not to be created."""
    if not path.exists():
        if not create:
            raise Outage(f"there is no store at {path.absolute()}", permanent=True)
        # Payloads, comments and names are in it.
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False, cached_statements=64
    )
    try:
        _use_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch a new file to WAL. Of two processes at once SQLite refuses one, despite its time-out."""
    for tries_left in reversed(range(WAL_TRIES)):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if not tries_left:
                raise
            time.sleep(BUSY_TIMEOUT / WAL_TRIES)
        else:
            return
