"""The processes of a run: each gets its settings at the start, and is ended by its starter."""

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
    """Return this machine's environment with `more`, but without settings of a relay or of Python.

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
    """Start Python, and end it by its own id. Its output goes to `log`, or to a pipe if it `answers`."""
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
def outside(folder: Path, delay: float = 0.0, *, limited: bool = False) -> Iterator[str]:
    """Start the fake GitHub and key server; yield its address. If `limited`, it refuses calls as GitHub does."""
    with started("-m", "bench.outside", str(folder), str(delay), *(["limited"] if limited else [])) as process:
        yield f"http://127.0.0.1:{int(line(process))}"


def line(process: "subprocess.Popen[str]") -> str:
    """Return the next line of a process's output. Raises RuntimeError if the process ended instead."""
    text = _pipe(process.stdout).readline()
    if not text:
        raise RuntimeError(f"a process of the benchmark ended with {process.wait(LIFE)}; `log` in its folder says why")
    return text


def tell(process: "subprocess.Popen[str]", text: str) -> None:
    """Write a line to a process's standard input."""
    pipe = _pipe(process.stdin)
    pipe.write(f"{text}\n")
    pipe.flush()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        raise ValueError("the process has no such pipe")
    return pipe
