"""Genuine webhooks with one thing spoilt, thousands of them: none is an error, none is taken for what it is not."""

import json
from random import Random
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.model.case import Case
from tests.support import github_webhooks, road
from tests.support.github_webhooks import workflow_run
from tests.support.json_values import JSON
from tests.support.spoilt_webhooks import deliver, hold

ODD: Final[tuple[Any, ...]] = (
    *("", "x" * 4_000, " ", "\n", "completed, completed", "\ud800", "배포", "../x", "é" * 64, "2001-01-01T00:00:00Z"),
    *(0, -1, 1.5, 10**30, True, None, [], {}, ["x"], {"a": 1}),
)
SEEN: Final = ("id", "run_attempt", "event", "status", "conclusion", "display_title", "html_url", "created_at")


def spoilt(thrown: Random, here: road.Road, case_id: str) -> tuple[bytes, dict[str, str]]:
    """Return a webhook that was genuine before one thing was spoilt. Its signature may still be."""
    event = workflow_run(thrown.choice(github_webhooks.ACTIONS), case_id, here.now())
    way = thrown.randrange(7)
    if way == 0:
        event["workflow_run"][thrown.choice(SEEN)] = thrown.choice(ODD)
    if way == 1:
        del event["workflow_run"][thrown.choice(SEEN)]
    if way == 2:
        event["repository"][thrown.choice(["id", "full_name"])] = thrown.choice(ODD)
    if way == 3:
        event[thrown.choice(["action", "workflow_run", "repository"])] = thrown.choice(ODD)
    return deliver(thrown, event, "workflow_run", way - 4, ODD)


def send(here: road.Road, case_id: str, count: int) -> None:
    thrown = Random(17)  # noqa: S311 - the same webhooks each time
    before = here.case(case_id)
    for _ in range(count):
        body, headers = spoilt(thrown, here, case_id)
        hold(here.webhook(body, headers))
    after = here.case(case_id)
    assert facts(before) == facts(after)
    assert {run.by for run in after.runs} <= {"github"}
    for run in after.runs:
        assert run.url.startswith("https://github.com/")


def facts(case: Case) -> tuple[object, ...]:
    """Return all that no webhook of a run may change."""
    return case.status, case.reviews, case.request, case.reruns, case.debts, case.reports


def test_a_spoilt_webhook_is_no_error_and_changes_nothing_but_the_run(here: road.Road, released: str) -> None:
    send(here, released, 700)


@pytest.mark.full
def test_twenty_thousand_spoilt_webhooks_are_no_error(here: road.Road, released: str) -> None:
    send(here, released, 20_000)


def test_any_json_in_the_place_of_a_field_is_no_error(here: road.Road, released: str) -> None:
    @settings(max_examples=60, deadline=None)
    @given(st.dictionaries(st.sampled_from(SEEN), JSON, max_size=3), JSON, JSON)
    def send_any(changes: dict[str, Any], repository: object, action: object) -> None:
        event = workflow_run("completed", released, here.now())
        for more in ({"workflow_run": event["workflow_run"] | changes}, {"repository": repository}, {"action": action}):
            hold(here.webhook(json.dumps(event | more).encode()))

    send_any()
