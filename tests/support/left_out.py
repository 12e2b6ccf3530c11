"""Tests that a machine cannot run say so in one line; where nothing may be left out they fail instead."""

import os
from typing import NoReturn

import pytest


def may_leave_nothing_out() -> bool:
    """Tell whether every test must run here."""
    return bool(os.environ.get("RELAY_TESTS_COMPLETE"))


def leave_out(reason: str, *, possible: bool = True) -> NoReturn:
    """Skip this module; fail with RELAY_TESTS_COMPLETE set, unless this Python could not run it anywhere."""
    if possible and may_leave_nothing_out():
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason, allow_module_level=True)
