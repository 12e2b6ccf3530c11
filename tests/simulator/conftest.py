"""One relay with its simulator for all tests of this folder."""

from collections.abc import Iterator

import httpx
import pytest

from tests.simulator.running import Running, running


@pytest.fixture(scope="session")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("simulator")) as started:
        yield started


@pytest.fixture
def page(simulator: Running) -> Iterator[httpx.Client]:
    """Call as the page does, with the token of the run."""
    with simulator.client() as client:
        yield client
