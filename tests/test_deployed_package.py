import shutil
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def ignored(path: str) -> bool:
    """Tell whether .funcignore leaves out `path`: by name in any folder, or, with a slash, from the top."""
    patterns = [line for line in (ROOT / ".funcignore").read_text("utf-8").splitlines() if line and line[0] != "#"]
    parts = path.split("/")
    tops = ["/".join(parts[: n + 1]) for n in range(len(parts))]
    return any(
        any(fnmatchcase(place, pattern) for place in (tops if "/" in pattern else parts)) for pattern in patterns
    )


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder as it is deployed."""
    folder = tmp_path_factory.mktemp("deployed")
    for top in ROOT.iterdir():
        if ignored(top.name) or top.name.startswith("."):
            continue
        if top.is_file():
            shutil.copy(top, folder)
            continue
        shutil.copytree(
            top,
            folder / top.name,
            ignore=lambda at, names: {
                name for name in names if ignored(str((Path(at) / name).relative_to(ROOT).as_posix()))
            },
        )
    return folder


def test_the_package_holds_what_runs_and_nothing_else(deployed: Path) -> None:
    assert {"function_app.py", "host.json", "requirements.txt", "relay"} <= {each.name for each in deployed.iterdir()}
    for name in ("relay/dev", "relay/cli", "relay/__main__.py", "tests", "docs", "Makefile", "action.yml"):
        assert not (deployed / name).exists(), name


@pytest.mark.parametrize(
    "path",
    [
        *("relay/dev", "relay/cli", "tests", "docs", "bench", ".github", ".git", ".gitignore", ".ci", ".relay"),
        *(".venv", ".venv-3.11", "local.settings.json", "Makefile", "relay/approval/__pycache__", "build", "README.md"),
    ],
)
def test_what_is_not_deployed_is_named(path: str) -> None:
    assert ignored(path)


def test_a_policy_is_deployed() -> None:
    assert not ignored("policy.toml")


def test_the_functions_import_without_what_is_not_deployed(deployed: Path) -> None:
    # Each is imported at its first use, so all are asked for here.
    modules = (
        "function_app, relay.app, relay.azure_functions, relay.api.register, relay.api.status, relay.api.plain, "
        "relay.health, "
        "relay.pages.review, relay.github.app, relay.chats.teams.post, relay.chats.teams.clicks, "
        "relay.chats.outlook.card"
    )
    code = f"import {modules}; import relay; print(relay.__file__)"
    environment = {"PYTHONPATH": str(deployed), "PYTHONDONTWRITEBYTECODE": "1"}
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=deployed,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert found.stdout.strip() == str(deployed / "relay" / "__init__.py")
