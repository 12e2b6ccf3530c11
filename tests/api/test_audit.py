"""GET /api/audit: cases that are still here and lines of cases that are gone, in one signed chain."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from azure.functions import HttpRequest
from pytest_httpx import HTTPXMock

from relay.api.audit import read_time
from relay.azure_functions import operators
from relay.errors import Refusal
from relay.model.values import iso
from relay.signed.audit_chain import verify
from tests.support import road, this_process
from tests.support.road import ORIGIN, Road

DAY = 86_400


def export(here: Road, **query: str) -> list[dict[str, Any]]:
    reply = here.world.pages().audit_trail().export(query)
    assert ("no-store", 200) == (reply.headers["Cache-Control"], reply.status)
    text = reply.body.decode()
    assert len(text.splitlines()) - 1 == verify(text, here.world.key_set, issuer=ORIGIN)["count"]
    return [json.loads(line) for line in text.splitlines()[:-1]]


def test_an_approval_is_in_it_before_and_after_its_case_is_removed(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204)
    with road.made(tmp_path, httpx_mock, RELAY_KEEP_DAYS="1", RELAY_KEEP_AUDIT_DAYS="9") as here:
        form = {"repository": "octo/api", "event_type": "deploy-api", "title": "T", "environment": "production"}
        here.ask(form)
        assert [] == export(here), "a pending request has no line yet"
        here.press("ada", "approve", road.ticket(road.offline()))
        (before,) = export(here)
        assert ("approved", "ada", "delivered") == (
            before["status"],
            before["reviews"][0]["key"],
            before["dispatches"][0]["status"],
        )
        here.ahead = 3 * DAY
        here.round()
        assert 1 == here.recorded()["cases"], "the pending one has expired and is kept a day"
        assert [before] == export(here)
        assert [] == export(here, until=iso(here.now() - 30 * DAY))
        assert before == export(here, since=iso(here.now() - 4 * DAY)[:10])[0]


class Removing:
    """A store whose cases are removed after the first read of an export, as the timer may do at any moment."""

    def __init__(self, here: Road) -> None:
        self._here = here

    def audit(self, since: float, until: float) -> Any:
        found = self._here.world.store.audit(since, until)
        self._here.round()
        return found

    def cases(self) -> Any:
        found = [*self._here.world.store.cases()]
        self._here.round()
        return found


def test_a_case_that_is_removed_during_an_export_is_in_it(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204)
    with road.made(tmp_path, httpx_mock, RELAY_KEEP_DAYS="1") as here:
        here.press("ada", "approve", road.ticket(road.offline()))
        here.ahead = 3 * DAY
        removing: Any = Removing(here)
        text = replace(here.world.pages().audit_trail(), store=removing).export({}).body.decode()
        assert 0 == here.recorded()["cases"]
    assert 1 == verify(text, here.world.key_set, issuer=ORIGIN)["count"]


def test_a_line_goes_after_its_days_though_no_case_goes_then(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204, is_reusable=True)
    with road.made(tmp_path, httpx_mock, RELAY_KEEP_DAYS="1", RELAY_KEEP_AUDIT_DAYS="12") as here:
        here.press("ada", "approve", road.ticket(road.offline()))
        kept = list[int]()
        for here.ahead in (3 * DAY, 11 * DAY, 14 * DAY):
            here.round()
            kept.append(len(here.world.store.audit(0, here.now())))
    assert [1, 1, 0] == kept


@pytest.mark.parametrize(
    ("text", "last", "seconds"),
    [
        ("2026-09-21", False, 1_789_948_800),
        ("2026-09-21", True, 1_789_948_800 + DAY - 1),
        ("2026-09-21T16:53:20Z", True, 1_790_009_600),
        ("2026-09-21T16:53:20", False, 1_790_009_600),
        ("2026-09-21T18:53:20+02:00", False, 1_790_009_600),
        ("", False, 7),
    ],
)
def test_a_date_is_its_whole_day_and_a_time_is_a_time(text: str, last: bool, seconds: int) -> None:
    assert seconds == read_time("since", text, 7.0, last=last)


@pytest.mark.parametrize(
    "text",
    ["yesterday", "2026-13-01", "1790009600", "21.09.2026", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-01:00"],
)
def test_what_is_no_date_is_refused_with_its_field(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_time("until", text, 0.0, last=True)
    assert ("malformed", "until") == (refused.value.code, refused.value.field)


@pytest.mark.parametrize(
    ("key", "query", "status"),
    [
        (road.OPERATOR_KEY, {}, 200),
        (road.OPERATOR_KEY, {"since": "x"}, 400),
        (road.OPERATOR_KEY, {"since": "2026-02-01", "until": "2026-01-31"}, 400),
        (road.OPERATOR_KEY, {"since": "2026-01-31", "until": "2026-01-31"}, 200),
        (road.OPERATOR_KEY, {"since": "9999-01-01"}, 400),
        (road.API_KEY, {}, 403),
        ("wrong", {}, 401),
        ("", {}, 401),
    ],
)
def test_operators_alone_may_export(
    key: str, query: dict[str, str], status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with this_process.set_up(tmp_path, monkeypatch):
        headers = {"x-relay-key": key} if key else {}
        answer = operators.export_audit(HttpRequest("GET", "/api/audit", headers=headers, params=query, body=b""))
    assert status == answer.status_code
