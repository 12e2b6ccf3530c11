"""Calls of the relay to a GitHub that judges as the real one."""

from relay.github.api import GitHubApi
from relay.github.app import GitHubApp
from relay.github.dispatch import Dispatches
from relay.model.debts import Outcome
from relay.net.client import Client
from tests.support import entra_tokens
from tests.support.clock import Clock
from tests.support.fake_github import API, CLIENT_ID

NOW = 1_780_000_000.0
GATE = ("octo/api", "7", "production")


def relay(client: Client, clock: Clock, version: str = "2022-11-28") -> Dispatches:
    api = GitHubApi(lambda: client, API, version, clock)
    return Dispatches(api, GitHubApp(api, CLIENT_ID, entra_tokens.PEM))


def send(dispatches: Dispatches, repository: str = "octo/api") -> Outcome:
    return dispatches.send(repository, "deploy", {"approval": {}}, deadline=NOW + 9_999)


def start(dispatches: Dispatches, **inputs: str) -> Outcome:
    given = {"approval": "{}"} | inputs
    return dispatches.start("octo/api", "release.yml", "refs/heads/main", given, deadline=NOW + 9_999)


def review(dispatches: Dispatches, state: str = "approved") -> Outcome:
    return dispatches.review(*GATE, state, "go", deadline=NOW + 9_999)
