"""Answers of GET /api/health, and a relay that is set up for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from relay import health
from relay.model.delivery import Reply
from tests.support import road, this_process

LIMITS = "https://api.github.com/rate_limit"


@contextmanager
def set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, httpx_mock: HTTPXMock) -> Iterator[pytest.MonkeyPatch]:
    """Yield the environment of a relay that is set up, for a test to change. GitHub takes its credential."""
    httpx_mock.add_response(url=LIMITS, json={"resources": {}}, is_optional=True, is_reusable=True)
    with this_process.set_up(tmp_path, monkeypatch):
        yield monkeypatch


def told(reply: Reply) -> tuple[int, str, dict[str, str]]:
    """Return the status code, the worst status, and the status of each check."""
    body = road.said(reply)
    assert {"status", "version", "built", "checks"} == set(body)
    assert all({"name", "status", "detail"} == set(check) for check in body["checks"])
    return reply.status, body["status"], {check["name"]: check["status"] for check in body["checks"]}


def detail(reply: Reply, name: str) -> str:
    found: list[dict[str, Any]] = [check for check in road.said(reply)["checks"] if check["name"] == name]
    return str(found[0]["detail"])


def changed(environ: pytest.MonkeyPatch, **settings: str) -> Reply:
    for name, value in settings.items():
        environ.setenv(name, value)
    return health.health()
