import json
from dataclasses import replace

import pytest

from relay.model.debts import Card, Debt
from relay.model.events import CaseEvent, Notice
from relay.model.values import iso
from tests.cli.fake_outbox import OWED, REFUSED, REQUEST, BrokenOutbox, Outbox, holding
from tests.cli.running import make_edges, run
from tests.support.entra_tokens import NOW

NOTICE = Debt(
    "releases",
    NOW,
    NOW + 60,
    kind="notice",
    status="dead",
    attempts=9,
    last_error="it is down",
    cure="replay it",
    notice=Notice(CaseEvent("run_failure", 7, NOW), "e"),
)


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


def test_all_failed_debts_of_a_store_are_replayed_at_once() -> None:
    held = Outbox(REFUSED, OWED)
    context = make_edges(outbox=lambda: held)
    assert "2 debts replayed\n" == run("outbox", "replay", "--all", "--cause", "it-is-away", context=context).stdout
    assert "it-is-away" == held.asked_for


def test_a_cause_that_no_failed_debt_has_is_a_mistake() -> None:
    result = run("outbox", "replay", "--all", "--cause", "it-is-awya", context=make_edges(outbox=Outbox))
    assert (1, True) == (result.exit_code, "No failed debt has the cause it-is-awya" in result.stderr)


def test_a_notice_is_listed_with_its_event_and_its_channel() -> None:
    told = run("outbox", "list", context=holding(NOTICE)).stdout
    assert "dead, octo/api notice of run_failure in releases" in told
    assert "last error: it is down" in told
    assert "run_failure" == json.loads(run("outbox", "list", "--json", context=holding(NOTICE)).stdout)[0]["event"]
