"""(i) A cold instance: from the start of the process to the first click answered, from the package."""

import json
import shutil
import sys
import time
import zipfile
from pathlib import Path
from typing import Final

from bench import tenant
from bench.contestants import RELAY
from bench.figures import Line, middle
from bench.processes import ROOT, line, started, tell
from bench.run import Run
from infra.package import SITE_PACKAGES, WHEELS, build, fetch, find_python

ROUNDS: Final = 9
NEEDS: Final = (3, 13)
WORKER: Final = ROOT / "bench" / "azure_worker.py"


def measure(run: Run) -> list[Line]:
    """Start both in turn through Azure's runtime, each from its own folder alone."""
    if sys.version_info[:2] != NEEDS or sys.platform != "linux":
        sys.stderr.write("(i) is left out: the package is for Python 3.13 on Linux\n")
        return []
    package = unpacked(run.folder)
    sources = as_a_remote_build_leaves_it(package, run.folder / "sources")
    seconds: dict[Path, list[float]] = {package: [], sources: []}
    for _ in range(ROUNDS + 1):
        for folder, found in seconds.items():
            found.append(start_of(folder, run))
    ours, theirs = (1_000 * middle(found[1:]) for found in seconds.values())
    measured = "process start to the first click answered, from the package, against the sources"
    return [Line("i", measured, "ms", ours, theirs, goal=0.9)]


def unpacked(folder: Path) -> Path:
    """Return the package of this checkout, built and unpacked."""
    python = find_python()
    fetch(WHEELS, python)
    with zipfile.ZipFile(build(WHEELS, folder / "dist", python)) as packed:
        packed.extractall(folder / "package")
    return folder / "package"


def as_a_remote_build_leaves_it(package: Path, folder: Path) -> Path:
    """Return a copy without bytecode of the relay's own modules: a remote build compiles the dependencies only."""
    shutil.copytree(
        package, folder, ignore=lambda at, _names: set() if SITE_PACKAGES in Path(at).as_posix() else {"__pycache__"}
    )
    return folder


def start_of(folder: Path, run: Run) -> float:
    """Return the seconds from the start of a worker to its answer to a click."""
    click = RELAY.click(run.tenant.token(run.outside))
    order = json.dumps(["interactions", dict(click.headers), {"channel": "messagecard"}, click.body.decode()])
    begun = time.perf_counter()
    # Without site-packages, and without writing bytecode: the folder of an instance is read-only.
    arguments = ("-I", "-S", "-B", str(WORKER), str(folder))
    more = tenant.environ(run.outside, run.folder / f"{folder.name}-{begun}.db")
    with started(*arguments, more=more, folder=folder, log=run.folder / "log") as process:
        line(process)
        tell(process, order)
        status, headers, _ = json.loads(line(process))
        taken = time.perf_counter() - begun
    if (status, headers.get("Relay-Outcome")) != (200, "released"):
        raise RuntimeError(f"not released: {status} {headers}")
    return taken
