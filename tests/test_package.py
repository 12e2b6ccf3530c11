"""What `pip install .` brings, and what the top level holds."""

import subprocess
import sys
import zipfile
from importlib.metadata import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOP = {
    *("function_app.py", "host.json", "requirements.txt", "local.settings.example.json", ".funcignore"),
    *("relay", "bench", "tests", "docs", "README.md", "LICENSE", "CHANGELOG.md", "pyproject.toml", "Makefile"),
    *("action.yml", "verify", ".github", ".gitignore", ".ci", "infra", "azure.yaml", "Dockerfile", ".dockerignore"),
}


def test_the_command_needs_nothing_of_the_server() -> None:
    needed = {line.split(">")[0] for line in metadata("approval-relay").get_all("Requires-Dist") or ()}
    assert {"click", "cryptography", "httpx", "pydantic", "PyJWT[crypto]", "PyYAML"} == {
        name for name in needed if ";" not in name and not name.startswith(("azure", "requests", "waitress"))
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    files = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in files.stdout.splitlines():
        if name.startswith("relay/") or name in {"function_app.py", "pyproject.toml", "README.md", "LICENSE"}:
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "--wheel-dir", str(folder), str(source)], check=True, timeout=120)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_every_module_the_icons_and_the_simulators_page(wheel: set[str]) -> None:
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "relay").rglob("*.py")}
    assert set() == modules - wheel
    assert any(name.endswith(".html") for name in wheel)
    assert {"relay/cli/teams_icons/color.png", "relay/cli/teams_icons/outline.png"} <= wheel
    assert {"relay/py.typed", "function_app.py"} <= wheel
    assert not any(name.startswith("tests/") for name in wheel)


def test_the_top_level_stays_small() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set() == {line.split("/")[0] for line in listed.splitlines()} - TOP


PINNED = (
    *(
        "requirements.txt",
        "relay/cli/requirements.txt",
        "relay/cli/action/requirements.txt",
        "bench/requirements.txt",
        "tests/requirements.txt",
    ),
    *("tests/node/requirements.txt", "tests/node/package-lock.json", "tests/oldest_pip/requirements.txt"),
)


@pytest.mark.parametrize("name", PINNED)
def test_what_is_pinned_names_no_address(name: str) -> None:
    assert "://" not in (ROOT / name).read_text("utf-8")
