"""`relay serve` in a process of its own, on a free port, for as long as a test needs it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Final

import httpx

from tests.support import road

ROOT: Final = Path(__file__).parents[2]
LIFE: Final = 90.0  # seconds that no process here outlives
_KEPT: Final = ("PATH", "HOME", "LANG", "SYSTEMROOT", "VIRTUAL_ENV")


@dataclass(frozen=True)
class Serving:
    """A process that serves, its address and its folder."""

    origin: str
    process: "subprocess.Popen[str]"
    folder: Path

    @property
    def port(self) -> int:
        return int(self.origin.rpartition(":")[2])

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.origin, trust_env=False, timeout=20)

    def connect(self, sent: bytes = b"") -> socket.socket:
        made = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        made.sendall(sent)
        return made

    def lines(self) -> list[str]:
        return (self.folder / "stderr").read_text().splitlines()

    def end(self) -> tuple[int, float]:
        """End it as systemd does, and return its exit code and how long that took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20), time.monotonic() - began


def environ(folder: Path, **changes: str) -> dict[str, str]:
    clean = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**clean, "PYTHONPATH": str(ROOT), **road.environ(folder, **changes)}


def start(folder: Path, *arguments: str, environ: Mapping[str, str]) -> "subprocess.Popen[str]":
    with (folder / "stderr").open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "relay", "serve", *arguments],
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


@contextmanager
def serving(folder: Path, *arguments: str, **changes: str) -> Iterator[Serving]:
    """Yield it once it serves, and end it afterwards if the test has not."""
    process = start(folder, "--port", "0", *arguments, environ=environ(folder, **changes))
    assert process.stdout is not None
    try:
        found = re.search(r"at (http://\S+)", process.stdout.readline())
        assert found, (folder / "stderr").read_text()
        yield Serving(found[1], process, folder)
    finally:
        process.kill()
        process.wait(15)
        process.stdout.close()


def ended(folder: Path, *arguments: str, environ: Mapping[str, str]) -> tuple[int, str]:
    """Return exit code and words of a run that should not get to serve."""
    process = start(folder, "--port", "0", *arguments, environ=environ)
    process.communicate(timeout=60)
    return process.returncode, " ".join((folder / "stderr").read_text().split())
