"""Tests that this machine cannot run: they are skipped with a reason, or fail where none may be left out."""

import os
from typing import NoReturn

import pytest


def may_leave_nothing_out() -> bool:
    """Tell whether every test must run here."""
    return bool(os.environ.get("RELAY_TESTS_COMPLETE"))


def leave_out(reason: str, *, possible: bool = True) -> NoReturn:
    """Skip this module, or the test that calls. With RELAY_TESTS_COMPLETE set it fails instead.

    What is not `possible` with this Python on any machine is skipped all the same.
    """
    if possible and may_leave_nothing_out():
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason, allow_module_level=True)
