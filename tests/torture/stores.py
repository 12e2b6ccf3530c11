"""Stores under torture: the settings that point a relay to one, and the means to read it afterwards."""

import secrets
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from threading import Lock
from typing import Any, Final, Protocol

from relay.app import Relay, build, read_all
from relay.approval.wake_ups import WakeUp
from relay.errors import Outage
from tests.support import azurite, table_proxy
from tests.support.chaos import promises
from tests.support.chaos.promises import ALL, FAR
from tests.support.table_proxy import Fault, TableProxy
from tests.torture.dice import dice


class Store(promises.Store, Protocol):
    """A store as the suite reads it."""

    def close(self) -> None:
        """Close the store."""


@dataclass(frozen=True)
class Shelf:
    """One store: settings for relays and for the suite, all ids, all rows of lives, and a switch that makes it fail."""

    settings: Mapping[str, str]
    undisturbed: Mapping[str, str]
    ids: Callable[[], set[str]]
    lives: Callable[[Store], Collection[WakeUp]]
    disturb: Callable[[bool], None]


@dataclass(frozen=True)
class Kind:
    """A kind of store."""

    name: str
    made: Callable[[Path, Random], AbstractContextManager[Shelf]]


class Patient:
    """A store as the suite calls it: again, where a slow machine lets the emulator answer too late."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)

        def again(*given: Any, **named: Any) -> Any:
            for _ in range(PATIENCE):
                with suppress(Outage):
                    return method(*given, **named)
            return method(*given, **named)

        return again


def opened(environ: Mapping[str, str]) -> Relay:
    """Open the store of an environment, as a relay that serves no requests."""
    return build(*read_all(environ))


@contextmanager
def _sqlite(folder: Path, _dice: Random) -> Iterator[Shelf]:
    file = folder / "relay.db"

    def ids() -> set[str]:
        with closing(sqlite3.connect(file)) as connection:
            return {str(row[0]) for row in connection.execute("SELECT id FROM cases")}

    settings = {"RELAY_STORE": f"sqlite:///{file}"}
    yield Shelf(settings, settings, ids, lambda store: store.expiring_cases(FAR, ALL), lambda _on: None)


class _Spoiler(TableProxy):
    """Proxy that spoils some requests, each with a random fault."""

    def __init__(self, upstream: int, luck: Random) -> None:
        super().__init__(upstream)
        self.on = False
        self._luck = luck
        silent: Any = self._server
        silent.handle_error = lambda *_: None  # killed relays break their connections

    def meet(self, _method: str, _path: str) -> Fault | None:
        if not self.on or self._luck.random() > _SPOILED:
            return None
        return self._luck.choice(_FAULTS)


PATIENCE: Final = 5  # calls of the suite that may fail
_STARTING: Final = Lock()
_SPOILED: Final = 0.04
_FAULTS: Final = (
    *(table_proxy.UNAVAILABLE, table_proxy.BROKEN, table_proxy.CUT, table_proxy.CONFLICT),
    *(table_proxy.DONE_BUT_UNAVAILABLE, table_proxy.DONE_BUT_BROKEN, table_proxy.DONE_BUT_CUT),
)


@contextmanager
def _tables(_folder: Path, thrown: Random) -> Iterator[Shelf]:
    prefix = f"t{secrets.token_hex(8)}"

    def settings(port: int) -> dict[str, str]:
        return {
            "RELAY_STORE": "tables",
            "AzureWebJobsStorage": azurite.connection(port),
            "RELAY_TABLE_PREFIX": prefix,
        }

    with _STARTING:  # two scenarios that begin at once would start two emulators, and confuse their ports
        port = azurite.port()
    with _Spoiler(port, dice(thrown.random())) as proxy:

        def disturb(on: bool) -> None:
            proxy.on = on

        every = settings(port)
        yield Shelf(settings(proxy.port), every, set, lambda store: store.expiring_cases(FAR, 0), disturb)


SQLITE: Final = Kind("sqlite", _sqlite)
TABLES: Final = Kind("tables", _tables)


def kinds() -> tuple[Kind, ...]:
    """Return the kinds of store that this machine can run."""
    return (SQLITE, TABLES) if azurite.is_here() else (SQLITE,)
