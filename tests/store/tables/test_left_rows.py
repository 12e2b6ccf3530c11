"""The wake-ups that are left in the tables are remembered, by many threads at once."""

from collections.abc import Iterator
from dataclasses import replace
from threading import Event, Thread

import pytest
from azure.data.tables import TableClient

from relay.approval.wake_ups import WakeUp
from relay.store.tables import due
from relay.store.tables.client import Table
from relay.store.tables.due import DueTable
from tests.support import azurite
from tests.support.stores import NOW, ROW


def test_two_threads_may_leave_wake_ups_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due, "LEFT", 1)
    here = DueTable(Table(TableClient.from_connection_string(azurite.connection(1), "due"), lambda: None))
    rows = [replace(ROW, nonce=f"n.{number}") for number in range(3)]
    others, may_go = list[Thread](), Event()

    def leave(row: WakeUp) -> None:
        here.clear([row], owing=False, now=NOW)

    class Disturbed(dict[WakeUp, None]):
        """Remembered wake-ups, to which another thread adds one while the oldest is looked for."""

        def __iter__(self) -> Iterator[WakeUp]:
            found = super().__iter__()
            if others:
                may_go.wait(60)
            else:
                others.append(Thread(target=leave, args=(rows[2],)))
                others[0].start()
                others[0].join(0.2)
            return found

    monkeypatch.setattr(here, "_left", Disturbed())
    try:
        for row in rows[:2]:
            leave(row)
    finally:
        may_go.set()
        others[0].join(60)
    assert rows[2:] == [*here._left]
