"""Where a run takes place: a folder of its own, a tenant, and the fake outside."""

from dataclasses import dataclass
from pathlib import Path

from bench.tenant import Tenant


@dataclass(frozen=True, slots=True)
class Place:
    """`outside` is the address of a GitHub and key server that answer at once."""

    folder: Path
    tenant: Tenant
    outside: str
