"""Keys and properties of wake-ups, call budgets and ranks in the tables.

Keys sort as text, so numbers in them have a fixed width. They hold letters, digits and _ . - ~ only.
https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
"""

import hashlib
import re
from typing import Any, Final

from azure.data.tables import TableEntity

from relay.approval.groups import Rank
from relay.approval.wake_ups import LIFE, WakeUp
from relay.github.rate_limit import CallBudget
from relay.store import codec

OWED: Final = "owed"  # partition of wake-ups that are due or wait, and of the call budgets spent with them
PARKED: Final = "parked"
ENDED: Final = "life"
HEAD: Final = "head"
WAITING: Final = "wait~"
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")


def key(text: str) -> str:
    """Return a text as a key: itself if it may be one, else its digest, marked so that no other text becomes it."""
    return text if _PLAIN.fullmatch(text) else f"~{digest(text)}"


def digest(text: str) -> str:
    """Return the SHA-256 of a text in hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def at(seconds: float) -> str:
    """Return Unix seconds as a text of fixed width, to the microsecond, that sorts as the time does."""
    return f"{seconds:017.6f}"


def key_of(row: WakeUp) -> tuple[str, str]:
    """Return the partition of a wake-up and its key there.

    Owed debts sort by group and by when they came to be owed; parked debts and lives sort by their time.
    """
    if row.nonce == LIFE:
        return ENDED, f"{at(row.due_at)}~{key(row.case_id)}"
    if row.parked:
        return PARKED, f"{at(row.due_at)}~{key(row.case_id)}~{key(row.nonce)}"
    return OWED, f"{of_group(row.group)}{at(row.since)}~{at(row.due_at)}~{key(row.case_id)}~{key(row.nonce)}"


def of_group(group: str) -> str:
    """Return the beginning of the keys of a group's wake-ups."""
    return f"{key(group) if group else '-'}~"


def row_entity(row: WakeUp) -> dict[str, Any]:
    """Return a wake-up as it is stored."""
    partition, name = key_of(row)
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
    """Return the stored wake-up."""
    return WakeUp(
        float(entity["due_at"]),  # a whole number may come back as an integer
        entity["case_id"],
        entity["nonce"],
        entity["grp"],
        float(entity["since"]),
        parked=entity["PartitionKey"] == PARKED,
        tried=entity["tried"],
    )


def budget_key(identity: str) -> str:
    """Return the key of an identity's call budget. It sorts after every group, and does not show the identity."""
    return f"rate~{digest(identity)}"


def budget_entity(identity: str, budget: CallBudget) -> dict[str, Any]:
    """Return a call budget as it is stored."""
    return {
        "PartitionKey": OWED,
        "RowKey": budget_key(identity),
        "cells": codec.encode_cells(budget),
        "closed_until": budget.closed_until,
    }


def budget_of(entity: TableEntity) -> CallBudget:
    """Return the stored call budget."""
    return codec.decode_budget(entity["cells"], entity["closed_until"])


def rank_entity(group: str, name: str, rank: Rank) -> dict[str, Any]:
    """Return the rank of a request as it is stored, under the key of the newest or of one that waits."""
    return {"PartitionKey": key(group), "RowKey": name, "issued_at": float(rank.issued_at), "id": rank.id}


def waiting_key(rank: Rank) -> str:
    """Return the key of a request that waits."""
    return f"{WAITING}{at(rank.issued_at)}~{key(rank.id)}"


def rank_of(entity: TableEntity) -> Rank:
    """Return the stored rank."""
    return Rank(int(entity["issued_at"]), entity["id"])
