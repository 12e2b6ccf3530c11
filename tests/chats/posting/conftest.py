"""The bot in the chats of the road."""

import pytest

from tests.support import road
from tests.support.fake_chat import Chat, joined


@pytest.fixture
def chat(here: road.Road) -> Chat:
    return joined(here)
