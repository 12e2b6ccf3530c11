"""GET /api/metrics, read by the parser of Prometheus."""

import re
from pathlib import Path
from typing import Any

import pytest
from azure.functions import HttpRequest
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from pytest_httpx import HTTPXMock

from relay.azure_functions import operators
from relay.journal import metrics
from relay.model.delivery import Delivery
from tests.support import road, this_process
from tests.support.road import Road


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> metrics.Metrics:
    made = metrics.Metrics()
    monkeypatch.setattr(metrics, "METRICS", made)
    monkeypatch.setattr("relay.api.metrics.METRICS", made)
    return made


def read(body: bytes) -> list[Metric]:
    parse: Any = text_string_to_metric_families  # without types
    return list(parse(body.decode()))


def scraped(here: Road, **headers: str) -> dict[tuple[str, ...], float]:
    """Return each sample by its name and the values of its labels."""
    given = headers or {"x-relay-key": road.OPERATOR_KEY}
    reply = here.world.pages().operator_files().metrics(Delivery("", given, b"", here.now()))
    assert 200 == reply.status
    assert "application/openmetrics-text; version=1.0.0; charset=utf-8" == reply.headers["Content-Type"]
    return {(each.name, *each.labels.values()): each.value for family in read(reply.body) for each in family.samples}


def test_a_release_is_counted_from_its_request_to_its_dispatch(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204)
    with road.made(tmp_path, httpx_mock) as here:
        form = {"repository": "octo/api", "event_type": "deploy-api", "title": "T", "environment": "production"}
        here.press("lin", "approve", road.said(here.ask(form))["ticket"])
        here.press("ada", "approve", road.said(here.ask(form))["ticket"])
        found = scraped(here)
    assert (2, 1, 1) == (
        found["relay_requests_total",],
        found["relay_presses_total", "released"],
        found["relay_presses_total", "not-allowed"],
    )
    assert (1, 1) == (found["relay_decisions_total", "approved"], found["relay_dispatches_total", "delivered"])
    assert (1, 1) == (
        found["relay_time_to_decision_seconds_count",],
        found["relay_time_to_decision_seconds_bucket", "+Inf"],
    )
    assert 1 == found["relay_refusals_total", "not an approver of stage release"]
    steps = {labels[0]: count for (name, *labels), count in found.items() if name == "relay_step_seconds_count"}
    assert (2, 2, 2, 2) == (steps.pop("press"), steps.pop("verify"), steps.pop("load"), steps.pop("judge"))
    assert {"commit": 3, "pay": 1, "call": 1, "reply": 1} == steps
    assert 79 == found["relay_github_allowance_remaining",]
    assert 0 == found["relay_oldest_debt_age_seconds",]


def test_debts_are_told_by_kind_and_state_with_the_age_of_the_oldest(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=404, json={})
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=502)
    with road.made(tmp_path, httpx_mock) as here:
        here.press("ada", "approve", road.ticket(road.offline(nonce="a" * 22)))
        here.press("ada", "approve", road.ticket(road.offline(nonce="b" * 22)))
        assert 1 == scraped(here)["relay_debts", "dispatch", "refused"]
        found = scraped(here)
    assert 1 == found["relay_debts", "dispatch", "owed"]
    assert (1, 1) == (found["relay_dispatches_total", "refused"], found["relay_dispatches_total", "retry"])
    assert 0 <= found["relay_oldest_debt_age_seconds",] < 60


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": f"Bearer {road.OPERATOR_KEY}"}, 200),
        ({"x-relay-key": road.OPERATOR_KEY}, 200),
        ({"Authorization": f"Bearer {road.API_KEY}"}, 403),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": f"Basic {road.OPERATOR_KEY}"}, 401),
        ({"Authorization": f"Bearer {road.OPERATOR_KEY}", "x-relay-key": "wrong"}, 401),
        ({}, 401),
    ],
)
def test_operators_alone_are_told(
    headers: dict[str, str], status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with this_process.set_up(tmp_path, monkeypatch):
        request = HttpRequest("GET", "/api/metrics", headers=headers, body=b"")
        assert status == operators.show_metrics(request).status_code


def test_labels_are_escaped_and_their_values_are_bounded(fresh: metrics.Metrics) -> None:
    for number in range(metrics.MOST + 5):
        fresh.add(fresh.refusals, f'a "check"\\ of\n{number}')
    (refusals,) = (each for each in read(fresh.text({}).encode()) if each.name == "relay_refusals")
    values = {each.labels["check"]: each.value for each in refusals.samples}
    assert 1 == values['a "check"\\ of\n7']
    assert (metrics.MOST + 1, 5) == (len(values), values["other"])


def test_every_metric_is_in_the_docs_and_nothing_else_is(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    page = (road.ROOT / "docs" / "operations.md").read_text("utf-8").partition("## Metrics")[2].partition("\n## ")[0]
    with road.made(tmp_path, httpx_mock) as here:
        reply = (
            here.world.pages()
            .operator_files()
            .metrics(Delivery("", {"x-relay-key": road.OPERATOR_KEY}, b"", here.now()))
        )
    kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)$", reply.body.decode(), re.MULTILINE))
    told = {f"{name}_total" if kind == "counter" else name for name, kind in kinds.items()}
    assert told == set(re.findall(r"^\| `(relay_\w+)` \|", page, re.MULTILINE))
