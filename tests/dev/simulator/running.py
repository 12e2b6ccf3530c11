"""`relay dev` in a process of its own, on a free port, for as long as a test needs it."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx

from tests.support.own_process import ROOT, clean, start

if TYPE_CHECKING:
    import subprocess

PATIENCE: Final = 60.0  # seconds: a busy machine is no fault of the relay


@dataclass(frozen=True)
class Running:
    """What it printed before it served, and where it serves."""

    printed: str
    origin: str
    token: str
    process: "subprocess.Popen[str]"
    folder: Path

    def client(self) -> httpx.Client:
        return httpx.Client(
            base_url=self.origin, headers={"X-Simulator-Token": self.token}, trust_env=False, timeout=PATIENCE
        )

    def errors(self) -> str:
        return (self.folder / "stderr").read_text()


def dev(folder: Path, *arguments: str, environ: Mapping[str, str] | None = None) -> "subprocess.Popen[str]":
    """Start it in `folder`, which gets the function app, with no settings but `environ`."""
    app = folder / "function_app.py"
    if not app.exists():
        app.write_bytes((ROOT / "function_app.py").read_bytes())
    return start(folder, "dev", *arguments, environ={**clean(), **(environ or {})})


@contextmanager
def running(folder: Path, *arguments: str, environ: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Yield it once it has printed its address, and end it as Ctrl+C does."""
    process = dev(folder, "--port", "0", *arguments, environ=environ)
    assert process.stdout is not None
    try:
        printed = ""
        for line in process.stdout:
            printed += line
            if "End with Ctrl+C" in line:
                break
        found = re.search(r"(?:Open|Serving) (http://127\.0\.0\.1:\d+)(?:/#(\S+))?", printed)
        assert found, printed + (folder / "stderr").read_text()
        yield Running(printed, found[1], found[2] or "", process, folder)
    finally:
        process.terminate()
        process.wait(PATIENCE)
        process.stdout.close()
