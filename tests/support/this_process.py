"""A relay in this process, as an instance on Azure has it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from relay import app
from tests.support.road import environ


@contextmanager
def set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give this process the environment of a relay, and remove the relay afterwards."""
    for name in [name for name in os.environ if name.startswith("RELAY_")]:
        monkeypatch.delenv(name)
    for name, value in environ(tmp_path).items():
        monkeypatch.setenv(name, value)
    app._relay.cache_clear()
    try:
        yield
    finally:
        if app._relay.cache_info().currsize:
            app.relay().store.close()
        app._relay.cache_clear()
