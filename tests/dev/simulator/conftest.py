"""One relay with its simulator for the tests of a file."""

from collections.abc import Iterator

import httpx
import pytest

from tests.ci_bot import workflows
from tests.dev.simulator.here import Here, here
from tests.support.action_runner import Runner


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    with here(tmp_path_factory.mktemp("simulator")) as started:
        yield started


@pytest.fixture
def page(simulator: Here) -> Iterator[httpx.Client]:
    """Call as the page does, with the token of the run."""
    with simulator.client() as client:
        yield client


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """Return a runner that has checked out the Actions. Their command is the one of this folder."""
    return workflows.runner(tmp_path_factory.mktemp("runner"))
