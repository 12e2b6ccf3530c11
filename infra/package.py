"""The function app as one archive that runs as it lies: `make package`.

`python -m infra.package` writes dist/function-app.zip and its bill of materials, dist/function-app.cdx.json.
`python -m infra.package fetch` only fetches the pinned wheels, for a build that needs no network.

The archive is for Linux x86-64 and Python 3.13, the platform of Flex Consumption. Each module lies beside its bytecode,
marked "unchecked": Python then compares neither the times nor the contents of the two. A zip keeps times to two
seconds only, so most ordinary bytecode no longer fits its source, and a cold start would compile it anew.
https://docs.python.org/3/reference/import.html#cached-bytecode-invalidation
"""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from infra.bill_of_materials import bill_of_materials

ROOT: Final = Path(__file__).parent.parent
DIST: Final = ROOT / "dist"
WHEELS: Final = ROOT / "build" / "wheels"
SITE_PACKAGES: Final = ".python_packages/lib/site-packages"  # the worker of Azure Functions puts it on the path
LIMIT: Final = 20_000_000  # bytes; an instance fetches all of them before its first answer
VERSION: Final = "3.13"
CURE: Final = (
    f"The package's bytecode is of Python {VERSION}, which was not found. Install it (for example: uv python install "
    f"{VERSION}; pyenv install {VERSION}), or name it: make package PACKAGE_PYTHON=/path/to/python{VERSION}"
)
TOP: Final = ("function_app.py", "host.json", "requirements.txt", "policy.toml")  # the policy where there is one
LEFT_OUT: Final = ("relay/dev", "relay/cli", "relay/serve", "relay/__main__.py")
SUFFIXES: Final = (".py", ".css", ".typed")  # of the relay's own files
# A manylinux wheel fits every later glibc; the base image of Flex Consumption has 2.36.
PLATFORMS: Final = ("manylinux_2_28_x86_64", "manylinux_2_24_x86_64", "manylinux2014_x86_64", "manylinux_2_17_x86_64")
OLDER: Final = ("manylinux2010_x86_64", "manylinux_2_12_x86_64", "manylinux1_x86_64", "manylinux_2_5_x86_64")
OF_THE_INSTALLER: Final = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")  # they name paths of this machine
FIXED_TIME: Final = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold
REGULAR: Final = 0o100644 << 16
COMPILE: Final = """
import compileall, py_compile, sys
done = compileall.compile_dir(sys.argv[1], maxlevels=99, quiet=1, force=True, stripdir=sys.argv[1],
    prependdir="/home/site/wwwroot", invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
sys.exit(not done)
"""


class NotBuiltError(Exception):
    """The package was not built; the text says why, and the cure."""


def fetch(wheels: Path, python: Path) -> None:
    """Fetch the wheels that requirements.txt pins for the platform of the package, unless all are there."""
    wheels.mkdir(parents=True, exist_ok=True)
    if is_incomplete(wheels, python):
        for stale in wheels.glob("*.whl"):
            stale.unlink()
        _pip(python, "download", *_for_azure(), "--dest", str(wheels))


def is_incomplete(wheels: Path, python: Path) -> bool:
    """Tell whether a wheel that requirements.txt pins is missing."""
    try:
        _pip(python, "install", *_for_azure(), *_from(wheels), "--dry-run", "--target", str(wheels / "target"))
    except NotBuiltError:
        return True
    return False


def build(wheels: Path, dist: Path, python: Path) -> Path:
    """Write the archive and its bill of materials to `dist`, from wheels that were fetched. Return the archive."""
    with tempfile.TemporaryDirectory() as folder:
        stage = Path(folder) / "wwwroot"
        _copy_sources(stage)
        _install(wheels, stage / SITE_PACKAGES, python)
        _compile(stage, python)
        dist.mkdir(parents=True, exist_ok=True)
        archive = dist / "function-app.zip"
        _zip(stage, archive)
    if archive.stat().st_size > LIMIT:
        raise NotBuiltError(f"{archive} has {archive.stat().st_size:,} bytes; the limit is {LIMIT:,}")
    (dist / "function-app.cdx.json").write_text(bill_of_materials(wheels, archive), "utf-8")
    return archive


def find_python() -> Path:
    """Return a Python of the package's version that runs. Raises NotBuiltError with the cure if there is none."""
    for candidate in _candidates():
        code = f"import sys; sys.exit('%d.%d' % sys.version_info[:2] != {VERSION!r})"
        try:
            ran = subprocess.run([candidate, "-Sc", code], capture_output=True, check=False, timeout=60)  # noqa: S603 - ours
        except OSError:
            continue
        if not ran.returncode:
            return Path(candidate)
    raise NotBuiltError(CURE)


