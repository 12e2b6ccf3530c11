"""The log: each change once, as one JSON object of the list in docs/operations.md."""

import ast
import json
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from relay.journal.events import FIELDS, TRACE, changes, entry
from relay.journal.log import LinesForPeople, write, write_changes
from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.events import CaseEvent, Notice
from tests.support import road
from tests.support.example_policy import POLICY
from tests.support.logged import logged

DAY = 86_400
FORM = {"repository": "octo/api", "event_type": "deploy-api", "environment": "production", "title": "T"}


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture) -> Iterator[road.Road]:
    caplog.set_level(logging.INFO, "relay")
    with road.made(tmp_path, httpx_mock) as made:
        yield made


@pytest.fixture(autouse=True)
def _listed(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    for line in logged(caplog):
        assert set(line) - {"event", TRACE} <= set(FIELDS[line["event"]]), line


def events(caplog: pytest.LogCaptureFixture, *names: str) -> list[tuple[Any, ...]]:
    """Return the event of each line, with the values of some fields."""
    return [(line["event"], *(line.get(name) for name in names)) for line in logged(caplog)]


def asked(here: road.Road, **fields: str) -> tuple[str, str]:
    made = road.said(here.ask(FORM | fields))
    return made["id"], made["ticket"]


def test_every_step_of_a_request_is_logged_once_with_its_case_and_its_person(
    here: road.Road, httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture
) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204)
    case_id, ticket = asked(here)
    here.press("ada", "approve", ticket)
    ada = here.case(case_id).reviews[0].by.id
    assert [
        ("requested", "key", "key:ci"),
        ("reviewed", "approve", ada),
        ("approved", None, ada),
        ("delivered", None, None),
        ("press", "released", ada),
    ] == events(caplog, "outcome", "person")
    named = {(line["request"], line["repository"], line["environment"]) for line in logged(caplog)}
    assert {(case_id, "octo/api", "production")} == named
    assert [{"channel": "messagecard"}] == logged(caplog, "channel")[-1:]
    assert isinstance(logged(caplog)[-1]["ms"], int)


def test_a_person_who_may_not_decide_is_named_in_the_log(here: road.Road, caplog: pytest.LogCaptureFixture) -> None:
    _, ticket = asked(here)
    here.press("lin", "approve", ticket)
    line = logged(caplog)[-1]
    assert ("press", "not-allowed") == (line["event"], line["outcome"])
    assert line["person"].startswith("entra:")


def test_a_cancelled_request_tells_the_key_and_the_time(here: road.Road, caplog: pytest.LogCaptureFixture) -> None:
    case_id, _ = asked(here)
    said = road.said(here.cancel(case_id, road.OPERATOR_KEY))
    assert ("cancelled", "key:ops") == events(caplog, "person")[-1]
    assert ("key:ops", True) == (said["cancelled_by"], said["cancelled_at"].endswith("Z"))
    here.cancel(case_id, road.OPERATOR_KEY)
    assert 1 == events(caplog).count(("cancelled",))


def test_a_request_that_expires_is_logged_once(here: road.Road, caplog: pytest.LogCaptureFixture) -> None:
    asked(here)
    here.ahead = 31 * DAY
    here.round()
    here.round()
    assert 1 == events(caplog).count(("expired",))


def test_a_superseded_request_names_the_newer_one(
    tmp_path: Path, httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "relay")
    policy = POLICY.replace("[[rule]]\n", "[[rule]]\nsupersede = true\n", 1)
    with road.made(tmp_path, httpx_mock, RELAY_POLICY=policy) as here:
        older, _ = asked(here)
        newer, _ = asked(here, title="Newer")
    found = [(line["request"], line["outcome"]) for line in logged(caplog) if line["event"] == "superseded"]
    assert [(older, newer)] == found


