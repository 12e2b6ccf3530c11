"""(a) The import of the functions, which every cold start pays first."""

import subprocess
import sys
from typing import Final

from bench.figures import Line, middle
from bench.processes import ROOT, environment
from bench.run import Run

ROUNDS: Final = 15
OURS: Final = "function_app"
THEIRS: Final = "azure.functions, httpx, pydantic, jwt"
_CODE: Final = "import time; begun = time.perf_counter(); import {}; print(time.perf_counter() - begun)"


def measure(_run: Run) -> list[Line]:
    """Import both in turn, each in a process of its own with its bytecode warm."""
    seconds: dict[str, list[float]] = {OURS: [], THEIRS: []}
    for modules in seconds:
        import_of(modules)
    for _ in range(ROUNDS):
        for modules, found in seconds.items():
            found.append(import_of(modules))
    ours, theirs = (1_000 * middle(found) for found in seconds.values())
    return [Line("a", f"import {OURS}, against import {THEIRS}", "ms", ours, theirs, goal=1.2)]


def import_of(modules: str) -> float:
    """Return the seconds that an import takes."""
    command = [sys.executable, "-c", _CODE.format(modules)]
    ran = subprocess.run(command, cwd=ROOT, env=environment({}), capture_output=True, text=True, check=True)  # noqa: S603 - ours
    return float(ran.stdout)
