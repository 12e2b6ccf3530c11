"""Answers of GitHub to an App that asks for a token."""

from collections.abc import Callable

import pytest
from pytest_httpx import HTTPXMock

from relay.github.api import GitHubApi, NoToken
from relay.github.app import GitHubApp
from relay.github.permissions import CONTENTS
from relay.model.values import iso
from relay.net.call import HttpResponse
from relay.net.client import Client

BASE = "https://api.github.com"
LOOKUP = f"{BASE}/repos/octo/api/installation"
GRANT = f"{BASE}/app/installations/42/access_tokens"
NOW = 1_780_000_000.0
HOUR = 3600


def api(client: Client, clock: Callable[[], float]) -> GitHubApi:
    return GitHubApi(lambda: client, BASE, "2022-11-28", clock)


def grant(token: str, at: float = NOW) -> dict[str, object]:
    return {"token": token, "expires_at": iso(at + HOUR), "permissions": {"contents": "write", "metadata": "read"}}


def gives(httpx_mock: HTTPXMock, token: str, at: float = NOW) -> None:
    httpx_mock.add_response(method="GET", url=LOOKUP, json={"id": 42, "app_id": 7, "suspended_at": None})
    httpx_mock.add_response(method="POST", url=GRANT, status_code=201, json=grant(token, at))


def add(httpx_mock: HTTPXMock, url: str, answer: HttpResponse) -> None:
    httpx_mock.add_response(url=url, status_code=answer.status, headers=dict(answer.headers), content=answer.body)


def failure(app: GitHubApp, repository: str = "octo/api") -> NoToken:
    with pytest.raises(NoToken) as failed:
        app.token(repository, CONTENTS, NOW + 4)
    return failed.value
