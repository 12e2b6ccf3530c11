"""Relays in processes of their own, each started and ended by a test."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from tests.support import road

LIFE: Final = 120


class Child:
    """Relay in a process of its own that reads and writes lines of text."""

    def __init__(self, script: str, asked: dict[str, Any]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", f"tests.races.{script}"],
            cwd=road.ROOT,
            env={},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.say(json.dumps(asked))

    def say(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hear(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def kill(self) -> None:
        """End the process as a power cut does: SIGKILL, which no handler sees."""
        self.process.kill()
        self.process.communicate(timeout=LIFE)


@contextmanager
def child(script: str, **asked: Any) -> Iterator[Child]:
    started = Child(script, asked)
    try:
        yield started
    finally:
        started.kill()
