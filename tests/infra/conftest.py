"""The package of this checkout, built once for all its tests from wheels that `make package` fetched."""

import fcntl
import os
import zipfile
from pathlib import Path

import pytest

from infra.package import WHEELS, NotBuiltError, build, find_python, is_incomplete
from tests.support.left_out import leave_out


@pytest.fixture(scope="session")
def python() -> Path:
    """Return the Python that compiles and runs the package."""
    try:
        return find_python()
    except NotBuiltError as error:
        leave_out(str(error), possible=False)


@pytest.fixture(scope="session")
def archive(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the package. The first worker builds it; the others wait for it."""
    if is_incomplete(WHEELS, python):
        leave_out("the wheels of the package are missing: `make package` fetches them")
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with (shared / "package.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = shared / "package" / "function-app.zip"
        return found if found.exists() else build(WHEELS, found.parent, python)


@pytest.fixture(scope="session")
def packed(archive: Path) -> dict[str, bytes]:
    """Return the files of the package by name."""
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}
