"""The arrows of the layout: imports point inward, to core."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SPINE = {"cases", "succession", "pipeline", "intake", "asked", "askers", "payer", "order", "rounds", "outbox"} | {
    "plain", "plain_form", "forms", "replies", "cards", "places", "standing", "review"
}  # fmt: skip
EDGE = {"core", "channels", "adapters", "settings", *SPINE}
ARROWS = {  # each part of the relay, and the parts it may import; nobody else may import cli or simulator
    "core": {"core"},
    "channels": {"core", "channels"},
    "adapters": {"core", "adapters"},
    "pages": {"core", "pages"},
    "settings": {"core"},
    "simulator": {"core", "channels", "simulator"},
    "cli": {"core", "channels", "wiring", "settings", "cli"},
    "chats": EDGE,
    "wiring": {*EDGE, "chats"},
    "health": {*EDGE, "wiring"},
    "triggers": {*EDGE, "wiring", "health", "pages"},
    "function_app": {"triggers"},
    "__main__": {"cli"},
    "__init__": set(),
} | {part: {"core", *SPINE} for part in SPINE}
ARROWS["review"] = {"core", "pages", *SPINE}
ARROWS["intake"] = {"core", "channels", *SPINE}  # what is asked must fit a card
DRAWING = {f"relay.channels.{name}" for name in ("lints", "mails", "adaptive.body", "adaptive.sender")} | {
    f"relay.channels.{name}" for name in ("messagecard.card", "outlook.card", "outlook.mail", "workflows.card")
}  # all of the channels cli may use
DEV = "relay.cli.dev"  # it may use the simulator, and so may a module that nobody else uses
IMPURE = {"os", "sys", "io", "pathlib", "time", "random", "secrets", "logging", "socket", "ssl", "http", "sqlite3"} | {
    "urllib.request", "subprocess", "threading", "asyncio", "tempfile", "pydantic", "click", "httpx", "azure", "jinja2"
}  # fmt: skip


def imported(path: Path) -> set[str]:
    """Return every module that a file imports anywhere; of `from package import name` the longest that is a module."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            found.update(name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            found.update(longest(str(node.module), name.name) for name in node.names)
    return found


def longest(module: str, name: str) -> str:
    inner = ROOT.joinpath(*module.split("."), name)
    return f"{module}.{name}" if inner.with_suffix(".py").exists() or (inner / "__init__.py").exists() else module


FILES = {
    path.relative_to(ROOT).with_suffix("").as_posix().replace("/", "."): imported(path)
    for path in [*sorted(ROOT.joinpath("relay").rglob("*.py")), ROOT / "function_app.py"]
}


def part(module: str) -> str:
    return module.removeprefix("relay.").partition(".")[0]


@pytest.mark.parametrize("module", FILES)
def test_imports_point_inward(module: str) -> None:
    users = {name for name, modules in FILES.items() if module in modules}
    allowed = ARROWS[part(module)] | ({"simulator"} if module == DEV or users == {DEV} else set())
    parts = {part(name) for name in FILES[module] if name.startswith("relay.")}
    assert parts - allowed == set()
    if part(module) == "cli":
        assert {name for name in FILES[module] if name.startswith("relay.channels.")} - DRAWING == set()


@pytest.mark.parametrize("module", [name for name in FILES if part(name) in {"core", "channels"}])
def test_what_is_pure_has_no_clock_environment_network_or_log(module: str) -> None:
    packages = {".".join(name.split(".")[:depth]) for name in FILES[module] for depth in (1, 2)}
    assert packages & IMPURE == set()
    calls = {node.attr for node in ast.walk(source(module)) if isinstance(node, ast.Attribute)}
    assert calls & {"now", "utcnow", "today", "urandom", "generate", "generate_private_key", "open"} == set()


def source(module: str) -> ast.Module:
    return ast.parse(ROOT.joinpath(*module.split(".")).with_suffix(".py").read_bytes())