def _candidates() -> Iterator[str]:
    """Yield the named Python; without one this Python, then the Pythons of the PATH and of pyenv."""
    if named := os.environ.get("PACKAGE_PYTHON"):
        yield named
        return
    yield sys.executable
    yield from filter(None, (shutil.which(f"python{VERSION}"), shutil.which("python3")))
    kept = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    yield from map(str, sorted(kept.glob(f"{VERSION}.*/bin/python3")))


def _copy_sources(stage: Path) -> None:
    stage.mkdir(parents=True)
    for name in filter(lambda name: (ROOT / name).exists(), TOP):
        shutil.copy(ROOT / name, stage)
    for path in sorted((ROOT / "relay").rglob("*")):
        name = path.relative_to(ROOT).as_posix()
        if path.suffix in SUFFIXES and not f"{name}/".startswith(tuple(f"{each}/" for each in LEFT_OUT)):
            (stage / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, stage / name)
    if built := built_at():
        (stage / "relay" / "BUILT").write_text(f"{built}\n", "ascii")


def built_at() -> str:
    """Return the time of the sources as an ISO time, or "" if neither SOURCE_DATE_EPOCH nor git tells.

    It is the commit's, so that two builds of it are the same: https://reproducible-builds.org/specs/source-date-epoch/
    """
    seconds = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not seconds:
        command = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
        try:
            ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
        except OSError:  # a machine without git
            return ""
        seconds = ran.stdout.strip()
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if seconds.isdigit() else ""


def _install(wheels: Path, target: Path, python: Path) -> None:
    _pip(python, "install", *_for_azure(), *_from(wheels), "--no-compile", "--target", str(target))
    shutil.rmtree(target / "bin", ignore_errors=True)  # commands; a function app has none
    for tests in [path for path in target.rglob("tests") if path.is_dir()]:
        shutil.rmtree(tests)
    for path in [path for info in target.glob("*.dist-info") for path in info.iterdir()]:
        if path.name in OF_THE_INSTALLER:
            path.unlink()


def _compile(stage: Path, python: Path) -> None:
    # The seed orders sets within the bytecode; without it two builds differ.
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    command = [str(python), "-S", "-c", COMPILE, str(stage)]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if ran.returncode:
        raise NotBuiltError(f"a module does not compile:\n{ran.stdout}{ran.stderr}")


def _zip(stage: Path, archive: Path) -> None:
    names = sorted(path.relative_to(stage).as_posix() for path in stage.rglob("*") if path.is_file())
    with zipfile.ZipFile(archive, "w") as packed:
        for name in names:
            entry = zipfile.ZipInfo(name, FIXED_TIME)
            entry.create_system = 3  # Unix, wherever it is built
            entry.external_attr = REGULAR
            packed.writestr(entry, (stage / name).read_bytes(), zipfile.ZIP_DEFLATED, 9)


def _for_azure() -> Iterator[str]:
    yield from ("--requirement", str(ROOT / "requirements.txt"), "--require-hashes", "--no-deps")
    yield from ("--only-binary", ":all:", "--implementation", "cp", "--python-version", VERSION)
    for platform in (*PLATFORMS, *OLDER):
        yield from ("--platform", platform)


def _from(wheels: Path) -> tuple[str, ...]:
    return ("--no-index", "--find-links", str(wheels))


def _pip(python: Path, *arguments: str) -> None:
    # The Python of the package's version runs it: pip asks the Python that it runs on whether a line's marker holds.
    # The pip is this environment's, since that Python may have none.
    import pip  # noqa: PLC0415 - an environment without it may still import this module

    options = ("--quiet", "--disable-pip-version-check", "--no-input")
    command = [str(python), "-S", str(Path(pip.__file__).parent), *arguments, *options]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if ran.returncode:
        raise NotBuiltError(f"pip failed:\n{ran.stderr}")


def main() -> None:
    """Fetch, and build unless only the wheels were asked for. Exit with a sentence if it cannot be done."""
    try:
        python = find_python()
        fetch(WHEELS, python)
        if sys.argv[1:] != ["fetch"]:
            archive = build(WHEELS, DIST, python)
            sys.stdout.write(f"{archive.relative_to(ROOT)}: {archive.stat().st_size:,} bytes\n")
    except NotBuiltError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
