"""The subject of the checks from inside, made of a running relay or of an environment with wrong settings."""

import time
from collections.abc import Callable, Mapping

from relay.app import Relay
from relay.app.environment import read_anyway, ways_of
from relay.app.stores import open_store
from relay.app.wiring import lazily, setup_of
from relay.approval.policy import Policy
from relay.chats.conversations import Conversations
from relay.doctor.checkup import SPARE, TIME
from relay.doctor.github.asking import GitHub
from relay.doctor.github.repositories import repositories, seen_by
from relay.doctor.inside.subject import Inside
from relay.doctor.once import Once
from relay.doctor.web import Web
from relay.github.api import GitHubApi
from relay.github.app import GitHubApp
from relay.net import client as http_client
from relay.settings import Settings
from relay.store.contract import Store


def inside_of(relay: Relay, *, seconds: float = TIME) -> Inside:
    """Return the subject of a running relay, to be examined within `seconds`."""
    return _made(relay.settings, relay.policy, {}, relay.store, relay.client, seconds)


def inside_of_environment(environ: Mapping[str, str], *, seconds: float = TIME) -> Inside:
    """Return the subject of an environment. Its store is not made. Raises SettingsError without a store's libraries."""
    settings, policy, problems = read_anyway(environ)
    store = open_store(settings.store, settings.storage, create=False)
    return _made(settings, policy, problems, store, lazily(http_client.make_client), seconds)


def _made(
    settings: Settings,
    policy: Policy,
    problems: Mapping[str, str],
    store: Store,
    client: Callable[[], http_client.Client],
    seconds: float,
) -> Inside:
    deadline = time.time() + seconds - SPARE
    github, gates = _github(settings, client, deadline)
    return Inside(
        settings=settings,
        policy=policy,
        problems=problems,
        store=store,
        ways=ways_of(settings),
        github=github,
        gates=gates,
        repositories=Once(lambda: repositories(policy, lambda: seen_by(github))),
        setup=setup_of(settings, policy, Conversations(store, time.time), client),
        web=Web(client, time.time, deadline),
    )


def _github(settings: Settings, client: Callable[[], http_client.Client], deadline: float) -> tuple[GitHub, GitHub]:
    """Return GitHub with the credential of dispatches, and with that of protection rules."""
    api = GitHubApi(client, settings.github_api_url, settings.github_api_version, time.time)
    key, token = settings.github_app_private_key, settings.github_token
    app = GitHubApp(api, settings.github_app_client_id, key) if settings.github_app_client_id and key else None
    by_app = GitHub(api, app, token, deadline)
    # Beside a token an App serves protection rules alone.
    return (GitHub(api, None, token, deadline) if token else by_app), by_app
