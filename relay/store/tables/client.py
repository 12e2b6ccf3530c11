"""One table of the storage account. Every call ends in time, and explains a failure in the relay's own words.

https://learn.microsoft.com/rest/api/storageservices/table-service-rest-api
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from enum import Enum
from typing import Any, Final, TypeVar, cast

from azure.core import MatchConditions
from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError
from azure.core.paging import PageIterator
from azure.data.tables import TableClient, TableEntity, UpdateMode
from requests import RequestException

from relay.errors import Outage

Entity = Mapping[str, Any]
Operation = tuple[str, Entity, Mapping[str, Any]]
Times = Sequence[tuple[float, float]]  # seconds to connect, and to wait for each piece of an answer, for every try
T = TypeVar("T")

TIMES: Final[Times] = ((1.0, 1.5), (0.5, 0.8))  # 4 seconds in all, which is what the impatient chats allow
# For a search with few hits: the service looks for up to five seconds before it answers with a page, even an empty one.
# https://learn.microsoft.com/rest/api/storageservices/query-timeout-and-pagination
SEARCHING: Final[Times] = ((1.0, 6.0), (0.5, 6.0))
PATIENT: Final[Times] = ((1.0, 30.0),)  # for a search through a whole table
TOGETHER: Final = 100  # operations that one transaction holds at most
PAUSE: Final = 0.1  # seconds between two tries
_BUSY: Final = (408, 429)
_CONFLICT: Final = (409, 412)
_CURE: Final = (
    "give its identity the role Storage Table Data Contributor on the account, "
    "or correct the connection string in AzureWebJobsStorage"
)


class ConflictError(Outage):
    """The entity to make exists, or the entity to change has changed: by another call, or by this very one."""

    def __init__(self) -> None:
        super().__init__("the storage account says that something else was written")


class TableMissingError(Outage):
    """The table is not there."""

    def __init__(self) -> None:
        cure = "delete the others of its prefix too, or set another RELAY_TABLE_PREFIX"
        super().__init__(f"a table of the store is missing: {cure}", permanent=True)


class _EntityMissingError(Outage):
    """The entity is not there."""


class Table:
    """A table, by its client. A call that fails raises Outage. A call that is sent twice has its effect once.

    `missing` is called when a call finds that the table is not there.
    """

    def __init__(self, client: TableClient, missing: Callable[[], None]) -> None:
        self._client = client
        self._missing = missing

    def create(self) -> None:
        """Make the table. Raises ConflictError if it exists."""
        self._call(self._client.create_table)

    def get(self, partition: str, row: str, *, only: Sequence[str] = ()) -> TableEntity | None:
        """Return the entity with all or some of its properties, or None if there is none."""

        def get(**times: float) -> TableEntity:
            return self._client.get_entity(partition, row, select=[*only] or None, **times)

        try:
            return self._call(get)
        except _EntityMissingError:
            return None

    def insert(self, entity: Entity) -> str:
        """Make the entity and return its ETag. Raises ConflictError if it exists."""

        def insert(**times: float) -> dict[str, Any]:
            return self._client.create_entity(entity, response_preference="return-no-content", **times)

        return str(self._call(insert)["etag"])

    def replace(self, entity: Entity, etag: str) -> str:
        """Replace the entity that has the ETag, and return the new ETag. Raises ConflictError."""

        def replace(**times: float) -> dict[str, Any]:
            return self._client.update_entity(
                entity, UpdateMode.REPLACE, etag=etag, match_condition=MatchConditions.IfNotModified, **times
            )

        try:
            return str(self._call(replace)["etag"])
        except _EntityMissingError:
            raise ConflictError from None

    def put(self, entity: Entity) -> None:
        """Make or replace the entity."""
        self._call(lambda **times: self._client.upsert_entity(entity, UpdateMode.REPLACE, **times))

    def delete(self, partition: str, row: str, *, etag: str = "") -> None:
        """Remove the entity, if it exists. Raises ConflictError if it has another ETag than the given one."""
        condition: dict[str, Any] = {"etag": etag, "match_condition": MatchConditions.IfNotModified} if etag else {}
        self._call(lambda **times: self._client.delete_entity(partition, row, **condition, **times))

    def delete_all(self, partition: str, rows: Sequence[str]) -> None:
        """Remove entities of one partition together, or one by one if some are gone already."""
        for start in range(0, len(rows), TOGETHER):
            some = rows[start : start + TOGETHER]
            with suppress(ConflictError):
                if len(some) > 1:
                    self.together([delete(partition, row) for row in some])
                    continue
            for row in some:
                self.delete(partition, row)

    def together(self, operations: Sequence[Operation]) -> list[str]:
        """Do up to `TOGETHER` operations in one partition, all or none, and return the ETag of each.

        Raises ConflictError if one of them cannot be done.
        https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions
        """
        try:
            written = self._call(lambda **times: self._client.submit_transaction(operations, **times))
        except _EntityMissingError:
            raise ConflictError from None
        return [str(each.get("etag", "")) for each in written]

    def find(self, condition: str, *, limit: int = 0, times: Times = ()) -> list[TableEntity]:
        """Return the entities of a filter in the order of their keys, at most `limit` (1 to 1,000) if it is given.

        https://learn.microsoft.com/rest/api/storageservices/querying-tables-and-entities
        """
        found: list[TableEntity] = []
        after: Any = None
        while True:

            def page(after: Any = after, **times: float) -> PageIterator[TableEntity]:
                options: dict[str, Any] = {"results_per_page": limit or None, **times}
                asked = self._client.query_entities(condition, **options)
                pages = cast("PageIterator[TableEntity]", asked.by_page(after))
                found.extend(next(pages))
                return pages

            after = self._call(page, times).continuation_token
            if after is None or 0 < limit <= len(found):
                return found[:limit] if limit else found

    def _call(self, send: Callable[..., T], times: Times = ()) -> T:
        try:
            return _call(send, times)
        except TableMissingError:
            self._missing()
            raise


def update(entity: Entity, etag: str) -> Operation:
    """Return the operation that replaces the entity with this ETag, or makes it if the ETag is empty."""
    if not etag:
        return "create", entity, {}
    condition = {"etag": etag, "match_condition": MatchConditions.IfNotModified}
    return "update", entity, {"mode": UpdateMode.REPLACE, **condition}


def upsert(entity: Entity) -> Operation:
    """Return the operation that makes or replaces an entity."""
    return "upsert", entity, {"mode": UpdateMode.REPLACE}


def delete(partition: str, row: str) -> Operation:
    """Return the operation that removes an entity, which must exist."""
    return "delete", {"PartitionKey": partition, "RowKey": row}, {}


def etag_of(entity: TableEntity) -> str:
    """Return the ETag under which the entity was read."""
    return str(entity.metadata["etag"])


def quoted(text: str) -> str:
    """Return a text quoted for a filter."""
    return "'" + text.replace("'", "''") + "'"


def _call(send: Callable[..., T], times: Times = ()) -> T:
    """Send, and send once more if there was no answer, or an error that may pass."""
    tries = list(times or TIMES)
    while True:
        connect, read = tries.pop(0)
        try:
            return send(connection_timeout=connect, read_timeout=read)
        except (AzureError, RequestException) as error:
            outage = _outage(error)
            if outage.permanent or isinstance(outage, ConflictError) or not tries:
                raise outage from None
        time.sleep(PAUSE)


def _outage(error: AzureError | RequestException) -> Outage:
    """Return the failure in our words. The SDK's own message is left out: it holds addresses and parts of bodies."""
    status = error.status_code if isinstance(error, HttpResponseError) else None
    code = _code_of(error)
    if isinstance(error, ClientAuthenticationError) or status in (401, 403):
        reason = f"{status or 'no token'} {code}".rstrip()
        return Outage(f"the storage account refuses the relay ({reason}): {_CURE}", permanent=True)
    if status == 404:  # noqa: PLR2004 - not found
        return TableMissingError() if code == "TableNotFound" else _EntityMissingError("nothing there", permanent=True)
    if status in _CONFLICT and code != "TableBeingDeleted":
        return ConflictError()
    if status is None or status < 400:  # noqa: PLR2004 - no error
        return Outage(f"the storage account does not answer: {type(error).__name__}")
    lasting = status < 500 and status not in (*_BUSY, *_CONFLICT)  # noqa: PLR2004 - the server's own begin there
    return Outage(f"the storage account answers {status} {code}".rstrip(), permanent=lasting)


def _code_of(error: AzureError | RequestException) -> str:
    """Return the service's error code, from the body or the header, empty if it is not a plain word."""
    response: Any = error.response if isinstance(error, HttpResponseError) else None
    header = response.headers.get("x-ms-error-code") if response is not None else None
    code = getattr(error, "error_code", None) or header or ""
    word = str(code.value if isinstance(code, Enum) else code)
    return word if word.isalnum() and word.isascii() else ""
