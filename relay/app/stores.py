"""The store of the settings, and the operator's view of it without the other settings."""

import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from relay.journal.message_log import MessageLog
from relay.settings import SettingsError, read_store, sqlite_path
from relay.store.tables.account import Storage

if TYPE_CHECKING:
    from relay.outbox.operator import Outbox
    from relay.store.sqlite.store import SqliteStore
    from relay.store.tables.store import TableStore

    Store = SqliteStore | TableStore


def open_store(store: str, storage: Storage | None, *, create: bool = True) -> "Store":
    """Return the store, which its first use makes if `create`. Raises SettingsError if its libraries are missing."""
    if storage is not None:
        try:
            from relay.store.tables.store import TableStore  # noqa: PLC0415 - only for those who use tables
        except ModuleNotFoundError as error:
            problem = (
                f"is tables, and {error.name} is not installed: pip install '.[tables]' in the relay's folder, or with "
                "the path of its wheel in place of the dot"
            )
            raise SettingsError({"RELAY_STORE": problem}) from None
        return TableStore(storage, time.time, create=create)
    from relay.store.sqlite.store import SqliteStore  # noqa: PLC0415 - only for those who use a file

    return SqliteStore(sqlite_path(store), time.time, create=create)


def open_outbox(environ: Mapping[str, str], by: str) -> "tuple[Outbox, str]":
    """Return the operator's view of the debts, by the settings of the store alone, and the name of that store.

    A store that is not there is not made. Raises SettingsError.
    """
    from relay.outbox.operator import Outbox  # noqa: PLC0415 - only the command needs it

    text, storage = read_store(environ)
    name = f"tables {storage.prefix}* of {storage.account}" if storage else str(Path(sqlite_path(text)).absolute())
    store = open_store(text, storage, create=False)
    return Outbox(store, time.time, new_nonce, by, MessageLog(store, time.time)), name


def new_nonce() -> str:
    """Return a new nonce, by which a commit recognizes itself in the store."""
    return secrets.token_urlsafe(16)
