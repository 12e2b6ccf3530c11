"""What a relay is told when it is started, and may be told while it runs: shared memory, since it may be killed."""

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
    """What changes while relays run: `shift` of their clock in seconds, outside calls until the `strike`, disk `room`.

    A strike is SIGKILL from within, before or after one call of the store, of GitHub or of the key server. `room` is
    the size in bytes that no file may outgrow.
    """

    shift: Any
    strike: Any
    room: Any

    @classmethod
    def make(cls) -> "Levers":
        """Return levers at rest."""
        return cls(
            CONTEXT.RawValue(ctypes.c_double, 0.0),
            CONTEXT.RawValue(ctypes.c_long, NEVER),
            CONTEXT.RawValue(ctypes.c_longlong, UNLIMITED),
        )


@dataclass(frozen=True)
class Orders:
    """How one relay is to live: `number` names it to GitHub; its timer runs every `every` seconds, 0: never.

    With `limited` GitHub's limits are kept as ever, else they are lifted. `broken` names what is wrong with it.
    """

    number: int
    environ: Mapping[str, str]
    levers: Levers
    every: float = 0.0
    limited: bool = False
    broken: str = ""
