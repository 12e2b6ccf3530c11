"""The package of this checkout, built once for all its tests from wheels that `make package` fetched."""

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
    if is_incomplete(WHEELS, python):
        leave_out("the wheels of the package are missing: `make package` fetches them")
    return build(WHEELS, tmp_path_factory.mktemp("dist"), python)


@pytest.fixture(scope="session")
def packed(archive: Path) -> dict[str, bytes]:
    """Return the files of the package by name."""
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}
