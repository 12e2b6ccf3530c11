"""The relay's own log as tests read it: one JSON object a line."""

import json
from typing import Any

import pytest


def logged(caplog: pytest.LogCaptureFixture, *names: str) -> list[dict[str, Any]]:
    """Return every line of the relay's log, with all its fields or only these."""
    found = [json.loads(record.getMessage()) for record in caplog.records if record.name == "relay"]
    return [{name: each.get(name) for name in names} for each in found] if names else found
