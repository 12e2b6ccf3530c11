"""`relay outbox` and its store: which one it is, and that no command makes one."""

import json
import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from relay.approval import wake_ups
from relay.cli.context import Context
from relay.errors import Outage
from relay.journal.search import Search
from relay.model.case import Case
from relay.store.sqlite.store import SqliteStore
from relay.store.tables.store import TableStore
from tests.cli.fake_outbox import REFUSED, REQUEST
from tests.cli.running import run
from tests.support import stores
from tests.support.entra_tokens import NOW


def here(monkeypatch: pytest.MonkeyPatch, folder: Path) -> pytest.MonkeyPatch:
    """Change to a folder, without any setting of the relay."""
    monkeypatch.chdir(folder)
    for name in [name for name in os.environ if name.startswith(("RELAY_", "AzureWebJobsStorage"))]:
        monkeypatch.delenv(name)
    return monkeypatch


def owing_in(path: Path) -> None:
    """Make a store with one refused dispatch."""
    store = SqliteStore(str(path), lambda: float(NOW))
    case = Case(REQUEST, "key", "approved", "release", (), NOW, (replace(REFUSED, row="n.0"),), version=1)
    assert store.write_case(case, to_set=wake_ups.rows_of(case))
    store.close()


@pytest.mark.parametrize("command", ["list", "show", "replay", "drop"])
@pytest.mark.parametrize("store", ["", "sqlite:///there/relay.db", "sqlite:////nope/x/relay.db"])
def test_a_command_makes_no_store_and_tells_which_one_is_not_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str, store: str
) -> None:
    here(monkeypatch, tmp_path)
    arguments = [] if command == "list" else [REQUEST.id, *(["--yes"] if command == "drop" else [])]
    result = run("outbox", command, *arguments, env={"RELAY_STORE": store}, context=Context())
    path = str(tmp_path / ".relay/relay.db") if not store else store.removeprefix("sqlite:///")
    path = path if path.startswith("/") else str(tmp_path / path)
    assert (1, "") == (result.exit_code, result.stdout)
    assert f"Store: {path}" in result.stderr
    assert f"there is no store at {path}" in result.stderr
    assert [] == list(tmp_path.iterdir())


def test_the_store_is_found_by_local_settings_json_as_relay_dev_finds_it_and_no_other_setting_is_needed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    here(monkeypatch, tmp_path)
    owing_in(tmp_path / "of-the-file.db")
    values = {"RELAY_STORE": "sqlite:///of-the-file.db", "RELAY_TICKET_KEYS": "not a key"}
    (tmp_path / "local.settings.json").write_text(json.dumps({"Values": values}))
    result = run("outbox", "list", context=Context())
    assert (0, True) == (result.exit_code, REQUEST.id in result.stdout)
    assert f"Store: {tmp_path}/of-the-file.db\n" == result.stderr
    owing_in(tmp_path / "of-the-environment.db")
    result = run("outbox", "list", env={"RELAY_STORE": "sqlite:///of-the-environment.db"}, context=Context())
    assert f"Store: {tmp_path}/of-the-environment.db\n" == result.stderr


def test_wrong_settings_of_the_store_are_told_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    here(monkeypatch, tmp_path)
    for store, told in (
        ("postgres://x", "RELAY_STORE must be tables or sqlite:///PATH"),
        ("tables", "AzureWebJobsStorage"),
        ("@Microsoft.KeyVault(SecretUri=https://v/x)", "RELAY_STORE is a Key Vault reference"),
    ):
        result = run("outbox", "list", env={"RELAY_STORE": store}, context=Context())
        assert 1 == result.exit_code
        assert told in result.stderr


def test_tables_that_are_not_there_are_not_made() -> None:
    storage = stores.new_tables()
    store = TableStore(storage, lambda: float(NOW), create=False)
    with pytest.raises(Outage, match="there is no store of this RELAY_TABLE_PREFIX"):
        store.rows()
    with closing(TableStore(storage, lambda: float(NOW))) as made:
        assert [] == made.rows()
    assert [] == store.rows()
    store.close()


def test_a_drop_in_a_store_is_a_message_of_its_operator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    here(monkeypatch, tmp_path)
    owing_in(tmp_path / "relay.db")
    env = {"RELAY_STORE": f"sqlite:///{tmp_path}/relay.db"}
    assert 0 == run("outbox", "drop", REQUEST.id, "--yes", env=env, context=Context()).exit_code
    with closing(SqliteStore(str(tmp_path / "relay.db"), lambda: float(NOW))) as store:
        (message,) = store.messages(Search(request=REQUEST.id), 10)
    assert ("in", "command", "drop", "dropped") == (message.direction, message.channel, message.what, message.outcome)
    assert message.person.startswith("command:")
