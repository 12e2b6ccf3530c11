"""Orders that a relay gets at its start, and levers in shared memory that change while it runs."""

import ctypes
import multiprocessing
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext
from typing import Any, Final

CONTEXT: Final[ForkServerContext] = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.torture.relay"])
NEVER: Final = 0  # a strike that does not come
UNLIMITED: Final = -1
LIFE: Final = 900  # seconds that no relay outlives


@dataclass(frozen=True)
class Levers:
    """Levers of a running relay: the `shift` of its clock in seconds, outside calls until the `strike`, and `room`.

    A strike is SIGKILL from within, before or after one call of the store, of GitHub or of the key server. No file may
    grow beyond `room` bytes.
    """

    shift: Any
    strike: Any
    room: Any

    @classmethod
    def make(cls) -> "Levers":
        """Return levers that change nothing."""
        # Raw values have no lock, which a killed relay would hold for ever.
        return cls(
            CONTEXT.RawValue(ctypes.c_double, 0.0),
            CONTEXT.RawValue(ctypes.c_long, NEVER),
            CONTEXT.RawValue(ctypes.c_longlong, UNLIMITED),
        )


@dataclass(frozen=True)
class Orders:
    """Orders for one relay: `number` names it to GitHub; its timer runs every `every` seconds, or never if 0.

    With `limited` GitHub's limits are kept, else they are lifted. `broken` names the fault of a broken relay.
    """

    number: int
    environ: Mapping[str, str]
    levers: Levers
    every: float = 0.0
    limited: bool = False
    broken: str = ""
