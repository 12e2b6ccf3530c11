"""Python in a process of its own: code that ends by itself, or a relay that serves for as long as a test needs it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import Timer
from typing import Final

ROOT: Final = Path(__file__).parents[2]
LIFE: Final = 900.0  # seconds that no process here outlives; a busy machine takes minutes for the tests of a file
_KEPT: Final = ("PATH", "HOME", "LANG", "SYSTEMROOT", "VIRTUAL_ENV")


def clean() -> dict[str, str]:
    """Return an environment without settings, in which Python finds the relay."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | {"PYTHONPATH": str(ROOT)}


def printed(code: str, *, cwd: Path = ROOT, environ: Mapping[str, str] | None = None) -> str:
    """Run code, which must succeed, and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, env=environ, capture_output=True, text=True, check=False, timeout=60
    )
    assert 0 == done.returncode, done.stderr
    return done.stdout


def start(folder: Path, *arguments: str, environ: Mapping[str, str]) -> "subprocess.Popen[str]":
    """Start `relay` with some arguments. Its errors go to the file `stderr` of the folder."""
    with (folder / "stderr").open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "relay", *arguments],
            cwd=folder,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    reaper = Timer(LIFE, process.kill)
    reaper.daemon = True
    reaper.start()
    return process
