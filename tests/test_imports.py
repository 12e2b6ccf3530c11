"""The rooms of relay/ as floors: an import points down this list, never up, never in a circle."""

import ast
from pathlib import Path

import pytest

from relay.chats.table import MODULES

ROOT = Path(__file__).parent.parent
ROOMS = (  # in the order of the road, from the entrances down to the nouns (docs/architecture.md)
    *(
        "function_app",
        "azure_functions",
        "dev",
        "__main__",
        "cli",
        "serve",
        "doctor",
        "health",
        "app",
        "pages",
        "press",
        "api",
        "commands",
    ),
    *(
        "outbox",
        "settings",
        "chats",
        "policy_toml",
        "store",
        "approval",
        "formats",
        "identity",
        "github",
        "signed",
        "net",
    ),
    *("journal", "hosting", "model", "errors", "__init__"),
)
DOES_IO = {  # everything else is pure: no clock, environment, network, randomness or log
    *("health", "chats.posting", "chats.teams.token"),
    *("app", "app.environment", "app.pages", "app.running", "app.sign_in", "app.stores", "app.wiring"),
    *("api.json_replies", "api.plain", "github.app", "github.bodies", "github.credential", "identity.key_sets"),
    *("doctor.github.asking", "doctor.inside.make", "doctor.once", "doctor.outside.proofs", "doctor.route"),
    *(
        "journal.events",
        "journal.log",
        "journal.metrics",
        "journal.message_log",
        "journal.presses",
        "net.client",
        "net.connection",
    ),
    *("outbox.alarm", "outbox.pay"),
    *("identity.managed_identity", "pages.sign_in.road", "pages.operator.answering"),
    *("outbox.expiry", "pages.frame", "pages.review", "store.sqlite.rows"),
    *(
        "store.sqlite.audit",
        "store.sqlite.claims",
        "store.sqlite.file",
        "store.sqlite.groups",
        "store.sqlite.messages",
        "store.sqlite.schema",
        "store.sqlite.store",
        "store.sqlite.writer",
    ),
    *("store.tables.access", "store.tables.cases"),
    *("store.tables.claims", "store.tables.client", "store.tables.due", "store.tables.layout"),
    "store.tables.store",
}
IO_ROOMS = {"azure_functions", "cli", "dev", "serve", "function_app"}
IMPURE = {"os", "sys", "io", "pathlib", "time", "random", "secrets", "logging", "socket", "ssl", "http", "sqlite3"} | {
    "urllib.request", "subprocess", "threading", "asyncio", "tempfile", "pydantic", "click", "httpx", "azure", "jinja2"
}  # fmt: skip
IMPURE_CALLS = {"now", "utcnow", "today", "urandom", "generate", "generate_private_key", "open"}


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
    path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__"): path
    for path in [*sorted(ROOT.joinpath("relay").rglob("*.py")), ROOT / "function_app.py"]
}
IMPORTS = {module: imported(path) for module, path in FILES.items()}
ARROWS = {(user, used) for user, modules in IMPORTS.items() for used in modules if used in FILES}


def room(module: str) -> str:
    return "__init__" if module == "relay" else module.removeprefix("relay.").partition(".")[0]


def chat(module: str) -> str:
    parts = module.split(".")
    return parts[2] if parts[:2] == ["relay", "chats"] and len(parts) > 2 and parts[2] in MODULES else ""


def points_down(user: str, used: str) -> bool:
    return ROOMS.index(room(user)) <= ROOMS.index(room(used)) and (
        not chat(used) or chat(used) == chat(user) or room(user) == "dev"
    )


def test_imports_point_down() -> None:
    assert {arrow for arrow in ARROWS if not points_down(*arrow)} == set()


def test_no_import_closes_a_circle() -> None:
    below: dict[str, set[str]] = {module: {used for user, used in ARROWS if user == module} for module in FILES}
    while leaves := [module for module, used in below.items() if not used]:
        for leaf in leaves:
            del below[leaf]
        for used in below.values():
            used.difference_update(leaves)
    assert below == {}


@pytest.mark.parametrize("module", FILES)
def test_only_named_files_use_clock_environment_network_randomness_or_log(module: str) -> None:
    packages = {".".join(name.split(".")[:depth]) for name in IMPORTS[module] for depth in (1, 2)}
    nodes = ast.walk(ast.parse(FILES[module].read_bytes()))
    calls = {node.func.attr for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)}
    impure = bool(packages & IMPURE or calls & IMPURE_CALLS)
    assert impure == (module.removeprefix("relay.") in DOES_IO) or room(module) in IO_ROOMS
