"""Stores of every kind, each opened as several processes share it, and cases and wake-ups for their tests."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from relay.approval.wake_ups import LIFE, WakeUp
from relay.model.case import Case
from relay.model.debts import Debt
from relay.signed.request import read_form
from relay.store.contract import Store
from relay.store.sqlite.store import SqliteStore
from relay.store.tables.account import Storage
from relay.store.tables.store import TableStore
from tests.support import azurite
from tests.support.memory_store import MemoryStore
from tests.support.memory_tables import Tables

NOW: Final = 1_790_000_000
GROUP: Final = "0123456789abcdef" * 2
OTHER_GROUP: Final = "fedcba9876543210" * 2
Make = Callable[[], Store]


def case(nonce: str = "n" * 22, version: int = 1, stage: str = "", *, by: str = "me", **fields: Any) -> Case:
    """Return a case as `by` commits it. Each nonce is another request."""
    form = {"repository": "octo/api", "event_type": "deploy", "title": "배포", **fields}
    request = read_form(form, issued_at=NOW, nonce=nonce, lifetime=60)
    return Case(request, "key", stage=stage, version=version, commit_id=f"{by}.{version}")


def owing(made: Case) -> Case:
    """Return the case with one owed debt."""
    return replace(made, debts=(Debt("deploy", NOW, NOW + 19.25, row="c1", since=NOW),))


CASE: Final = owing(case())
ID: Final = CASE.request.id
ROW: Final = WakeUp(NOW + 19.25, ID, "c1.0", GROUP, NOW + 0.5)
LATER: Final = WakeUp(NOW + 60.0, ID, "c2.0", GROUP, NOW + 0.5)
PARKED: Final = WakeUp(NOW + 1.0, ID, "c3.0", GROUP, NOW + 0.5, parked=True)
ENDS: Final = WakeUp(NOW + 30.0, ID, LIFE)


@contextmanager
def sqlite(folder: Path, *, birth: float = NOW) -> Iterator[Make]:
    """Yield a function that opens another store on the same file, as another process would."""
    path = str(folder / "kept" / "here" / "relay.db")
    with _several(lambda number: SqliteStore(path, lambda: birth + number)) as make:
        yield make


@contextmanager
def tables(storage: Storage | None = None, *, birth: float = NOW) -> Iterator[Make]:
    """Yield a function that opens another store on the same tables, as another instance would; by default new ones."""
    same = storage or new_tables()
    with _several(lambda number: TableStore(same, lambda: birth + number)) as make:
        yield make


@contextmanager
def memory(*, birth: float = NOW) -> Iterator[Make]:
    """Yield a function that opens another store in memory over the same tables, as the relays of the model do."""
    same = Tables(birth + 1)
    with _several(lambda _number: MemoryStore(same)) as make:
        yield make


def new_tables(port: int = 0) -> Storage:
    """Return unused tables of the emulator, or of a proxy before it at a port."""
    azurite.need()
    connection = azurite.connection(port or azurite.port())
    return Storage(prefix=f"t{secrets.token_hex(8)}", connection=connection)


@contextmanager
def _several(open_one: Callable[[int], Store]) -> Iterator[Make]:
    stores: list[Store] = []

    def make() -> Store:
        stores.append(open_one(len(stores) + 1))
        return stores[-1]

    try:
        yield make
    finally:
        for store in stores:
            store.close()
