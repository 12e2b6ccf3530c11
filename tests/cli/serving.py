"""`relay serve` in a process of its own, on a free port, for as long as a test needs it."""

import json
import re
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx

from tests.support import road
from tests.support.own_process import clean, start

if TYPE_CHECKING:
    import subprocess

PATIENCE: Final = 60.0  # seconds: a busy machine is no fault of the relay


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
        return httpx.Client(base_url=self.origin, trust_env=False, timeout=PATIENCE)

    def connect(self, sent: bytes = b"") -> socket.socket:
        made = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        made.sendall(sent)
        return made

    def lines(self) -> list[str]:
        return (self.folder / "stderr").read_text().splitlines()

    def end(self) -> tuple[int, float]:
        """End it as systemd does, and return its exit code and how long that took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE), time.monotonic() - began


def environ(folder: Path, **changes: str) -> dict[str, str]:
    return clean() | road.environ(folder, **changes)


@contextmanager
def serving(folder: Path, *arguments: str, **changes: str) -> Iterator[Serving]:
    """Yield it once it serves, and end it afterwards if the test has not."""
    with serving_with(environ(folder, **changes), folder, *arguments) as served:
        yield served


@contextmanager
def serving_with(environ: Mapping[str, str], folder: Path, *arguments: str) -> Iterator[Serving]:
    """Yield it with this environment alone."""
    process = start(folder, "serve", "--port", "0", *arguments, environ=environ)
    assert process.stdout is not None
    try:
        first = process.stdout.readline()
        assert first, (folder / "stderr").read_text()
        told = json.loads(first)  # as every other line
        assert {"time", "level", "message"} == set(told)
        found = re.search(r"at (http://\S+)$", told["message"])
        assert found
        yield Serving(found[1], process, folder)
    finally:
        process.kill()
        process.wait(PATIENCE)
        process.stdout.close()


def ended(folder: Path, *arguments: str, environ: Mapping[str, str]) -> tuple[int, str]:
    """Return exit code and words of a run that should not get to serve."""
    process = start(folder, "serve", "--port", "0", *arguments, environ=environ)
    process.communicate(timeout=PATIENCE)
    return process.returncode, " ".join((folder / "stderr").read_text().split())
