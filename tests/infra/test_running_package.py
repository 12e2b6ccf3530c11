"""The package as Azure runs it: unpacked, read-only, and nothing else of this machine in sight."""

import ast
import json
import os
import platform
import secrets
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bench import azure_worker, tenant
from bench.parts import i_package
from bench.processes import environment, outside
from bench.run import Run
from tests.support import azurite
from tests.support.left_out import leave_out

ROOT = Path(__file__).parents[2]
HERE = "linux-x86_64" == f"{sys.platform}-{platform.machine()}"


@pytest.fixture(scope="module")
def unpacked(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    if not HERE:
        leave_out("the package is for Linux on x86-64: it was not run", possible=False)
    folder = tmp_path_factory.mktemp("wwwroot")
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    everything = [folder, *folder.rglob("*")]
    for path in everything:
        path.chmod(path.stat().st_mode & ~0o222)
    yield folder
    for path in filter(Path.is_dir, everything):
        path.chmod(0o755)


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[tenant.Tenant, str]]:
    """Yield a tenant, and the address of a GitHub and key server that answer."""
    folder = tmp_path_factory.mktemp("tenant")
    made = tenant.create(folder)
    with outside(folder) as address:
        yield made, address


def state(folder: Path) -> dict[str, tuple[int, int]]:
    found = {path: path.stat() for path in folder.rglob("*")}
    return {str(path): (each.st_mtime_ns, each.st_size) for path, each in found.items()}


def work(python: Path, folder: Path, settings: Mapping[str, str], *calls: list[object]) -> list[Any]:
    """Run the package's functions in a Python of no packages; return their names and an answer to each call."""
    program = [str(python), "-I", "-S", str(Path(azure_worker.__file__)), str(folder)]
    ran = subprocess.run(
        program,
        input="".join(f"{json.dumps(call)}\n" for call in calls),
        cwd=folder,
        env=environment(settings) | {"HOME": os.devnull},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert 0 == ran.returncode, ran.stderr
    return [json.loads(line) for line in ran.stdout.splitlines()]


def functions() -> list[str]:
    """Return the names of all functions of function_app.py."""
    tree = ast.parse((ROOT / "function_app.py").read_text("utf-8"))
    return sorted(node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.decorator_list)


def test_every_function_is_indexed_and_nothing_is_written(python: Path, unpacked: Path) -> None:
    before = state(unpacked)
    (names,) = work(python, unpacked, {})
    assert functions() == names
    assert before == state(unpacked)


def test_a_press_on_tables_is_answered(python: Path, unpacked: Path, signer: tuple[tenant.Tenant, str]) -> None:
    azurite.need()
    before = state(unpacked)
    people, address = signer
    settings = tenant.environ(address, unpacked / "unused.db") | {
        "RELAY_STORE": "tables",
        "RELAY_TABLE_PREFIX": f"t{secrets.token_hex(8)}",
        "AzureWebJobsStorage": azurite.connection(azurite.port()),
    }
    click = tenant.relay_click(people.token(address))
    call: list[object] = ["interactions", dict(click.headers), {"channel": "messagecard"}, click.body.decode()]
    _, first, second = work(python, unpacked, settings, call, call)
    assert [(200, "released"), (200, "already-approved")] == [
        (status, headers["Relay-Outcome"]) for status, headers, _ in (first, second)
    ]
    assert before == state(unpacked)


def test_the_benchmark_starts_the_package_and_the_sources_beside_it(
    unpacked: Path, signer: tuple[tenant.Tenant, str], tmp_path: Path
) -> None:
    if sys.version_info[:2] != i_package.NEEDS:
        leave_out("the benchmark starts the package with Python 3.13", possible=False)
    people, address = signer
    sources = i_package.as_a_remote_build_leaves_it(unpacked, tmp_path / "sources")
    assert not (sources / "relay" / "__pycache__").exists()
    assert (sources / azure_worker.SITE_PACKAGES / "httpx" / "__pycache__").exists()
    for folder in (unpacked, sources):
        assert 0 < i_package.start_of(folder, Run(tmp_path, people, address)) < 60
