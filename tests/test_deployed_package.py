"""The files that a deployment uploads: .funcignore as git reads it, and as Azure Functions Core Tools reads it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.own_process import printed

ROOT = Path(__file__).parent.parent
TOP = {"function_app.py", "host.json", "requirements.txt", "policy.toml"}
NOT_DEPLOYED = ("relay/cli/", "relay/dev/", "relay/serve/", "relay/py.typed")


def as_git(paths: list[str], folder: Path) -> set[str]:
    """Return the paths that .funcignore lets through when it is read as a .gitignore."""
    shutil.copy(ROOT / ".funcignore", folder / ".gitignore")
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True, timeout=60)
    found = subprocess.run(
        ["git", "-c", "core.excludesFile=", "check-ignore", "--no-index", "--stdin"],
        cwd=folder,
        input="\n".join(paths),
        capture_output=True,
        text=True,
        check=False,  # 1 says that no path is ignored
        timeout=60,
    )
    assert "" == found.stderr
    return set(paths) - set(found.stdout.splitlines())


def as_core_tools(paths: list[str]) -> set[str]:
    """Return the paths that Core Tools uploads: a line is a beginning, and one with ! wins wherever it stands.

    https://github.com/Azure/azure-functions-core-tools/blob/main/src/Cli/func/Common/GitIgnoreParser.cs
    """
    lines = [line.strip() for line in (ROOT / ".funcignore").read_text("utf-8").splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    taken = beginning([line[1:] for line in lines if line.startswith("!")])
    left_out = beginning([line for line in lines if not line.startswith("!")])
    return {path for path in paths if taken.match(path) or not left_out.match(path)}


def beginning(lines: list[str]) -> re.Pattern[str]:
    escaped = [re.sub(r"[-\[\]/{}()+?.\\^$|]", r"\\\g<0>", line.removeprefix("/")) for line in lines]
    forms = [line.replace("**", "(.+)").replace("*", r"([^\/]+)") for line in escaped]
    return re.compile(rf"^(({')|('.join(forms)}))\b", re.ASCII)


def present() -> list[str]:
    """Return every file of the project that git knows or would add."""
    found = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [path for path in found.stdout.splitlines() if (ROOT / path).is_file()]


def expected(paths: list[str]) -> set[str]:
    return {path for path in paths if path in TOP or (path.startswith("relay/") and not path.startswith(NOT_DEPLOYED))}


def test_git_reads_that_the_functions_are_deployed_and_nothing_else(tmp_path: Path) -> None:
    assert expected(present()) == as_git(present(), tmp_path)


def test_core_tools_reads_the_same() -> None:
    assert expected(present()) == as_core_tools(present())


@pytest.mark.parametrize(
    "path",
    [
        *("relay/dev/simulator/entra.py", "relay/dev/command.py", "relay/cli/main.py", "relay/serve/server.py"),
        *("tests/test_package.py", "tests/relay/api/x.py", "bench/app.py", "docs/relay/api/x.md", "infra/main.bicep"),
        *(".github/workflows/ci.yml", ".git/config", ".gitignore", ".ci/x", ".relay/simulator/ticket-key", ".env"),
        *(".venv/lib/relay/api/x.py", ".venv-3.11/x", "node_modules/x.js", "build/lib/relay/app.py", "dist/x.whl"),
        *("local.settings.json", "local.settings.example.json", "Makefile", "README.md", "azure.yaml", "action.yml"),
        *("key.pem", "a_file_of_tomorrow.py", "a_folder_of_tomorrow/x.py"),
    ],
)
def test_it_is_left_out_by_both(path: str, tmp_path: Path) -> None:
    assert (set(), set()) == (as_git([path], tmp_path), as_core_tools([path]))


@pytest.mark.parametrize("path", [*sorted(TOP), "relay/health.py", "relay/pages/page.css", "relay/chats/teams/card.py"])
def test_it_is_deployed_by_both(path: str, tmp_path: Path) -> None:
    assert ({path}, {path}) == (as_git([path], tmp_path), as_core_tools([path]))


def test_no_bytecode_of_this_machine_is_deployed_where_git_reads(tmp_path: Path) -> None:
    assert set() == as_git(["relay/approval/__pycache__/judge.cpython-313.pyc"], tmp_path)


def test_the_functions_import_from_the_deployed_files_alone(tmp_path: Path) -> None:
    for path in as_core_tools(present()):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    # Each is imported at its first use, so all are asked for here.
    modules = (
        "function_app, relay.app, relay.azure_functions.timers, relay.api.register, relay.api.status, relay.api.plain, "
        "relay.health, "
        "relay.pages.review, relay.app.sign_in, relay.github.app, relay.chats.teams.post, relay.chats.teams.clicks, "
        "relay.chats.outlook.card"
    )
    code = f"import {modules}; import relay; print(relay.__file__)"
    environment = {"PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    assert printed(code, cwd=tmp_path, environ=environment).strip() == str(tmp_path / "relay" / "__init__.py")
