from collections.abc import Iterator

import pytest

from tests.support.slack_server import SlackServer


@pytest.fixture
def server() -> Iterator[SlackServer]:
    with SlackServer() as made:
        yield made
