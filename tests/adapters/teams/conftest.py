"""A connector of Teams with a Bot Framework on loopback."""

from collections.abc import Iterator

import pytest

from relay.adapters.http_client import make_client
from tests.adapters.teams.here import Here
from tests.bot_framework import BotFramework


@pytest.fixture
def here() -> Iterator[Here]:
    with BotFramework() as teams, make_client() as client:
        yield Here(teams, client)
