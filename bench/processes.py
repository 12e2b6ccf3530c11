"""The processes of a run: each is started with what it needs to know, and ended by whoever started it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

ROOT: Final = Path(__file__).parent.parent
LIFE: Final = 30.0  # seconds that an ended process gets


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """Return this machine's environment without settings of a relay or of Python, and with `more`.

    With PYTHONDONTWRITEBYTECODE every start would compile every module anew.
    """
    ours = ("RELAY_", "PYTHON", "WEBSITE_", "COVERAGE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {"PYTHONPATH": str(ROOT)} | dict(more)


@contextmanager
def started(
    *arguments: str,
    more: Mapping[str, str] | None = None,
    folder: Path = ROOT,
    log: Path | None = None,
    answers: bool = True,
) -> Iterator["subprocess.Popen[str]"]:
    """Start a Python, and end it by its own id. What it says goes to `log`, but to a pipe where it `answers`."""
    with (log or Path(os.devnull)).open("a", encoding="utf-8") as errors:
        process = subprocess.Popen(  # noqa: S603 - the arguments are ours
            [sys.executable, *arguments],
            cwd=folder,
            env=environment(more or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if answers else errors,
            stderr=errors,
            text=True,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(LIFE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()


@contextmanager
def outside(folder: Path, delay: float = 0.0) -> Iterator[str]:
    """Start the fake GitHub and key server; yield its address."""
    with started("-m", "bench.outside", str(folder), str(delay)) as process:
        yield f"http://127.0.0.1:{int(line(process))}"


def line(process: "subprocess.Popen[str]") -> str:
    """Return the next line that a process says. RuntimeError where it ended instead."""
    said = _pipe(process.stdout).readline()
    if not said:
        raise RuntimeError(f"a process of the benchmark ended with {process.wait(LIFE)}; `log` in its folder says why")
    return said


def tell(process: "subprocess.Popen[str]", said: str) -> None:
    """Give a process a line."""
    pipe = _pipe(process.stdin)
    pipe.write(f"{said}\n")
    pipe.flush()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        raise ValueError("the process has no such pipe")
    return pipe
