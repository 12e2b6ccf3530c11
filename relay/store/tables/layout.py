"""How rows, buckets and marks lie in the tables: which keys they have, in which order, and what else.

Keys sort as text, so numbers in them have a fixed width. They hold letters, digits and _ . - ~ only.
https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
"""

import hashlib
import json
import re
from typing import Any, Final

from azure.data.tables import TableEntity

from relay.approval.debts import LIFE, WakeUp
from relay.approval.groups import Rank
from relay.github.rate_limit import CallBudget

OWED: Final = "owed"  # the partition of rows that are due or wait, and of the buckets that are spent with them
PARKED: Final = "parked"
ENDED: Final = "life"
HEAD: Final = "head"
WAITING: Final = "wait~"
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")


def key(text: str) -> str:
    """Return a text as a key: as it is where that can be, else its digest, which no other text becomes."""
    return text if _PLAIN.fullmatch(text) else f"~{digest(text)}"


def digest(text: str) -> str:
    """Return 64 hexadecimal digits for a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def at(seconds: float) -> str:
    """Return a time, Unix seconds, so that texts sort as times do; to the microsecond."""
    return f"{seconds:017.6f}"


def place(row: WakeUp) -> tuple[str, str]:
    """Return the partition of a row and its key there.

    What is owed lies by its group and its place in it, what an operator looks at by its time, and so does what ends.
    """
    if row.nonce == LIFE:
        return ENDED, f"{at(row.due_at)}~{key(row.case_id)}"
    if row.parked:
        return PARKED, f"{at(row.due_at)}~{key(row.case_id)}~{key(row.nonce)}"
    return OWED, f"{of_group(row.group)}{at(row.since)}~{at(row.due_at)}~{key(row.case_id)}~{key(row.nonce)}"


def of_group(group: str) -> str:
    """Return how the keys of a group's rows begin."""
    return f"{key(group) if group else '-'}~"


def row_entity(row: WakeUp) -> dict[str, Any]:
    """Return a row as it is stored."""
    partition, name = place(row)
    return {
        "PartitionKey": partition,
        "RowKey": name,
        "due_at": float(row.due_at),  # a whole number would be stored as one, and no filter by time would find it
        "case_id": row.case_id,
        "nonce": row.nonce,
        "grp": row.group,
        "since": float(row.since),
        "tried": row.tried,
    }


def row_of(entity: TableEntity) -> WakeUp:
    """Return the row that was stored; a whole number may come back as one."""
    return WakeUp(
        float(entity["due_at"]),
        entity["case_id"],
        entity["nonce"],
        entity["grp"],
        float(entity["since"]),
        parked=entity["PartitionKey"] == PARKED,
        tried=entity["tried"],
    )


def bucket_key(identity: str) -> str:
    """Return the key of an identity's bucket; it sorts after every group, and tells nobody the identity."""
    return f"rate~{digest(identity)}"


def bucket_entity(identity: str, bucket: CallBudget) -> dict[str, Any]:
    """Return a bucket as it is stored."""
    return {
        "PartitionKey": OWED,
        "RowKey": bucket_key(identity),
        "cells": json.dumps(bucket.cells, separators=(",", ":")),
        "closed_until": bucket.closed_until,
    }


def bucket_of(entity: TableEntity) -> CallBudget:
    """Return the bucket that was stored."""
    return CallBudget(
        tuple((cell, calls) for cell, calls in json.loads(entity["cells"])), float(entity["closed_until"])
    )


def mark_entity(group: str, name: str, mark: Rank) -> dict[str, Any]:
    """Return a request's place in its group as it is stored: as the newest, or as one of those who wait."""
    return {"PartitionKey": key(group), "RowKey": name, "issued_at": float(mark.issued_at), "id": mark.id}


def waiting_key(mark: Rank) -> str:
    """Return the key of one who waits."""
    return f"{WAITING}{at(mark.issued_at)}~{key(mark.id)}"


def mark_of(entity: TableEntity) -> Rank:
    """Return the place that was stored."""
    return Rank(int(entity["issued_at"]), entity["id"])
