"""Contract of a store, against each that implements it."""

from inspect import Parameter, getdoc, getmembers, signature

import pytest

from relay.store.contract import Store
from relay.store.sqlite.store import SqliteStore
from relay.store.tables.store import TableStore
from tests.support.memory_store import MemoryStore

Method = list[tuple[str, Parameter]]


def methods(kind: type) -> dict[str, Method]:
    """Return the public methods of a class, each with its parameters, their types and defaults."""
    found = {name: member for name, member in getmembers(kind, callable) if not name.startswith("_")}
    return {name: list(signature(method).parameters.items()) for name, method in found.items()}


@pytest.mark.parametrize("kind", [SqliteStore, TableStore, MemoryStore])
def test_a_store_has_the_methods_and_parameters_of_the_contract_and_no_others(kind: type) -> None:
    assert methods(Store) == methods(kind)


def test_the_contract_says_of_each_method_what_it_does() -> None:
    assert [] == [name for name in methods(Store) if not getdoc(getattr(Store, name))]
