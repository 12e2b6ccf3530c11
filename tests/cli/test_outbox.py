import json
import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from relay.approval import debts
from relay.cli.context import Context
from relay.errors import Outage, Refusal
from relay.model import Card, Case, Debt, iso
from relay.signed.request import read_form
from relay.store.sqlite.store import SqliteStore
from relay.store.tables.store import TableStore
from tests.cli.running import make_edges, run
from tests.support import stores
from tests.support.entra_tokens import NOW

REQUEST = read_form(
    {"repository": "octo/api", "event_type": "deploy-api", "title": "배포\n"[:2]},
    issued_at=NOW,
    nonce="n" * 22,
    lifetime=86_400,
)
OWED = Debt("deploy-api", NOW, NOW + 60)
REFUSED = replace(OWED, status="refused", attempts=1, last_error="a permission is missing", cure="add Contents: write")


class Outbox:
    """Holds one case and does with its debts what the payer does."""

    def __init__(self, *owing: Debt) -> None:
        self.case = Case(REQUEST, "key", "approved", "release", (), NOW, owing)
        self.asked_for = ""

    def owed(self) -> list[tuple[Case, int]]:
        return [(self.case, index) for index, debt in enumerate(self.case.debts) if debt.status != "delivered"]

    def replay(self, case_id: str, *, card: str = "", anyway: bool = False) -> Case:
        self._need(case_id)
        self.asked_for = card
        return debts.replay(self.case, 0, now=NOW, nonce="n", last=anyway)

    def drop(self, case_id: str, *, card: str = "") -> Case:
        self._need(case_id)
        self.asked_for = card
        return debts.drop(self.case, 0)

    def _need(self, case_id: str) -> None:
        if case_id != REQUEST.id:
            raise Refusal("unknown-request", "nothing in the outbox", message="The outbox has nothing of this id.")


class BrokenOutbox(Outbox):
    def __init__(self, *, permanent: bool) -> None:
        super().__init__()
        self.permanent = permanent

    def owed(self) -> list[tuple[Case, int]]:
        raise Outage("the disk is full", permanent=self.permanent)


def holding(*owing: Debt) -> Context:
    return make_edges(outbox=lambda: Outbox(*owing))


def yes(command: str) -> list[str]:
    return ["--yes"] if command == "drop" else []


def test_what_is_owed_is_listed_with_its_error_and_cure() -> None:
    delivered = replace(OWED, status="delivered")
    result = run("outbox", "list", context=holding(REFUSED, delivered, OWED, replace(OWED, attempts=3)))
    assert 0 == result.exit_code
    assert [
        f"{REQUEST.id}: refused, octo/api deploy-api: 배포",
        "  tried once",
        "  last error of GitHub: a permission is missing",
        "  cure: add Contents: write",
        f"{REQUEST.id}: owed, octo/api deploy-api: 배포",
        f"  not tried yet, next attempt {iso(NOW + 60)}",
        f"{REQUEST.id}: owed, octo/api deploy-api: 배포",
        f"  tried 3 times, next attempt {iso(NOW + 60)}",
    ] == result.stdout.splitlines()


def test_as_json_nothing_is_left_out() -> None:
    (row,) = json.loads(run("outbox", "list", "--json", context=holding(REFUSED)).stdout)
    assert {
        "id": REQUEST.id,
        "title": "배포",
        "repository": "octo/api",
        "kind": "dispatch",
        "event_type": "deploy-api",
        "status": "refused",
        "attempts": 1,
        "next_attempt": None,
        "last_error": "a permission is missing",
        "cure": "add Contents: write",
    } == row


def test_an_empty_outbox_says_so() -> None:
    assert "Nothing is owed.\n" == run("outbox", "list", context=holding()).stdout
    assert [] == json.loads(run("outbox", "list", "--json", context=holding()).stdout)


def test_one_is_shown_replayed_and_dropped() -> None:
    assert "refused" in run("outbox", "show", REQUEST.id, context=holding(REFUSED)).stdout
    assert f"{REQUEST.id}: owed" in run("outbox", "replay", REQUEST.id, context=holding(REFUSED)).stdout
    dropped = run("outbox", "drop", REQUEST.id, "--yes", "--json", context=holding(OWED))
    assert "dead" == json.loads(dropped.stdout)[0]["status"]


@pytest.mark.parametrize("command", ["replay", "drop"])
def test_a_card_is_named_by_its_channel(command: str) -> None:
    card = replace(REFUSED, kind="card", event_type="ops", card=Card("ops"))
    held = Outbox(card)
    result = run("outbox", command, REQUEST.id, *yes(command), "--card", "ops", context=make_edges(outbox=lambda: held))
    assert 0 == result.exit_code
    assert "octo/api card in ops: 배포" in result.stdout
    assert "ops" == held.asked_for


@pytest.mark.parametrize("command", ["show", "replay", "drop"])
def test_an_unknown_id_is_told_with_the_cure(command: str) -> None:
    result = run("outbox", command, "b" * 32, *yes(command), context=holding(OWED))
    assert 1 == result.exit_code
    assert "The outbox has nothing of this id. `relay outbox list` shows what" in result.stderr
    assert 2 == run("outbox", command, "../x", context=holding(OWED)).exit_code


@pytest.mark.parametrize(("permanent", "cure"), [(True, "Look at the settings"), (False, "Try again")])
def test_a_store_that_cannot_be_used_is_told(permanent: bool, cure: str) -> None:
    result = run("outbox", "list", context=make_edges(outbox=lambda: BrokenOutbox(permanent=permanent)))
    assert 1 == result.exit_code
    assert f"The store cannot be used: the disk is full. {cure}" in result.stderr


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
    assert store.write_case(case, to_set=debts.rows_of(case))
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


@pytest.mark.parametrize("stdin", ["", "y\n", "n\n"])
def test_a_drop_without_a_terminal_needs_yes(stdin: str) -> None:
    result = run("outbox", "drop", REQUEST.id, stdin=stdin, context=holding(REFUSED))
    assert (2, "") == (result.exit_code, result.stdout)
    assert "--yes" in result.stderr


@pytest.mark.parametrize(("said", "code"), [("y\n", 0), ("n\n", 1), ("\n", 1)])
def test_a_drop_asks_at_a_terminal(monkeypatch: pytest.MonkeyPatch, said: str, code: int) -> None:
    monkeypatch.setattr("relay.cli.outbox._is_asked", lambda: True)
    result = run("outbox", "drop", REQUEST.id, stdin=said, context=holding(REFUSED))
    assert code == result.exit_code
    assert ("dead" in result.stdout) == (code == 0)
    assert "cannot be replayed" in result.stderr


def test_a_dropped_debt_tells_no_cure() -> None:
    dropped = run("outbox", "drop", REQUEST.id, "--yes", "--json", context=holding(REFUSED))
    assert [("dropped by the operator", None)] == [
        (row["last_error"], row["cure"]) for row in json.loads(dropped.stdout)
    ]
