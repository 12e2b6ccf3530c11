"""The names of the chats: nothing outside chats/ and dev/ depends on one, and a press loads its own chat alone."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from relay.chats.table import MODULES, pressed
from tests.support import road

ALLOWED = {  # by module: why it may know a chat by its name
    "relay.approval.deciders": "a person's ids are named after the platforms that give them",
    "relay.outbox.try_records": "messages have a name of their own for hooks",
    "relay.pages.operator.english": "a webhook of GitHub is a message too",
    "relay.pages.operator.korean": "as above",
    "relay.cli.action.run": "an input of the Action has the name of a channel's kind",
}
PRESSED = [*pressed()]
PRESS = """
import json, sys, time
from dataclasses import replace
from importlib import import_module
from types import SimpleNamespace
from relay.app import build, read_all
from tests.support import road
from tests.support.entra_tokens import KID, PUBLIC

name, environ = sys.argv[1], json.loads(sys.argv[2])
made = import_module(f"tests.chats.{name}.genuine")
here = build(*read_all(environ | made.ENVIRON))
keys = SimpleNamespace(keys=lambda *given, **named: {KID: PUBLIC})
press = made.genuine(road.ticket(road.offline()), int(time.time()))
reply = replace(here.presses, key_sets=keys).answer(here.channels[name], press)
assert (reply.status, reply.headers["Relay-Outcome"]) == (200, "approved-retrying"), reply
print(json.dumps(sorted(each for each in sys.modules if each.startswith("relay.chats."))))
"""


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Yield every module of relay/ that is neither of the chats nor of the development server."""
    for path in sorted(road.ROOT.joinpath("relay").rglob("*.py")):
        module = path.relative_to(road.ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
        if not module.startswith(("relay.chats.", "relay.dev.")):
            yield module, ast.parse(path.read_bytes())


def named(tree: ast.Module) -> Iterator[str]:
    """Yield each chat whose folder is imported, or whose name is compared with, matched, or the key of a dict."""
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module)):
                yield from folder(module)
                yield from (each for alias in node.names for each in folder(f"{module}.{alias.name}"))
            case ast.Import(names=names):
                yield from (each for alias in names for each in folder(alias.name))
            case ast.Compare(left=left, comparators=others):
                yield from constants(left, *others)
            case ast.Dict(keys=keys):
                yield from constants(*filter(None, keys))
            case ast.MatchValue(value=value):
                yield from constants(value)
            case _:
                pass


def folder(module: str) -> list[str]:
    return [name for name in MODULES if f"{module}.".startswith(f"relay.chats.{name}.")]


def constants(*nodes: ast.expr) -> Iterator[str]:
    """Yield the chats' names among constants, and among those of a tuple, list or set."""
    for node in nodes:
        match node:
            case ast.Constant(value=str(value)) if value in MODULES:
                yield value
            case ast.Tuple(elts=elements) | ast.List(elts=elements) | ast.Set(elts=elements):
                yield from constants(*elements)
            case _:
                pass


def test_nothing_outside_the_chats_knows_a_chat_by_its_name() -> None:
    assert {} == {module: found for module, tree in modules() if module not in ALLOWED if (found := [*named(tree)])}


def test_each_exception_is_needed() -> None:
    assert set(ALLOWED) == {module for module, tree in modules() if module in ALLOWED and [*named(tree)]}


@pytest.mark.parametrize(
    "source",
    [
        "from relay.chats.teams import card",
        "from relay.chats import teams",
        "import relay.chats.teams.card",
        "x == 'teams'",
        "x in ('a', 'teams')",
        "{'teams': 1}",
        "match x:\n    case 'a' | 'teams':\n        pass",
    ],
)
def test_a_name_is_found_in_each_form(source: str) -> None:
    assert "teams" in named(ast.parse(source))


@pytest.mark.parametrize("name", PRESSED)
def test_a_press_loads_nothing_of_another_chat_but_its_own_module(name: str, tmp_path: Path) -> None:
    environ = road.environ(tmp_path, RELAY_GITHUB_API_URL="http://127.0.0.1:9")
    done = subprocess.run(
        [sys.executable, "-c", PRESS, name, json.dumps(environ)],
        cwd=road.ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "" == done.stderr.partition("Traceback")[2]
    loaded = [each.removeprefix("relay.chats.").split(".") for each in json.loads(done.stdout)]
    others = {tuple(each) for each in loaded if each[0] in MODULES and each[0] != name}
    assert others == {(other, *rest) for other in MODULES if other != name for rest in ((), ("chat",))}
