"""A GitHub that judges as the real one, and the clock of both."""

import pytest
from pytest_httpx import HTTPXMock

from relay.github.app import GitHubApp
from relay.net.client import Client
from tests.github.granting import api
from tests.github.judged import NOW
from tests.support import entra_tokens
from tests.support.clock import Clock
from tests.support.fake_github import EVERY, FakeGitHub


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def github(clock: Clock, httpx_mock: HTTPXMock) -> FakeGitHub:
    made = FakeGitHub(clock)
    made.install("octo", "api")
    made.workflows["octo/api", "release.yml"] = {"version": False, "approval": True}
    httpx_mock.add_callback(made.answer, url=EVERY, is_reusable=True)
    return made


@pytest.fixture
def app(client: Client, clock: Clock) -> GitHubApp:
    return GitHubApp(api(client, clock), "Iv23liExample", entra_tokens.PEM)
