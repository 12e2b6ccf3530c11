import json
import re
import shlex
from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import chain
from pathlib import Path

import click
import pytest

from relay import settings
from relay.approval.events import EVENTS
from relay.approval.notice_text import FIELDS, SENTENCES
from relay.chats.table import MODULES, kinds
from relay.cli.main import main
from relay.cli.policy_examples import outcome, read_cases
from relay.net import client, setting_names
from relay.policy_toml import parse
from relay.policy_toml.warnings import warnings
from relay.serve import server
from relay.store.tables import access, account
from tests.test_imports import ROOMS

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
PAGES += sorted((ROOT / ".github").glob("*.md"))
WRITTEN = [page for page in PAGES if page.name != "command-line.md"]  # that one is made from the commands themselves
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*.yml"))
HOST = {"FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage", settings.THREADS}
IDENTITY = {account.ACCOUNT, account.TABLES_URL, account.CLIENT_ID, account.CREDENTIAL}  # instead of a key

by_name = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
by_written = pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)


def fences(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def without_fences(page: Path) -> str:
    return re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", without_fences(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page: Path) -> list[str]:
    """Every link of a page to a file or a heading."""
    found = re.findall(r"\]\(([^)\s]+)\)", without_fences(page))
    return [link for link in found if not link.startswith(("https://", "http://"))]


def policies(page: Path) -> list[str]:
    return [text for text in fences(page, "toml") if not text.startswith("[[case]]")]


def command_lines(page: Path) -> list[str]:
    """Every command of a page, in its text and in its scripts."""
    inline = re.findall(r"`(relay [^`]+)`", without_fences(page))
    return [*inline, *chain.from_iterable(map(shell_commands, fences(page, "sh")))]


@pytest.mark.parametrize("found", [links, policies, command_lines], ids=lambda found: found.__name__)
def test_the_docs_have_what_is_looked_for_in_them(found: Callable[[Path], list[str]]) -> None:
    assert [each for page in WRITTEN for each in found(page)]


@by_name
def test_every_link_to_a_file_leads_to_one_and_every_anchor_to_a_heading(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def settings_read() -> set[str]:
    """Every name that relay/settings/, relay/store/tables/account.py and the chats read or keep."""
    paths = [*Path(settings.__path__[0]).glob("*.py")]
    paths += [Path(str(module.__file__)) for module in (account, *map(import_module, MODULES.values()))]
    source = "".join(path.read_text("utf-8") for path in paths)
    return set(re.findall(r'"(RELAY_[A-Z0-9_]+)"', source))


def settings_documented() -> set[str]:
    """Every name in the first column of a table of docs/settings.md."""
    rows = re.findall(r"^\| (`.+?) \|", (ROOT / "docs" / "settings.md").read_text("utf-8"), re.MULTILINE)
    return set(re.findall(r"`([A-Za-z0-9_]+)`", " ".join(rows)))


def commands(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """Every command with its path of words, groups too."""
    yield path, command
    if isinstance(command, click.Group):
        ctx = click.Context(command)
        for name in command.list_commands(ctx):
            child = command.get_command(ctx, name)
            assert child is not None
            yield from commands(f"{path} {name}".strip(), child)


COMMANDS = dict(commands("", main))


def command_settings() -> set[str]:
    """Every RELAY_ variable that gives an option of the command its value."""
    variables = (parameter.envvar for command in COMMANDS.values() for parameter in command.params)
    return {name for name in variables if isinstance(name, str) and name.startswith("RELAY_")}


def test_every_setting_is_documented_and_nothing_else_is() -> None:
    assert settings_read() | HOST | IDENTITY | command_settings() == settings_documented()


def test_every_name_of_a_setting_is_known_to_the_check_of_misspelt_ones() -> None:
    assert settings_read() == set(setting_names.OF_THE_RELAY)
    assert command_settings() - settings_read() == set(setting_names.OF_THE_COMMAND)


def test_the_threads_of_the_example_fit_every_limit_of_the_relay() -> None:
    example = json.loads((ROOT / "local.settings.example.json").read_text("utf-8"))
    threads = int(example["Values"][settings.THREADS])
    assert settings.FEWEST_THREADS <= threads
    assert {threads} == {server.THREADS, client.CONNECTIONS, access.CONNECTIONS}


def test_the_example_of_local_settings_names_each_setting_once() -> None:
    names = re.findall(r'^ +"(\w+)":', (ROOT / "local.settings.example.json").read_text("utf-8"), re.MULTILINE)
    assert sorted(set(names)) == sorted(names)


def test_the_example_of_local_settings_names_every_setting_of_the_relay_and_holds_no_secret() -> None:
    example = json.loads((ROOT / "local.settings.example.json").read_text("utf-8"))
    assert example["IsEncrypted"] is False
    assert settings_read() | HOST == set(example["Values"])
    filled = {name: value for name, value in example["Values"].items() if value}
    expected = {
        "FUNCTIONS_WORKER_RUNTIME": "python",
        "PYTHON_THREADPOOL_THREAD_COUNT": "64",
        "AzureWebJobsStorage": "UseDevelopmentStorage=true",
        "RELAY_PUBLIC_URL": "http://127.0.0.1:7071",
    }
    assert expected == filled


def test_every_route_is_documented() -> None:
    source = (ROOT / "function_app.py").read_text("utf-8")
    routes = re.findall(r'@app\.route\("([^"]+)", methods=\["([A-Z]+)"[^\]]*\]', source)
    rows = re.findall(
        r"^\| `([A-Z]+)(?:, HEAD)? /api/(\S+)` \|", (ROOT / "docs" / "operations.md").read_text("utf-8"), re.MULTILINE
    )
    assert {(method, path) for path, method in routes} == set(rows)


def test_the_page_of_the_architecture_lists_the_rooms_in_their_order() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8").partition("## The rooms")[2].partition("\n## ")[0]
    assert [*ROOMS] == re.findall(r"^\| `(?:relay/)?(\w+)(?:\.py|/)` \|", page, re.MULTILINE)


def rows(page: str) -> list[list[str]]:
    """Return the cells of every row of a page's tables."""
    found = re.findall(r"^\| (.*) \|$", (ROOT / "docs" / page).read_text("utf-8"), re.MULTILINE)
    return [[cell.strip() for cell in row.split(" | ")] for row in found]


def test_the_page_of_notifications_has_every_event_with_its_sentence_and_every_field() -> None:
    found = rows("notifications.md")
    sentences = {row[0].strip("`"): row[2] for row in found if len(row) == 3 and row[0].strip("`") in EVENTS}
    assert {name: SENTENCES[name] for name in EVENTS} == sentences
    fields = {row[0].strip("`"): row[1] for row in found if len(row) == 2}
    assert dict(FIELDS).items() <= fields.items()


@by_name
def test_every_policy_of_the_docs_is_one_without_doubts(page: Path) -> None:
    for text in policies(page):
        assert () == warnings(parse.parse(text, kinds()), text)


def test_the_page_of_the_policy_shows_one_and_cases_that_hold() -> None:
    shown, cases = fences(ROOT / "docs" / "policy.md", "toml")
    policy = parse.parse(shown, kinds())
    for case in read_cases(cases):
        assert case.expect == outcome(case, policy, now=1_790_000_000)[0], case.name


@by_written
def test_every_command_of_the_docs_is_one(page: Path) -> None:
    for line in command_lines(page):
        check_command(line)


def test_a_command_that_is_none_would_be_found() -> None:
    for line in ("relay frobnicate", "relay send --colour red", "relay outbox frobnicate"):
        with pytest.raises(AssertionError):
            check_command(line)


def shell_commands(script: str) -> Iterator[str]:
    for line in script.replace("\\\n", " ").splitlines():
        start = re.match(r"\s*(?:[A-Z_]+=\S+ )*(relay [^>|;&]+)", line)
        if start:
            yield start[1]


def check_command(line: str) -> None:
    words = shlex.split(line)[1:]
    path = next((" ".join(words[:n]) for n in (2, 1) if " ".join(words[:n]) in COMMANDS), None)
    assert path is not None, line
    command = COMMANDS[path]
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    options = {word.partition("=")[0] for word in words if word.startswith("-") and word != "-"}
    assert options <= known, line
    family = isinstance(command, click.Group)
    assert not family or line == f"relay {path}", line


def test_the_examples_of_the_help_texts_are_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"RELAY_URL": "https://relay.example", "GITHUB_EVENT_PATH": "event.json"}.items():
        monkeypatch.setenv(name, value)  # as a step of a workflow has them
    found = {path: [*shell_commands(command.epilog)] for path, command in COMMANDS.items() if command.epilog}
    assert {"send", "wait", "verify", "policy explain", "outbox"} <= set(found)
    for path, lines in found.items():
        assert lines
        for line in lines:
            assert line.startswith(f"relay {path}")
            check_command(line)
            check_values(line)


def check_values(line: str) -> None:
    """Raise if the command would not take these values. It is not run."""
    words, command = shlex.split(line)[1:], COMMANDS[""]
    while isinstance(command, click.Group):
        command = COMMANDS[f"{words.pop(0)}" if command is main else f"{command.name} {words.pop(0)}"]
    with command.make_context(command.name, words):
        pass


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_the_page_of_the_workflows_quotes_the_examples(example: Path) -> None:
    assert example.read_text("utf-8") in fences(ROOT / "docs" / "workflows.md", "yaml")


def test_the_readme_says_how_to_run_and_how_to_test() -> None:
    assert ["make run\n", "make test\n"] == fences(ROOT / "README.md", "sh")
