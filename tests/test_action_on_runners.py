"""The steps of the two Actions on runners of all kinds: their Python, their pip, other uses in the same job."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from relay.cli.action import run as action
from tests.support.action_runner import FILES, ROOT, RUN, Runner, by_command, check_out, printed


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    folder = tmp_path_factory.mktemp("job")
    return Runner(folder, check_out(folder / "checkout", "first"))


def test_two_uses_at_different_commits_in_one_job_run_each_its_own(runner: Runner, tmp_path: Path) -> None:
    other = Runner(runner.temp, check_out(tmp_path / "checkout", "second"))
    assert "first" == printed(runner.run("send", {}))[0]
    assert "second" == printed(other.run("send", {}))[0]
    assert "first" == printed(runner.run("verify", {}))[0]


def test_an_environment_that_was_left_half_made_is_made_anew(tmp_path: Path) -> None:
    here = Runner(tmp_path, check_out(tmp_path / "checkout", "first"))
    printed(here.run("send", {}))
    (folder,) = tmp_path.glob("approval-relay-*")
    (folder / "ready").unlink()
    (folder / "bin" / "python").unlink()
    assert ["first", "send"] == printed(here.run("send", {}))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of modules with names that the command imports."""
    folder = tmp_path_factory.mktemp("workspace")
    (folder / "relay").mkdir()
    for name in ("relay/__init__.py", "httpx.py", "click.py", "sitecustomize.py", "subprocess.py", "json.py"):
        (folder / name).write_text("raise SystemExit('the checkout of the user shadows the command')\n")
    return folder


@pytest.mark.parametrize("name", ["PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONUSERBASE", "cwd"])
def test_the_jobs_python_settings_do_not_reach_the_command(runner: Runner, hostile: Path, name: str) -> None:
    here = Runner(hostile, runner.checkout) if name == "cwd" else runner
    settings = {} if name == "cwd" else {name: str(hostile)}
    assert ["first", "send"] == printed(here.run("send", {}, **settings))


def test_the_jobs_pip_settings_do_not_reach_the_installation(tmp_path: Path) -> None:
    here = Runner(tmp_path, check_out(tmp_path / "checkout", "first"))
    names = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PIP_NO_BINARY", "PIP_CONSTRAINT")
    assert ["first", "send"] == printed(here.run("send", {}, **dict.fromkeys(names, "1")))


def test_an_environment_keeps_all_but_the_settings_of_python_and_pip() -> None:
    given = {"PATH": "/bin", "PythonPath": "/x", "PIP_USER": "1", "RELAY_URL": "u", "VIRTUAL_ENV": "/v"}
    assert {"PATH": "/bin", "RELAY_URL": "u"} == action.without_python(given | {action.INPUTS: "{}"})


@pytest.mark.parametrize(
    ("made", "expected"), [("Scripts/python.exe", "Scripts/python.exe"), ("bin/python", "bin/python")]
)
def test_the_python_of_an_environment_is_found_on_windows_too(made: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / made).parent.mkdir()
    (tmp_path / made).touch()
    assert tmp_path / expected == action.python_of(tmp_path)


def test_on_windows_the_step_outlives_the_interrupt_that_the_console_tells_both(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(action, "os", SimpleNamespace(name="nt"))
    try:
        ended = action.start([sys.executable, "-c", "print('here'); raise SystemExit(3)"], {})
        assert signal.SIG_IGN == signal.getsignal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    assert (3, "here\n") == (ended, capfd.readouterr().out)


@pytest.mark.parametrize("names", [[], ["python3"], ["python3", "python"]])
def test_a_runner_without_a_python_of_3_11_says_so(runner: Runner, tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o700)
    (tmp_path / "bash").symlink_to("/bin/bash")
    ran = runner.run("send", {}, path=str(tmp_path))
    assert 2 == ran.returncode
    assert (
        "::error title=relay::This runner has no python3, or one older than 3.11. Add actions/setup-python"
        in ran.stderr
    )


def test_a_runner_with_python_under_its_other_name_alone_is_enough(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "python").symlink_to(sys.executable)
    (tmp_path / "python3").write_text("#!/bin/sh\nexit 9009\n")  # as the shortcut to a shop does on Windows
    (tmp_path / "python3").chmod(0o700)
    (tmp_path / "bash").symlink_to("/bin/bash")
    assert ["first", "send"] == printed(runner.run("send", {}, path=str(tmp_path)))


@pytest.mark.parametrize(
    ("broken", "told"),
    [("venv", "cannot make a virtual environment. On Debian and Ubuntu install python3-venv"), ("pip", "could not be")],
)
def test_a_failed_installation_is_an_error_with_its_cure(
    broken: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fake(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        failed = f"-m {broken}" in " ".join(command)
        return subprocess.CompletedProcess(command, int(failed), "", "ensurepip is not available.\n")

    monkeypatch.setattr(subprocess, "run", fake)
    with pytest.raises(SystemExit) as ended:
        action.install({"RUNNER_TEMP": str(tmp_path)})
    assert 1 == ended.value.code
    written = capsys.readouterr().err
    assert "ensurepip is not available." in written
    assert re.search(rf"::error title=relay::.*{re.escape(told)}", written)


def test_nothing_is_installed_by_its_name_from_an_index() -> None:
    text = (ROOT / RUN).with_name("requirements.txt").read_text("utf-8")
    assert "approval-relay" not in text
    assert text.count("==") <= text.count("--hash=sha256:")
    assert "--require-hashes" in (ROOT / RUN).read_text("utf-8")
    for file in [*FILES.values(), *sorted((ROOT / "docs").rglob("*.yml")), ROOT / "README.md"]:
        assert "approval-relay==" not in file.read_text("utf-8"), file
        assert "pip install" not in file.read_text("utf-8"), file


@pytest.mark.full
@by_command
def test_the_real_command_is_installed_and_runs(command: str, tmp_path: Path) -> None:
    here = Runner(tmp_path, ROOT)
    ways = {name: value for name, value in os.environ.items() if name in action._WAYS}
    given = {"offline": "true", "title": "x", "webhook": "http://127.0.0.1:9"} if command == "send" else {}
    ran = here.run(command, given, GITHUB_ACTIONS="true", **ways)
    assert 2 == ran.returncode, ran.stderr
    told = "--event-type: is missing" if command == "send" else "--relay"
    assert f"::error title=relay::{told}" in ran.stderr or f"Missing option '{told}'" in ran.stderr


@by_command
def test_the_step_is_plain_shell_which_the_bash_of_macos_reads_too(command: str, runner: Runner) -> None:
    """Run the step in a shell that knows nothing beyond POSIX: whatever came with bash 4 fails there."""
    shell = shutil.which("dash") or "sh"
    assert ["first", command] == printed(runner.run(command, {}, interpreter=[shell]))
    if "bash" not in Path(shell).resolve().name:
        later = subprocess.run([shell, "-c", "x=a; : ${x^^}"], capture_output=True, check=False)
        assert later.returncode, "this shell knows bash 4, and proves nothing"
