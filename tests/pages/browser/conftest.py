"""A relay under `relay dev`, whose GitHub is healthy again after each test, and a browser."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.dev.simulator.running import Running, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    from tests.dev.simulator.pages import POLICY  # noqa: PLC0415 - a file says itself that it needs Chromium

    with running(tmp_path_factory.mktemp("review"), environ={"RELAY_POLICY": POLICY}) as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    from tests.dev.simulator.pages import started_browser  # noqa: PLC0415 - as above

    with started_browser() as started:
        yield started


@pytest.fixture(autouse=True)
def healthy(relay: Running) -> Iterator[None]:
    from tests.pages.browser.looking import behave  # noqa: PLC0415 - as above

    yield
    behave(relay, "healthy")
