"""Genuine webhooks of jobs that wait, with one thing spoilt: none is an error, and none leads to another repository."""

from random import Random
from typing import Any, Final

import pytest

from relay.model.delivery import Delivery
from tests.support.gates import Here, event
from tests.support.spoilt_webhooks import deliver, hold

KIND: Final = "deployment_protection_rule"
ODD: Final[tuple[Any, ...]] = (
    *("", "x" * 4_000, " ", "\n", "requested\n", "\ud800", "배포", "../x", "octo/other", "é" * 64, "staging"),
    *(0, -1, 1.5, 10**30, True, None, [], {}, ["x"], {"a": 1}),
)
PLACES: Final = (
    *(("action",), ("environment",), ("event",), ("ref",), ("sha",), ("deployment_callback_url",), ("deployment",)),
    *(("repository",), ("repository", "full_name"), ("repository", "id"), ("sender",), ("sender", "login")),
    *(("sender", "id"), ("sender", "type")),
)
INSERTED: Final = ("/..", "../", "//", "@evil.example/", "?x=", "#", "%2e%2e/", "\\", "\n", "1", " ", "octo/other/")


def spoilt(thrown: Random) -> tuple[bytes, dict[str, str]]:
    """Return a webhook that was genuine before one thing was spoilt. Its signature may still be."""
    told: Any = event()
    way = thrown.randrange(6)
    path = thrown.choice(PLACES)
    parent = told if len(path) == 1 else told[path[0]]
    if way == 0:
        parent[path[-1]] = thrown.choice(ODD)
    if way == 1:
        parent.pop(path[-1], None)
    if way == 2:
        address = told["deployment_callback_url"]
        at = thrown.randrange(len(address) + 1)
        told["deployment_callback_url"] = address[:at] + thrown.choice(INSERTED) + address[at:]
    return deliver(thrown, told, KIND, way - 3, ODD)


def send(here: Here, count: int) -> None:
    thrown = Random(17)  # noqa: S311 - the same webhooks each time
    webhooks = here.road.world.webhooks()
    for _ in range(count):
        body, headers = spoilt(thrown)
        here.github.remaining = 5_000
        here.github.writes.clear()
        hold(webhooks.take(Delivery("github", headers, body, here.road.now())))
    assert {"octo/api"} == {case.request.repository for case in here.cases()}
    assert {True} == {"/repos/octo/api/" in path or path.startswith("/app/") for _, path, _ in here.github.calls}
    assert ([], []) == (here.github.verdicts, here.github.dispatched)


def test_a_spoilt_webhook_is_no_error_and_leads_nowhere_else(here: Here) -> None:
    send(here, 500)


@pytest.mark.full
def test_twenty_thousand_spoilt_webhooks_lead_nowhere_else(here: Here) -> None:
    send(here, 20_000)