@pytest.mark.parametrize(("status", "first"), [(500, "undelivered"), (404, "refused"), (403, "refused")])
def test_a_death_and_a_refusal_are_errors_and_a_try_that_is_repeated_is_a_warning(
    here: road.Road, httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture, status: int, first: str
) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=status, json={}, is_reusable=True)
    case_id, ticket = asked(here)
    here.press("ada", "approve", ticket)
    levels = {json.loads(record.getMessage())["event"]: record.levelno for record in caplog.records}
    assert (logging.WARNING if status == 500 else logging.ERROR) == levels[first]
    here.ahead = 25 * 3_600
    here.round()
    if status == 500:
        dead = [record for record in caplog.records if json.loads(record.getMessage())["event"] == "dead"]
        assert [logging.ERROR] == [record.levelno for record in dead]
        assert {"attempts", "reason", "cure"} <= set(json.loads(dead[0].getMessage()))
        assert "dead" == here.case(case_id).debts[0].status


@pytest.mark.parametrize("move", ["drop", "replay"])
def test_a_debt_that_the_operator_moves_is_logged_with_the_operator(
    here: road.Road, httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture, move: str
) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=404, json={})
    case_id, ticket = asked(here)
    here.press("ada", "approve", ticket)
    outbox = here.world.outbox("command:lin")
    getattr(outbox, move)(case_id)
    event = {"drop": "dropped", "replay": "replayed"}[move]
    assert (event, case_id, "command:lin") == events(caplog, "request", "person")[-1]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ({"status": "delivered", "attempts": 1}, [("notified", logging.INFO, "delivered")]),
        ({"status": "refused", "attempts": 1}, [("notified", logging.ERROR, "refused")]),
        ({"status": "dead", "attempts": 9}, [("notified", logging.ERROR, "dead")]),
        ({"status": "dead", "row": ""}, []),
        ({"status": "cancelled"}, []),
        ({"attempts": 0}, []),
    ],
)
def test_a_notice_is_logged_once_it_is_told_or_given_up(
    after: dict[str, Any], expected: list[tuple[str, int, str]]
) -> None:
    owed = Debt("events", 5, 5.0, kind="notice", row="n", notice=Notice(CaseEvent("requested", 1, 5), "e"))
    case = Case(road.offline(), "key", version=1, debts=(owed,))
    found = changes(case, replace(case, debts=(replace(owed, **after),)))
    assert expected == [(each.event, each.level, each.fields["outcome"]) for each in found]


def test_the_page_of_operations_lists_every_event_with_its_fields() -> None:
    page = (road.ROOT / "docs" / "operations.md").read_text("utf-8").partition("## Logs")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([^|]*) \|$", page, re.MULTILINE)
    assert {event: set(fields) for event, fields in FIELDS.items()} == {
        event: set(re.findall(r"`(\w+)`", fields.replace("*case*", "`request` `repository` `environment`")))
        for event, fields in rows
    }


def test_nothing_else_writes_to_the_log_of_the_relay() -> None:
    writers = {
        path.relative_to(road.ROOT).as_posix()
        for path in road.ROOT.joinpath("relay").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Call) and ast.unparse(node).startswith("logging.getLogger('relay")
    }
    assert {"relay/journal/log.py"} == writers


@pytest.mark.parametrize(
    ("environment", "shown"), [("prod", "prod"), ("pro duction", '"pro duction"'), ('a"\x1b[1m', '"a\\"\\u001b[1m"')]
)
def test_people_read_lines_with_their_date(caplog: pytest.LogCaptureFixture, environment: str, shown: str) -> None:
    caplog.set_level(logging.INFO, "relay")
    write("expired", {"request": "a", "repository": "octo/api", "environment": environment})
    line = LinesForPeople().format(caplog.records[0])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d INFO .*", line)
    assert f"expired request=a repository=octo/api environment={shown}" == line.partition("INFO ")[2]


def test_an_empty_field_is_left_out() -> None:
    assert {"event": "expired", "request": "a"} == json.loads(
        str(entry("expired", {"request": "a", "environment": ""}))
    )


def test_the_words_of_github_stay_in_the_outbox_and_out_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    owed = Debt("deploy-api", 1, 1.0, row="n.0")
    before = Case(road.offline(), "key", "approved", debts=(owed,), version=1)
    refused = replace(
        owed, status="refused", attempts=1, last_error="it is invalid", cure="GitHub says: canary. Mend it"
    )
    with caplog.at_level(logging.INFO, "relay"):
        write_changes(before, replace(before, debts=(refused,), version=2))
    (line,) = logged(caplog)
    assert "GitHub gave a reason: `relay outbox show` has it" == line["cure"]
