import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest

from relay import __version__
from relay.cli import reference
from relay.cli.command import Command
from relay.cli.main import COMMANDS, main
from tests.cli.running import run
from tests.support.own_process import printed

ROOT = Path(__file__).parent.parent.parent


def commands(command: click.Command, ctx: click.Context) -> Iterator[tuple[str, click.Command]]:
    yield ctx.command_path, command
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            child = command.get_command(ctx, name)
            assert child is not None
            yield from commands(child, click.Context(child, info_name=name, parent=ctx))


def test_the_help_as_a_module_imports_neither_azure_nor_the_server_nor_httpx() -> None:
    code = (
        "import sys, runpy\n"
        "sys.argv = ['relay', '--help']\n"
        "try:\n    runpy.run_module('relay', run_name='__main__')\n"
        "except SystemExit as end:\n    assert end.code == 0\n"
        "print({'azure', 'waitress', 'httpx', 'jwt', 'pydantic'} & {name.partition('.')[0] for name in sys.modules})\n"
    )
    said = printed(code)
    assert said.startswith("Usage: relay [OPTIONS] COMMAND [ARGS]...")
    assert said.endswith("set()\n")


def test_python_m_relay_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "relay", "--version"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert f"relay, version {__version__}\n" == done.stdout


def test_every_command_and_every_option_has_help_and_every_command_is_listed_with_its_own_words() -> None:
    for path, command in commands(main, click.Context(main, info_name="relay", **main.context_settings)):
        assert command.help, path
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"{path} {parameter.name}"
    for name, entry in COMMANDS.items():
        command = getattr(import_module(entry.module), name.replace("-", "_"))
        assert entry.about == command.get_short_help_str(limit=100), name


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_shows_its_help(name: str) -> None:
    result = run(name, "--help")
    assert 0 == result.exit_code
    assert result.stdout.startswith(f"Usage: relay {name}")


def test_a_command_shows_the_same_help_options_in_every_context() -> None:
    command = Command("x")
    alone = command.get_help(click.Context(command))
    below = command.get_help(click.Context(command, parent=click.Context(main, **main.context_settings)))
    assert "-h, --help" in alone
    assert alone == below


def test_the_reference_is_up_to_date() -> None:
    """`python -m relay.cli.reference > docs/command-line.md` brings it up to date."""
    assert (ROOT / "docs" / "command-line.md").read_text("utf-8") == reference.render()


def test_an_unknown_command_is_wrong_usage() -> None:
    result = run("deploy")
    assert 2 == result.exit_code
    assert "No such command" in result.stderr


@pytest.mark.parametrize("name", ["azure", "azure.functions", "waitress"])
def test_a_server_that_is_not_installed_is_told_with_the_cure(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def missing(_module: str) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr("relay.cli.main.import_module", missing)
    result = run("dev")
    assert 1 == result.exit_code
    assert 'pip install ".[dev-server]"' in result.stderr


def test_another_missing_module_is_a_bug_and_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_module: str) -> None:
        raise ModuleNotFoundError("No module named 'other'", name="other")

    monkeypatch.setattr("relay.cli.main.import_module", missing)
    with pytest.raises(ModuleNotFoundError):
        run("dev")


def test_what_fails_is_told_to_github_actions_on_one_line(tmp_path: Path) -> None:
    summary = tmp_path / "summary"
    env = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    result = run("lint", f"{tmp_path}/50%\nno such file", env=env)
    assert 2 == result.exit_code
    errors = re.findall(r"^::error title=relay::(.*)$", result.stderr, re.MULTILINE)
    assert ["FILE: the file cannot be read: No such file or directory"] == errors
    assert summary.read_text("utf-8").startswith("### relay failed\n\n- Why: FILE: the file")


def test_outside_of_github_actions_nothing_is_told_to_it(tmp_path: Path) -> None:
    summary = tmp_path / "summary"
    result = run("lint", "nowhere.json", env={"GITHUB_STEP_SUMMARY": str(summary)})
    assert "::error" not in result.output
    assert not summary.exists()


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("RELAY_WEBHOK_URL", "RELAY_WEBHOOK_URL"), ("RELAY_APIKEY", "RELAY_API_KEY"), ("relay_url", "RELAY_URL")],
)
def test_a_misspelt_variable_is_told_with_the_nearest_one(name: str, nearest: str) -> None:
    result = run("keys", "new", env={name: "secret"})
    assert f"{name} is no setting: did you mean {nearest}?" == result.stderr.splitlines()[0]
    assert "no setting" not in run("keys", "new", env={"RELAY_LOG_OF_ANOTHER_TOOL": "x", nearest: "x"}).stderr


@pytest.mark.parametrize(("typed", "near"), [("veriy", "verify"), ("polcy", "policy"), ("slack-ap", "slack-app")])
def test_a_command_that_is_misspelt_is_answered_with_the_nearest(typed: str, near: str) -> None:
    result = run(typed)
    assert (2, True) == (result.exit_code, f"Did you mean '{near}'?" in result.stderr)
