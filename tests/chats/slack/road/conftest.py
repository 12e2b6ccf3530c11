from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from tests.chats.slack.road.workspace import POLICY, Workspace
from tests.support import road
from tests.support.github_server import GitHubServer
from tests.support.slack_server import SlackServer


def settings(server: SlackServer, github: GitHubServer, policy: str) -> dict[str, str]:
    return {
        "RELAY_SLACK_SIGNING_SECRET": f"older-secret,{server.slack.secret}",
        "RELAY_SLACK_BOT_TOKEN": server.slack.token,
        "RELAY_SLACK_TEAMS": "T111,E111",
        "RELAY_SLACK_API_URL": server.slack.api_url,
        "RELAY_GITHUB_API_URL": github.url,
        "RELAY_POLICY": policy,
    }


@contextmanager
def workspace(tmp_path: Path, httpx_mock: HTTPXMock, policy: str) -> Iterator[Workspace]:
    with (
        SlackServer() as server,
        GitHubServer() as github,
        road.made(tmp_path, httpx_mock, **settings(server, github, policy)) as made,
    ):
        yield Workspace(made, server, github)


@pytest.fixture
def slack(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[Workspace]:
    with workspace(tmp_path, httpx_mock, POLICY) as made:
        yield made
