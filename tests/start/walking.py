"""Walks a track of docs/start.md: pastes each script into one shell, and does each step by hand as a person would."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Final

from tests.start.tracks import Step
from tests.support.outside import APP, COPIED, TENANT, Outside, fill_in

ROOT: Final = Path(__file__).parents[2]
PERSON: Final = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
SUBJECT: Final = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
LIFE: Final = 900.0  # seconds that no shell here outlives
_PROGRAMS: Final = ("az", "azd", "gh", "git", "python3", "curl", "sudo", "pip", "relay")
_KEPT: Final = ("HOME", "LANG", "SYSTEMROOT")
_PLACE: Final = "19:abc123@thread.tacv2"


@dataclass
class Walk:
    """A folder in which a person works, with a shell, and the stand-ins first in its path."""

    folder: Path
    outside: Outside
    shell: "subprocess.Popen[str]"
    spent: float = 0.0  # seconds of commands

    @property
    def work(self) -> Path:
        """Return the folder that the track made."""
        return next(each for each in self.folder.iterdir() if each.name in {"approvals", "approval-relay"})

    @property
    def given(self) -> dict[str, str]:
        """Return the variables and secrets that the repository was given."""
        return dict(json.loads((self.folder / "walk" / "given.json").read_text("utf-8")))

    def take(self, step: Step) -> str:
        """Do a step, and return the output of its commands."""
        if step.by_hand:
            self._by_hand(step.words)
        if not step.script:
            return ""
        if re.search(r"relay serve|azd (up|deploy|provision)", step.script):
            settings = self.outside.meet(self.work)
            (self.folder / "walk" / "neighbours.json").write_text(json.dumps(settings), "utf-8")
        return self._paste(step.script.replace("https://relay.example", self.outside.origin))

    def _by_hand(self, words: str) -> None:
        if "local.settings.json" in words:
            fill_in(self.work)
        if "token.txt" in words:
            (self.work / "token.txt").write_text(COPIED["RELAY_GITHUB_TOKEN"])
        if "Copy the `place`" in words:
            path = self.work / "policy.toml"
            text = re.sub(r"^# (\[channels|kind|place)", r"\1", path.read_text("utf-8"), flags=re.MULTILINE)
            path.write_text(text.replace('place = "..."', f'place = "{_PLACE}"'), "utf-8")

    def _paste(self, script: str) -> str:
        (self.folder / "walk" / "script").write_text(script, "utf-8")
        began = time.monotonic()
        shell = self.shell
        assert shell.stdin is not None
        assert shell.stdout is not None
        # A step reads nothing of what comes after it.
        shell.stdin.write('. "$WALK/script" < /dev/null 2>&1\necho "done: $?"\n')
        shell.stdin.flush()
        said = ""
        for line in shell.stdout:
            if line.startswith("done: "):
                assert "done: 0\n" == line, said
                self.spent += time.monotonic() - began
                return said
            said += line
        raise AssertionError(f"the shell ended:\n{script}\n{said}\n{(self.folder / 'errors').read_text()}")


@contextmanager
def walking(folder: Path) -> Iterator[Walk]:
    """Yield a walk in an empty folder. Every process that it started ends with it."""
    walk = folder / "walk"
    (walk / "programs").mkdir(parents=True)
    with Outside.serving() as outside:
        outside.port_file = walk / "port"
        known = {
            "root": str(ROOT),
            "python": sys.executable,
            "git": shutil.which("git"),
            "origin": outside.origin,
            "tenant": TENANT,
            "person": PERSON,
            "subject": SUBJECT,
            "app": APP,
            "secret": COPIED["RELAY_ENTRA_SIGN_IN_CLIENT_SECRET"],
        }
        (walk / "known.json").write_text(json.dumps(known), "utf-8")
        for name in _PROGRAMS:
            program = walk / "programs" / name
            started = f'exec "{sys.executable}" -P -m tests.start.stand_in'
            program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" {started} "${{0##*/}}" "$@"\n')
            program.chmod(0o700)
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        programs = f"{walk / 'programs'}:{os.environ['PATH']}"
        with (folder / "errors").open("w") as errors:
            shell = subprocess.Popen(
                ["sh", "-eu"],
                cwd=folder,
                env=kept | {"PATH": programs, "WALK": str(walk)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )
        reaper = Timer(LIFE, _end, [shell])
        reaper.daemon = True
        reaper.start()
        try:
            yield Walk(folder, outside, shell)
        finally:
            reaper.cancel()
            _end(shell)
            for stream in (shell.stdin, shell.stdout):
                assert stream is not None
                with suppress(OSError):
                    stream.close()
            shell.wait(60)


def _end(shell: "subprocess.Popen[str]") -> None:
    """End the shell and every process of its session."""
    with suppress(ProcessLookupError):
        os.killpg(shell.pid, signal.SIGKILL)
