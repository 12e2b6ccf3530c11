"""The step of an Action: it installs the command from the Action's own commit, and runs it with the step's inputs.

It runs as a file, before anything is installed: `python3 -I run.py send`. So it imports the standard library alone.
"""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Final, NoReturn

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parents[2]
LOCK: Final = HERE / "requirements.txt"
INPUTS: Final = "RELAY_INPUTS"
# The default of every input. An empty value is another: usually a variable or a secret that is not set.
NOT_GIVEN: Final = "(not given)"

# Secrets go by the environment, never by arguments, which other processes can see.
VARIABLES: Final = MappingProxyType(
    {
        "relay": "RELAY_URL",
        "api_key": "RELAY_API_KEY",
        "ticket_key": "RELAY_TICKET_KEY",
        "webhook": "RELAY_WEBHOOK_URL",
        "smtp_password": "RELAY_SMTP_PASSWORD",
    }
)
FLAGS: Final = frozenset({"policy_channels", "wait", "offline", "once", "require_comment", "allow_rerun", "latest"})
LISTS: Final = frozenset({"channel", "mention", "to", "fact", "link"})  # one a line
_PLACES: Final = ("channel", "policy_channels", "smtp", "from", "to")  # where a card goes, besides a webhook
ALIASES: Final = MappingProxyType({"client_payload": "payload"})
KNOWN: Final = MappingProxyType(
    {
        "send": (
            *("smtp", "smtp_user", "smtp_password", "from", "to", "originator"),
            *("webhook", "channel", "format", "mention", "relay", "api_key", "offline", "ticket_key", "summary"),
            *("title", "text", "theme_color", "sections", "actions", "event_type", "payload", "environment", "ref"),
            *("sha", "expires_in", "reject_event_type", "require_comment", "approvers", "approve_label"),
            *("reject_label", "confirm", "fact", "link", "policy_channels", "wait", "timeout"),
        ),
        "verify": (
            "relay",
            "api_key",
            "environment",
            "decision",
            "once",
            "max_age",
            "latest",
            "allow_rerun",
            "offline",
        ),
    }
)
# They say where packages come from. The lock's hashes say which are taken.
_WAYS: Final = MappingProxyType(
    {
        "PIP_INDEX_URL": "--index-url",
        "PIP_EXTRA_INDEX_URL": "--extra-index-url",
        "PIP_FIND_LINKS": "--find-links",
        "PIP_TRUSTED_HOST": "--trusted-host",
        "PIP_CERT": "--cert",
        "PIP_PROXY": "--proxy",
    }
)


def main(command: str, environ: Mapping[str, str]) -> int:
    """Run the command with the inputs of the step, and return its exit code."""
    arguments, variables = read_inputs(command, environ.get(INPUTS, "{}"))
    python = install(environ)
    offer(python, environ)
    # -I: neither the job's folder nor its variables and user packages reach the process that holds the key
    started = [str(python), "-I", "-X", "utf8", "-m", "relay", command, *arguments]
    return start(started, without_python(environ) | variables)


def start(command: list[str], environ: Mapping[str, str]) -> int:
    """Become the command, so that a signal of the runner reaches it. On Windows wait for it; the console tells both."""
    if os.name == "posix":
        os.execve(command[0], command, environ)  # noqa: S606 - nothing here is for a shell
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # else this process would end the command before it has cancelled
    return subprocess.run(command, env=environ, check=False).returncode  # noqa: S603


def read_inputs(command: str, text: str) -> tuple[list[str], dict[str, str]]:
    """Return the arguments and the variables of the inputs that were given, in either spelling."""
    values = dict[str, str]()
    for given, value in json.loads(text).items():
        if value == NOT_GIVEN:
            continue
        plain = given.lower().replace("-", "_")
        name = ALIASES.get(plain, plain)
        if name not in KNOWN[command]:
            near = get_close_matches(name, KNOWN[command], 1)
            fail(f"{given}: no such input" + (f"; did you mean {near[0]}?" if near else ""))
        if name in values:
            fail(f"{given}: is given twice, in two spellings; leave one of them out")
        # In YAML, `|` and `>` add a line break at the end.
        values[name] = value.rstrip("\r\n")
    _check_together(values)
    variables = {VARIABLES[name]: value for name, value in values.items() if name in VARIABLES}
    arguments = [
        argument
        for name in KNOWN[command]
        if name in values and name not in VARIABLES
        for argument in _arguments(name, values[name])
    ]
    return arguments, variables


