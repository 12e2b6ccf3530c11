"""The programs of docs/start.md that reach outside: `python -m tests.start.stand_in NAME ARGUMENTS...`.

Each takes only the options that it really has, and answers as the real program does.
"""

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Final

from tests.start.cloud import az, azd
from tests.start.relay_here import environ, serving
from tests.start.walk_folder import KNOWN, ROOT, WALK, fail, keep, options, say

RELAY: Final = ("https://github.com/OWNER/approval-relay", "COMMIT")
CURL: Final = {"--fail", "--silent", "--show-error", "--retry-all-errors", "--retry", "--retry-delay"}


def relay(arguments: list[str]) -> None:
    """Run the real command. Its packages for chats name an address that the Internet reaches."""
    if arguments == ["serve"]:
        os.execve(KNOWN["python"], serving(), environ())  # noqa: S606 - our own command
    variables = dict(os.environ) | {"PYTHONPATH": str(ROOT)}
    if arguments[0] in {"slack-app", "teams-app"}:
        variables["RELAY_URL"] = "https://relay.example"
    os.execve(KNOWN["python"], [KNOWN["python"], "-m", "relay", *arguments], variables)  # noqa: S606 - our own command


def gh(arguments: list[str]) -> None:
    """Answer as GitHub's command does; a repository is a folder."""
    match arguments:
        case ["api", "user", "--jq", ".id"]:
            say("583231")
        case ["variable", "set", name, "--repo", "octo/api", "--body", value]:
            keep("given", {name: value})
            say(f"✓ Created variable {name} for octo/api")
        case ["secret", "set", name, "--repo", "octo/api"]:
            keep("given", {name: "pasted"})
            say(f"✓ Set Actions secret {name} for octo/api")
        case ["repo", "clone", "octo/api", folder]:
            git(["init", "--quiet", "--bare", "--initial-branch=main", str(WALK / "octo-api.git")], ends=False)
            git(["clone", "--quiet", str(WALK / "octo-api.git"), folder], ends=False)
            for name, value in (("user.name", "Ada"), ("user.email", "ada@octo.example")):
                git(["-C", folder, "config", name, value], ends=False)
        case _:
            fail("no such command")


def git(arguments: list[str], *, ends: bool = True) -> None:
    """Run the real git. The repository of the relay has what these tracks need."""
    if arguments[0] == "clone" and arguments[-1] == RELAY[0]:
        folder = Path("approval-relay")
        shutil.copytree(ROOT / "infra", folder / "infra", ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("azure.yaml", "function_app.py", "pyproject.toml"):
            shutil.copy(ROOT / name, folder / name)
        return
    if arguments[0] == "checkout":
        assert RELAY[1] == arguments[-1]
        return
    ran = subprocess.run([KNOWN["git"], *arguments], check=False, timeout=60)
    if ends or ran.returncode:
        sys.exit(ran.returncode)


def python3(arguments: list[str]) -> None:
    """Make an environment whose `relay` and `pip` are of this walk."""
    assert arguments == ["-m", "venv", ".venv"], arguments
    programs = Path(".venv/bin")
    programs.mkdir(parents=True)
    for name in ("relay", "pip"):
        shutil.copy(WALK / "programs" / "az", programs / name)
    (programs / "activate").write_text(f'PATH="{programs.resolve()}:$PATH"\n', "utf-8")


def pip(arguments: list[str]) -> None:
    """Take the two ways to install the relay."""
    wanted = f"approval-relay[dev-server] @ git+{RELAY[0]}@{RELAY[1]}"
    assert arguments in (["install", wanted], ["install", "--quiet", "."]), arguments
    assert arguments[-1] == wanted or Path("pyproject.toml").exists()


def curl(arguments: list[str]) -> None:
    """Fetch an address, again until it answers."""
    *given, address = arguments
    options(given, CURL, ("--fail", "--silent", "--show-error", "--retry-all-errors"))
    for _ in range(120):
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=20) as answer:
                say(answer.read().decode())
        except OSError:
            time.sleep(0.25)
        else:
            return
    fail("no answer")


def sudo(arguments: list[str]) -> None:
    """Take the start of the web server, which the test has in front of the relay already."""
    wanted = ["caddy", "reverse-proxy", "--from", KNOWN["origin"], "--to", "127.0.0.1:8080"]
    assert arguments == wanted, arguments


if __name__ == "__main__":
    {each.__name__: each for each in (az, azd, gh, git, python3, pip, curl, sudo, relay)}[sys.argv[1]](sys.argv[2:])
