"""The settings of the store, which are also read alone."""

from collections.abc import Callable, Mapping
from typing import Final

from relay.chats.settings_reader import SettingsReader
from relay.hosting import on_azure
from relay.settings.problems import SettingsError, unresolved_references
from relay.store.tables.account import CONNECTION as STORAGE
from relay.store.tables.account import Storage, read_prefix, read_storage

SQLITE: Final = "sqlite:///"
TABLES: Final = "tables"
_OF_STORE: Final = ("RELAY_STORE", "RELAY_TABLE_PREFIX")


def read_store(environ: Mapping[str, str]) -> tuple[str, Storage | None]:
    """Return the store of the settings, and the account of its tables. Raises SettingsError for these alone."""
    problems = unresolved_references(
        {name: environ[name] for name in environ if name.startswith((STORAGE, *_OF_STORE))}
    )
    environ = {name: value for name, value in environ.items() if name not in problems}
    reader = SettingsReader(environ)
    store = reader.one("RELAY_STORE", read_store_on(environ), default_store(environ))
    storage = read_account(environ, reader.problems)
    if reader.problems or problems:
        raise SettingsError({**reader.problems, **problems})
    return store, storage


def sqlite_path(store: str) -> str:
    """Return the file's path in `sqlite:///PATH`; a fourth slash makes it absolute."""
    return store.removeprefix(SQLITE)


def default_store(environ: Mapping[str, str]) -> str:
    """Return the store that is used where none is set: tables on Azure, else a file."""
    return TABLES if on_azure(environ) else f"{SQLITE}.relay/relay.db"


def read_account(environ: Mapping[str, str], problems: dict[str, str]) -> Storage | None:
    """Read the account of the tables, if the store is tables."""
    if (environ.get("RELAY_STORE", "").strip() or default_store(environ)) == TABLES:
        return read_storage(environ, problems)
    read_prefix(environ, problems)
    return None


def read_store_on(environ: Mapping[str, str]) -> Callable[[str], str]:
    """Return the reader of RELAY_STORE. It raises ValueError for SQLite on Azure."""

    def read(text: str) -> str:
        if text == TABLES:
            return text
        if not sqlite_path(text) or not text.startswith(SQLITE):
            raise ValueError("must be tables or sqlite:///PATH")
        if on_azure(environ):
            raise ValueError("is SQLite, which the instances of an Azure app do not share")
        return text

    return read
