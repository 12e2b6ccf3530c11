import json
import sys
from dataclasses import replace
from types import ModuleType, SimpleNamespace

import pytest

from relay.approval import debts
from relay.cli.context import Context
from relay.errors import Outage, Refusal
from relay.model import Card, Case, Debt, iso
from relay.settings import SettingsError
from relay.signed.request import read_form
from tests.cli.running import make_edges, run
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


def test_what_is_owed_is_listed_with_its_error_and_cure() -> None:
    delivered = replace(OWED, status="delivered")
    result = run("outbox", "list", context=holding(REFUSED, delivered, OWED, replace(OWED, attempts=3)))
    assert 0 == result.exit_code
    assert [
        f"{REQUEST.id}: refused, octo/api deploy-api: 배포",
        "  tried once",
        "  last error: a permission is missing",
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
    dropped = run("outbox", "drop", REQUEST.id, "--json", context=holding(OWED))
    assert "dead" == json.loads(dropped.stdout)[0]["status"]


@pytest.mark.parametrize("command", ["replay", "drop"])
def test_a_card_is_named_by_its_channel(command: str) -> None:
    card = replace(REFUSED, kind="card", event_type="ops", card=Card("ops"))
    held = Outbox(card)
    result = run("outbox", command, REQUEST.id, "--card", "ops", context=make_edges(outbox=lambda: held))
    assert 0 == result.exit_code
    assert "octo/api card in ops: 배포" in result.stdout
    assert "ops" == held.asked_for


@pytest.mark.parametrize("command", ["show", "replay", "drop"])
def test_an_unknown_id_is_told_with_the_cure(command: str) -> None:
    result = run("outbox", command, "b" * 32, context=holding(OWED))
    assert 1 == result.exit_code
    assert "The outbox has nothing of this id. `relay outbox list` shows what" in result.stderr
    assert 2 == run("outbox", command, "../x", context=holding(OWED)).exit_code


@pytest.mark.parametrize(("permanent", "cure"), [(True, "Look at the settings"), (False, "Try again")])
def test_a_store_that_cannot_be_used_is_told(permanent: bool, cure: str) -> None:
    result = run("outbox", "list", context=make_edges(outbox=lambda: BrokenOutbox(permanent=permanent)))
    assert 1 == result.exit_code
    assert f"The store cannot be used: the disk is full. {cure}" in result.stderr


def _wiring(monkeypatch: pytest.MonkeyPatch, world: object) -> None:
    module = ModuleType("relay.app")
    monkeypatch.setattr(module, "relay", world, raising=False)
    monkeypatch.setitem(sys.modules, "relay.app", module)


def test_it_works_on_the_payer_of_the_relay(monkeypatch: pytest.MonkeyPatch) -> None:
    _wiring(monkeypatch, lambda: SimpleNamespace(outbox=lambda: Outbox(OWED)))
    assert REQUEST.id in run("outbox", "list", context=Context()).stdout


def test_wrong_settings_are_told_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def world() -> None:
        raise SettingsError({"RELAY_TICKET_KEYS": "is required", "RELAY_POLICY": "names a file that cannot be read"})

    _wiring(monkeypatch, world)
    result = run("outbox", "list", context=Context())
    assert 1 == result.exit_code
    assert "RELAY_TICKET_KEYS is required\nRELAY_POLICY names a file" in result.stderr
