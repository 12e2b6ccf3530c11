"""Cases in a table of their own, a partition each, under optimistic concurrency by ETag.

The bytes of a case are split over properties: none may hold more than 64 KiB, all together no more than 1 MiB.
https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model#property-limitations
"""

from collections import OrderedDict
from collections.abc import Mapping
from enum import Enum
from threading import Lock
from typing import Any, Final

from azure.data.tables import TableEntity

from relay.errors import Outage
from relay.model.case import Case
from relay.store import codec
from relay.store.tables.client import PATIENT, ConflictError, Table, etag_of, quoted
from relay.store.tables.layout import key

REMEMBERED: Final = 1_000  # cases whose ETag is remembered
ROW: Final = "case"
CHUNK: Final = 60_000  # bytes
LARGEST: Final = 15 * CHUNK  # leaves room for the other properties of the entity
_CHUNKS: Final = tuple(f"body{number}" for number in range(LARGEST // CHUNK))
_COMMIT: Final = ("version", "commit_id")


class Written(Enum):
    """The result of a commit. PERHAPS: others have committed since, so that it cannot be known."""

    YES = "yes"
    NO = "no"
    PERHAPS = "perhaps"


class SeenVersions:
    """The last seen version and ETag of each case, for so many cases. Several threads may use it."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._turn = Lock()
        self._tags: OrderedDict[str, tuple[int, str]] = OrderedDict()

    def note(self, case_id: str, version: int, etag: str) -> None:
        """Remember a version."""
        with self._turn:
            self._tags[case_id] = version, etag
            self._tags.move_to_end(case_id)
            if len(self._tags) > self._size:
                self._tags.popitem(last=False)

    def find(self, case_id: str) -> tuple[int, str]:
        """Return version and ETag, or version 0 for a case that is not remembered."""
        with self._turn:
            return self._tags.get(case_id, (0, ""))

    def forget(self, case_id: str) -> None:
        """Forget a version that may no longer be the last."""
        with self._turn:
            self._tags.pop(case_id, None)


class CaseTable:
    """The table of cases. Every method raises Outage."""

    def __init__(self, table: Table, seen: SeenVersions) -> None:
        self._table = table
        self._seen = seen

    def load(self, case_id: str) -> Case | None:
        """Return the case as last committed, and remember its ETag."""
        entity = self._table.get(key(case_id), ROW)
        if entity is None:
            self._seen.forget(case_id)
            return None
        self._seen.note(case_id, entity["version"], etag_of(entity))
        return _decoded(case_id, entity)

    def etag(self, case_id: str, version: int) -> str | None:
        """Return the ETag of a version, empty for version 0, or None if the case has another version now."""
        if not version:
            return ""
        found, etag = self._seen.find(case_id)
        if found != version:
            entity = self._table.get(key(case_id), ROW, only=_COMMIT)
            found, etag = (entity["version"], etag_of(entity)) if entity is not None else (0, "")
        return etag if found == version else None

    def may_be_last(self, case_id: str, version: int) -> bool:
        """Return False if this process has seen a later version, without a call."""
        return self._seen.find(case_id)[0] <= version

    def write(self, case: Case, etag: str) -> Written:
        """Write the case over the entity with this ETag, or as a new one. Read it again if the answer is ambiguous."""
        entity, lost = _entity(case), None
        try:
            new = self._table.replace(entity, etag) if etag else self._table.insert(entity)
        except ConflictError:
            pass
        except Outage as outage:
            if outage.permanent:
                raise
            lost = outage
        else:
            self._seen.note(case.request.id, case.version, new)
            return Written.YES
        found = self._read_again(case)
        if found is None and lost is not None:
            raise lost
        return found or Written.PERHAPS

    def remove(self, case: Case) -> bool:
        """Remove the case as it was read. Return False if it has changed since."""
        etag = self.etag(case.request.id, case.version)
        self._seen.forget(case.request.id)
        try:
            if etag:
                self._table.delete(key(case.request.id), ROW, etag=etag)
        except ConflictError:
            return False
        return bool(etag)

    def released(self, group: str) -> list[Case]:
        """Return the approved cases of a group, after a search through every case."""
        found = self._table.find(f"releases eq {quoted(group)}", times=PATIENT)
        return [_decoded(entity["id"], entity) for entity in found]

    def all(self) -> list[Case]:
        """Return every case."""
        return [
            _decoded(entity["id"], entity) for entity in self._table.find(f"RowKey eq {quoted(ROW)}", times=PATIENT)
        ]

    def _read_again(self, case: Case) -> Written | None:
        """Tell from the stored version whether a commit was written, or None if an older version is stored."""
        self._seen.forget(case.request.id)
        entity = self._table.get(key(case.request.id), ROW, only=_COMMIT)
        if entity is None or entity["version"] < case.version:
            return None
        if entity["commit_id"] == case.commit_id:
            self._seen.note(case.request.id, case.version, etag_of(entity))
            return Written.YES
        return Written.NO if entity["version"] == case.version else Written.PERHAPS


def split(body: bytes) -> dict[str, bytes]:
    """Return the body in pieces, by the names of their properties. Raises Outage, permanent, if it is too large."""
    if len(body) > LARGEST:
        raise Outage("a case is larger than a table can hold: let fewer people review, or ask for less", permanent=True)
    return {name: body[start : start + CHUNK] for name, start in zip(_CHUNKS, range(0, len(body), CHUNK), strict=False)}


def join(entity: Mapping[str, Any]) -> bytes:
    """Return the body that was split."""
    return b"".join(entity[name] for name in _CHUNKS if name in entity)


def _entity(case: Case) -> dict[str, Any]:
    return {
        "PartitionKey": key(case.request.id),
        "RowKey": ROW,
        "id": case.request.id,
        "version": case.version,
        "commit_id": case.commit_id,
        "releases": codec.release_group(case),
        **split(codec.encode(case)),
    }


def _decoded(case_id: str, entity: TableEntity) -> Case:
    try:
        return codec.decode(join(entity))
    except ValueError as error:
        raise Outage(f"case {case_id}: {error}", permanent=True) from error
