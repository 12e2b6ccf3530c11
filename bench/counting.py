"""The calls to the Table service, counted by a proxy before the emulator, with the entities of each partition."""

import re
from collections import Counter
from typing import Final
from urllib.parse import unquote_plus

from tests.support.http_server import Answer, Call
from tests.support.table_proxy import TableProxy

_TABLE: Final = re.compile(r"/devstoreaccount1/(?!\$)(\w+)")
_PARTITION: Final = re.compile(r"PartitionKey(?:=| eq |\" *: *)['\"]([^'\"]*)")


class CountingProxy(TableProxy):
    """A proxy that counts. `entities` are those touched, by table and partition; a query counts as one."""

    def __init__(self, upstream: int) -> None:
        super().__init__(upstream)
        self.entities: Counter[tuple[str, str]] = Counter()

    def forward(self, call: Call) -> Answer:
        """Count the call, and forward it."""
        self.entities.update(touched(call.path, call.body))
        return super().forward(call)

    def restart(self) -> None:
        """Set all counts to zero."""
        self.seen.clear()
        self.entities.clear()


def touched(path: str, body: bytes) -> list[tuple[str, str]]:
    """Return the table and the partition of each entity that a call touches."""
    text = body.decode("utf-8", "replace")
    # Each operation of a batch is a part of its body; the part before the first names no table.
    pieces = text.split("Content-Type: application/http")[1:] if path.endswith("/$batch") else [f"{path}\n{text}"]
    found = []
    for piece in pieces:
        plain = unquote_plus(piece)
        table, partition = _TABLE.search(plain), _PARTITION.search(plain)
        found.append((table[1] if table else "", partition[1] if partition else ""))
    return found