def _check_together(values: dict[str, str]) -> None:
    """End the step if two inputs contradict each other. Leave out a timeout where the step is told not to wait."""
    # A `webhook` goes by its variable, and the command cannot know that it was given for this very step.
    places = [name for name in _PLACES if values.get(name) not in (None, "false")]
    if "webhook" in values and places:
        fail(f"webhook: the card goes to one place; leave it or {places[0]} out")
    if "timeout" in values and "wait" not in values:
        fail("timeout: is the longest time that the step waits; add wait: true, or leave timeout out")
    if values.get("wait") == "false":  # often an expression, and the timeout beside it is for the other case
        values.pop("timeout", None)


def _arguments(name: str, value: str) -> list[str]:
    option = f"--{name.replace('_', '-')}"
    if name in FLAGS:
        if value not in ("true", "false"):
            empty = "" if value else "is empty, usually a variable that is not set here; "
            fail(f"{name}: {empty}takes true or false, in small letters")
        return [option] if value == "true" else []
    if name in LISTS:
        lines = [line.strip() for line in value.splitlines() if line.strip()]
        return [f"{option}={line}" for line in lines or [""]]
    return [f"{option}={value}"]


def install(environ: Mapping[str, str]) -> Path:
    """Return the Python of an environment with the locked packages, and with `relay` of this very commit."""
    # Another commit, lock or Python is another folder, so that no step runs the code of another.
    parts = (str(ROOT), sys.version, sys.executable, LOCK.read_text("utf-8"))
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
    folder = Path(environ.get("RUNNER_TEMP") or HERE) / f"approval-relay-{digest}"
    ready = folder / "ready"
    if not ready.exists():
        shutil.rmtree(folder, ignore_errors=True)  # of a step that was cancelled in the middle
        _make(folder, environ)
        ready.touch()
    return python_of(folder)


def offer(python: Path, environ: Mapping[str, str]) -> None:
    """Put `relay` on the path of the job's later steps, and nothing else of its environment.

    https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#adding-a-system-path
    """
    if path := environ.get("GITHUB_PATH"):
        programs = python.parent.parent / "programs"
        programs.mkdir(exist_ok=True)
        script = programs / "relay"
        script.write_text(f'#!/bin/sh\nexec "{python.as_posix()}" -I -X utf8 -m relay "$@"\n', "utf-8", newline="\n")
        script.chmod(0o755)
        (programs / "relay.cmd").write_text(f'@"{python}" -I -X utf8 -m relay %*\n', "utf-8")
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(f"{programs}\n")


def _make(folder: Path, environ: Mapping[str, str]) -> None:
    clean = without_python(environ)
    _run(
        [sys.executable, "-I", "-m", "venv", str(folder)],
        clean,
        "This runner's python3 cannot make a virtual environment. On Debian and Ubuntu install python3-venv, or add "
        "actions/setup-python before this step.",
    )
    python = python_of(folder)
    # --only-binary: a package that is built would fetch its tools by name, without a hash
    pip = [str(python), "-I", "-m", "pip", "--isolated", "install", "--quiet", "--disable-pip-version-check"]
    exactly = ["--no-user", "--no-deps", "--only-binary=:all:", "--require-hashes", "-r", str(LOCK)]
    ways = [f"{option}={each}" for name, option in _WAYS.items() for each in environ.get(name, "").split()]
    _run(
        [*pip, *exactly, *ways],
        clean,
        "The packages of the command could not be installed, see above. Usually this runner does not reach the "
        "package index: set PIP_INDEX_URL to one that it reaches. The hashes stay those of this Action.",
    )
    where = [str(python), "-I", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = subprocess.run(where, env=clean, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603
    Path(packages, "approval_relay.pth").write_text(f"{ROOT}\n", "utf-8")


def python_of(folder: Path) -> Path:
    """Return the Python of a virtual environment, on Windows or elsewhere."""
    windows = folder / "Scripts" / "python.exe"
    return windows if windows.exists() else folder / "bin" / "python"


def without_python(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without the job's settings of Python and pip."""
    # A PYTHONPATH of the job would put the job's modules into the process that holds the key.
    ours = (*("PYTHON", "PIP_", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"), INPUTS)
    return {name: value for name, value in environ.items() if not name.upper().startswith(ours)}


def _run(command: Sequence[str], environ: Mapping[str, str], cure: str) -> None:
    ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)  # noqa: S603
    if ran.returncode:
        sys.stderr.write(ran.stdout + ran.stderr)
        fail(cure, code=1)


def fail(message: str, *, code: int = 2) -> NoReturn:
    """Show an error at the top of the run, and end the step."""
    shown = message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    sys.stderr.write(f"::error title=relay::{shown}\n")
    raise SystemExit(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], os.environ))
