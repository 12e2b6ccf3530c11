import _imp
import os
import re
import subprocess
import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from infra import package
from infra.package import SITE_PACKAGES, WHEELS, NotBuiltError, build, find_python

ROOT = Path(__file__).parents[2]
MAGIC = (3571).to_bytes(2, "little") + b"\r\n"  # of the bytecode of Python 3.13
UNCHECKED = 0b01  # https://peps.python.org/pep-0552/


def of_the_relay(packed: dict[str, bytes]) -> set[str]:
    return {name for name in packed if not name.startswith(SITE_PACKAGES) and not name.endswith(".pyc")}


def bytecode_of(name: str) -> str:
    folder, _, module = name.rpartition("/")
    return f"{folder}/__pycache__/{module[:-3]}.cpython-313.pyc".removeprefix("/")


def test_the_package_holds_the_relay_without_what_serves_or_plays_on_one_machine(packed: dict[str, bytes]) -> None:
    command = ["git", "ls-files", "-co", "--exclude-standard", "relay"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    left_out = ("relay/dev/", "relay/cli/", "relay/serve/", "relay/__main__.py")
    expected = {name for name in listed if not name.startswith(left_out) and (ROOT / name).exists()}
    written = {"function_app.py", "host.json", "requirements.txt", "relay/BUILT"}
    assert expected | written == of_the_relay(packed) - {"policy.toml"}


def test_every_module_has_bytecode_that_python_3_13_takes_without_a_check(packed: dict[str, bytes]) -> None:
    modules = [name for name in packed if name.endswith(".py")]
    assert len(modules) > 500
    for name in modules:
        bytecode = packed[bytecode_of(name)]
        hashed = _imp.source_hash(int.from_bytes(MAGIC, "little"), packed[name])
        assert (MAGIC, UNCHECKED, hashed) == (bytecode[:4], int.from_bytes(bytecode[4:8], "little"), bytecode[8:16])
    assert len(modules) == len([name for name in packed if name.endswith(".pyc")])


def test_the_bytecode_names_the_place_where_azure_runs_it(packed: dict[str, bytes]) -> None:
    for name in ("relay/press.py", f"{SITE_PACKAGES}/httpx/_client.py"):
        assert f"/home/site/wwwroot/{name}".encode() in packed[bytecode_of(name)]


def test_the_libraries_are_for_linux_on_x86_64_and_python_3_13(packed: dict[str, bytes]) -> None:
    compiled = [name for name in packed if name.endswith(".so")]
    assert compiled
    assert all(re.search(r"\.(abi3|cpython-313-x86_64-linux-gnu)\.so$", name) for name in compiled)
    assert all(packed[name][:5] == b"\x7fELF\x02" for name in compiled)


def test_two_runs_are_byte_for_byte_the_same(
    archive: Path, python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    monkeypatch.setenv("TZ", "Asia/Seoul")
    mask = os.umask(0o077)
    try:
        again = build(WHEELS, tmp_path, python)
    finally:
        os.umask(mask)
    assert archive.read_bytes() == again.read_bytes()
    assert archive.with_suffix(".cdx.json").read_bytes() == again.with_suffix(".cdx.json").read_bytes()


def test_the_package_tells_the_time_of_its_commit(packed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    command = ["git", "log", "-1", "--format=%ct"]
    committed = int(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    assert committed == datetime.fromisoformat(packed["relay/BUILT"].decode().strip()).timestamp()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1764331200")
    assert "2025-11-28T12:00:00Z" == package.built_at()
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    monkeypatch.setenv("PATH", "")
    assert "" == package.built_at()


def test_the_package_stays_below_its_limit(archive: Path) -> None:
    assert package.LIMIT == 20_000_000
    assert archive.stat().st_size < package.LIMIT


def test_a_package_above_the_limit_is_refused(python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "LIMIT", 1_000)
    monkeypatch.setattr(package, "_install", lambda *_: None)
    with pytest.raises(NotBuiltError, match="the limit is 1,000"):
        build(WHEELS, tmp_path, python)


def test_a_module_that_does_not_compile_is_named(python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoil(_wheels: Path, target: Path, _python: Path) -> None:
        target.mkdir(parents=True)
        (target / "spoilt.py").write_text("if:\n")

    monkeypatch.setattr(package, "_install", spoil)
    with pytest.raises(NotBuiltError, match=r"spoilt\.py"):
        build(WHEELS, tmp_path, python)


def test_without_a_python_of_its_version_the_cure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACKAGE_PYTHON", "/nowhere/python3.13")
    with pytest.raises(NotBuiltError, match=r"make package PACKAGE_PYTHON=/path/to/python3\.13"):
        find_python()


def test_what_is_pinned_depends_on_no_platform() -> None:
    """Elsewhere than on Linux pip would judge such a line by the machine that builds."""
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    assert [] == [line for line in lines if re.search(r"sys_platform|platform_system|platform_machine|os_name", line)]


def test_times_and_modes_are_the_same_everywhere(archive: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        found = {(each.date_time, each.external_attr, each.create_system) for each in opened.infolist()}
        names = opened.namelist()
    assert {((1980, 1, 1, 0, 0, 0), 0o100644 << 16, 3)} == found
    assert sorted(names) == names
