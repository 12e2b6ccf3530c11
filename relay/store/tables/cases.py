"""Cases in a table of their own, a partition each, under optimistic concurrency by ETag."""

from collections import OrderedDict
from enum import Enum
from threading import Lock
from typing import Any, Final

from azure.data.tables import TableEntity

from relay.approval.groups import group_of
from relay.errors import Outage
from relay.model import Case
from relay.store import codec
from relay.store.tables import table_payload
from relay.store.tables.client import PATIENT, ConflictError, Table, etag_of, quoted
from relay.store.tables.layout import key

REMEMBERED: Final = 1_000  # cases whose ETag is kept at hand
ROW: Final = "case"
_WHOSE: Final = ("version", "commit_id")


class Written(Enum):
    """What became of a commit; PERHAPS: others have committed since, so that it cannot be known."""

    YES = "yes"
    NO = "no"
    PERHAPS = "perhaps"


class Seen:
    """Under which ETag which version of a case was last seen, for so many cases; to be used by several threads."""

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
        """Return version and ETag; 0 for a case that is not remembered."""
        with self._turn:
            return self._tags.get(case_id, (0, ""))

    def forget(self, case_id: str) -> None:
        """Forget what may no longer hold."""
        with self._turn:
            self._tags.pop(case_id, None)


class CaseTable:
    """The cases; `table` is theirs. Every method raises Outage."""

    def __init__(self, table: Table, seen: Seen) -> None:
        self._table = table
        self._seen = seen

    def load(self, case_id: str) -> Case | None:
        """Return the case as last committed."""
        entity = self._table.get(key(case_id), ROW)
        if entity is None:
            return None
        self._seen.note(case_id, entity["version"], etag_of(entity))
        return _decoded(case_id, entity)

    def etag(self, case_id: str, version: int) -> str | None:
        """Return the ETag of a version, empty for version 0; None where the case has another by now."""
        if not version:
            return ""
        found, etag = self._seen.find(case_id)
        if found != version:
            entity = self._table.get(key(case_id), ROW, only=_WHOSE)
            found, etag = (entity["version"], etag_of(entity)) if entity is not None else (0, "")
        return etag if found == version else None

    def write(self, case: Case, etag: str) -> Written:
        """Write the case over what has the ETag, or new; where the answer tells too little, look what is there now."""
        entity, trouble = _entity(case), None
        try:
            new = self._table.replace(entity, etag) if etag else self._table.insert(entity)
        except ConflictError:
            pass
        except Outage as outage:
            if outage.permanent:
                raise
            trouble = outage
        else:
            self._seen.note(case.request.id, case.version, new)
            return Written.YES
        found = self._look(case)
        if found is None and trouble is not None:
            raise trouble
        return found or Written.PERHAPS

    def remove(self, case: Case) -> bool:
        """Remove the case as it was read; False where it was changed in the meantime."""
        etag = self.etag(case.request.id, case.version)
        self._seen.forget(case.request.id)
        try:
            if etag:
                self._table.delete(key(case.request.id), ROW, etag=etag)
        except ConflictError:
            return False
        return bool(etag)

    def released(self, group: str) -> list[Case]:
        """Return the cases that were approved to release in a group, after a look at every case there is."""
        found = self._table.find(f"releases eq {quoted(group)}", times=PATIENT)
        return [_decoded(entity["id"], entity) for entity in found]

    def _look(self, case: Case) -> Written | None:
        """Tell by what is stored whether a commit was written; None while the version before it is."""
        self._seen.forget(case.request.id)
        entity = self._table.get(key(case.request.id), ROW, only=_WHOSE)
        if entity is None or entity["version"] < case.version:
            return None
        if entity["commit_id"] == case.commit_id:
            self._seen.note(case.request.id, case.version, etag_of(entity))
            return Written.YES
        return Written.NO if entity["version"] == case.version else Written.PERHAPS


def _entity(case: Case) -> dict[str, Any]:
    releases = group_of(case.request, case.request.event_type) if case.status == "approved" else ""
    return {
        "PartitionKey": key(case.request.id),
        "RowKey": ROW,
        "id": case.request.id,
        "version": case.version,
        "commit_id": case.commit_id,
        "releases": releases,
        **table_payload.split(codec.encode(case)),
    }


def _decoded(case_id: str, entity: TableEntity) -> Case:
    try:
        return codec.decode(table_payload.join(entity))
    except ValueError as error:
        raise Outage(f"case {case_id}: {error}", permanent=True) from error
