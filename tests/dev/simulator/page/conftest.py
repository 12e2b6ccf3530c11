"""One browser and one relay for the tests of a file, and a page of its own for each test."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.dev.simulator.running import Running, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    from tests.dev.simulator.pages import started_browser  # noqa: PLC0415 - a file says itself that it needs Chromium

    with started_browser() as started:
        yield started


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    from tests.dev.simulator.pages import POLICY  # noqa: PLC0415 - as above

    with running(tmp_path_factory.mktemp("relay"), environ={"RELAY_POLICY": POLICY}) as started:
        yield started


@pytest.fixture
def page(browser: "Browser", relay: Running) -> Iterator["Page"]:
    from tests.dev.simulator.pages import opened  # noqa: PLC0415 - as above

    with opened(browser, relay) as page:
        yield page
