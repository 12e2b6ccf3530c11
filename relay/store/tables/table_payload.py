"""A case's bytes as properties of an entity: none may hold more than 64 KiB, and all together no more than 1 MiB.

https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model#property-limitations
"""

from collections.abc import Mapping
from typing import Any, Final

from relay.errors import Outage

CHUNK: Final = 60_000  # bytes
LARGEST: Final = 15 * CHUNK  # room for the other properties of the entity
NAMES: Final = tuple(f"body{number}" for number in range(LARGEST // CHUNK))


def split(body: bytes) -> dict[str, bytes]:
    """Return the body in pieces, by the names of their properties. Raises Outage, permanent, where it is too large."""
    if len(body) > LARGEST:
        raise Outage("a case is larger than a table can hold: let fewer people review, or ask for less", permanent=True)
    return {name: body[start : start + CHUNK] for name, start in zip(NAMES, range(0, len(body), CHUNK), strict=False)}


def join(entity: Mapping[str, Any]) -> bytes:
    """Return the body that was split."""
    return b"".join(entity[name] for name in NAMES if name in entity)
