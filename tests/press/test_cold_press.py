"""A cold press waits for every import: what it loads is counted, and what it does not need is named."""

import json
import subprocess
import sys

import pytest

from bench import tenant
from bench.processes import ROOT, environment, outside

AT_IMPORT = 132  # modules of relay/ that the functions load
AT_PRESS = 172  # those that they and a first press load
BEYOND_AZURE = 22  # other modules that the functions load beyond azure.functions
NEVER = (  # slow packages: each takes longer than most rooms of relay/
    *("pydantic", "jwt", "jinja2", "yaml", "requests", "azure.data", "azure.identity", "difflib"),
    *("cryptography.hazmat.primitives.serialization", "cryptography.hazmat.primitives.ciphers"),
    *("relay.cli", "relay.commands", "relay.dev", "relay.doctor", "relay.formats", "relay.health", "relay.pages"),
    *("relay.serve", "relay.approval.commands", "relay.approval.deciders", "relay.approval.notice_text"),
    *("relay.approval.notify", "relay.approval.token_rules", "relay.chats.notices", "relay.chats.contract.commands"),
    *("relay.chats.contract.outgoing", "relay.github.app", "relay.github.app_key", "relay.github.credential"),
    *("relay.identity.github_oidc", "relay.journal.audit", "relay.journal.search", "relay.model.findings"),
    *("relay.outbox.kinds.card", "relay.outbox.kinds.notice", "relay.outbox.operator", "relay.outbox.timer"),
    *("relay.policy_toml.commands", "relay.policy_toml.notify", "relay.policy_toml.toml_positions"),
    *("relay.policy_toml.warnings", "relay.signed.workflow_inputs", "relay.store.tables.store"),
)
PRESS = """
import json, sys
import azure.functions as func
azure = set(sys.modules)
import function_app
imported = set(sys.modules) - azure
headers, body = json.loads(sys.argv[1])
address = "https://relay.example/api/interactions/messagecard"
given = {"headers": headers, "route_params": {"channel": "messagecard"}, "body": body.encode()}
reply = function_app.interactions(func.HttpRequest("POST", address, **given))
assert reply.headers["Relay-Outcome"] == "released", reply.headers
print(json.dumps([sorted(imported), sorted(set(sys.modules) - azure)]))
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[set[str], set[str]]:
    """The modules that the functions load beyond azure.functions, and those after a first press, which releases."""
    folder = tmp_path_factory.mktemp("cold")
    signer = tenant.create(folder)
    with outside(folder) as github:
        click = tenant.relay_click(signer.token(github))
        done = subprocess.run(
            [sys.executable, "-c", PRESS, json.dumps([dict(click.headers), click.body.decode()])],
            cwd=ROOT,
            env=environment(tenant.environ(github, folder / "relay.db")),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert "" == done.stderr.partition("Traceback")[2]
    imported, pressed = json.loads(done.stdout.splitlines()[-1])
    return set(imported), set(pressed)


def ours(modules: set[str]) -> set[str]:
    return {each for each in modules if each.partition(".")[0] in {"function_app", "relay"}}


def test_a_press_loads_nothing_that_is_for_others(loaded: tuple[set[str], set[str]]) -> None:
    _, pressed = loaded
    assert set() == {each for each in pressed if f"{each}.".startswith(tuple(f"{name}." for name in NEVER))}


def test_each_name_is_of_a_module() -> None:
    known = [name for name in NEVER if name.startswith("relay.")]
    paths = [ROOT.joinpath(*name.split(".")) for name in known]
    assert [] == [path for path in paths if not (path.is_dir() or path.with_suffix(".py").exists())]


def test_a_cold_start_loads_few_modules(loaded: tuple[set[str], set[str]]) -> None:
    imported, pressed = loaded
    assert len(ours(imported)) <= AT_IMPORT
    assert len(ours(pressed)) <= AT_PRESS
    assert len(imported - ours(imported)) <= BEYOND_AZURE
