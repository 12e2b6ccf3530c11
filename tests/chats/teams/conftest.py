"""A connector of Teams with a Bot Framework on loopback."""

from collections.abc import Iterator

import pytest

from relay.net.client import make_client
from tests.chats.teams.connector import Here
from tests.support.bot_framework import BotFramework


@pytest.fixture
def here() -> Iterator[Here]:
    with BotFramework() as teams, make_client() as client:
        yield Here(teams, client)
