"""Key sets by a clock that only a test moves."""

from collections.abc import Iterator

import pytest

from relay.identity.key_sets import KeySets
from relay.net.client import make_client
from tests.support.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock(1_000.0)


@pytest.fixture
def sets(clock: Clock) -> Iterator[KeySets]:
    with make_client() as client:
        yield KeySets(lambda: client, clock)
