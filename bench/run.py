"""One run of the benchmark: its own folder, a tenant, and the fake outside."""

from dataclasses import dataclass
from pathlib import Path

from bench.tenant import Tenant


@dataclass(frozen=True, slots=True)
class Run:
    """The surroundings of a run. `outside` is the address of a GitHub and key server that answer at once."""

    folder: Path
    tenant: Tenant
    outside: str
