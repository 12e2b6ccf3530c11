"""The queries of alerts, of the workbook and of the docs: each event and field that they name is one of the log."""

import re

import pytest

from relay.journal.events import FIELDS
from tests.infra.bicep.check import sources
from tests.test_docs import PAGES, fences

TABLES = {
    "AppTraces",
    "AppAvailabilityResults",
}  # of the workspace: https://learn.microsoft.com/azure/azure-monitor/reference/tables-index
FUNCTIONS = {"parse_json", "count", "bin", "tostring", "toreal", "toint", "percentile", "sum", "isnotempty", "ago"}
LINES = re.search(r"^var lines = '(.+)'$", sources()["signals.bicep"], re.MULTILINE)
assert LINES is not None
OF_BICEP = [
    each.replace("${lines}", LINES[1])
    for each in re.findall(r"^    query: '(.+)'$", sources()["signals.bicep"], re.MULTILINE)
]
OF_DOCS = [query for page in PAGES for query in fences(page, "kusto")]


@pytest.mark.parametrize("query", [*OF_BICEP, *OF_DOCS])
def test_a_query_names_tables_events_and_fields_that_there_are(query: str) -> None:
    table = re.match(r"\w+", query.strip())
    assert table is not None
    assert table[0] in TABLES
    assert set(re.findall(r"\b([a-z_]+)\(", query)) - {"in"} <= FUNCTIONS
    if table[0] != "AppTraces":
        return
    assert "line = parse_json(Message)" in query
    named = set(re.findall(r"\bline\.(\w+)", query)) - {"event"}
    events = {event for found in re.findall(r"line\.event (?:==|in) (\(?[^|)]+\)?)", query) for event in texts(found)}
    assert events <= set(FIELDS), "an event that nothing writes"
    written = {field for event, fields in FIELDS.items() if not events or event in events for field in fields}
    assert named <= written, "a field that none of these events has"


def texts(part: str) -> list[str]:
    return re.findall(r'"([a-z_]+)"', part.partition(" and ")[0].partition(" or ")[0])


def test_alerts_tell_what_was_not_released_a_timer_that_stopped_and_a_relay_that_fails() -> None:
    names = re.findall(r"^    name: '([a-z-]+)'$", sources()["signals.bicep"], re.MULTILINE)
    assert ["undelivered", "no-round", "failing", "unhealthy"] == names
    assert len(OF_BICEP) == len(names) + len(re.findall(r"^    title: '", sources()["signals.bicep"], re.MULTILINE))
    assert OF_DOCS


@pytest.mark.parametrize("outcome", ["busy", "failed"])
def test_an_outcome_that_an_alert_looks_for_is_one_that_the_relay_writes(outcome: str) -> None:
    from tests.support.road import ROOT  # noqa: PLC0415 - of this test alone

    source = "".join(path.read_text("utf-8") for path in ROOT.joinpath("relay").rglob("*.py"))
    assert f'"outcome": "{outcome}"' in source
