"""Coverage switched off where it is not needed: under its tracer, Python takes twice as long."""

from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parents[2]
# The tests of these folders run whole relays, stores and browsers. All others reach each measured line without them.
ELSEWHERE: Final = frozenset(
    {"bench", "ci_bot", "dev", "infra", "model", "node", "races", "serve", "start", "store", "torture"}
)


def before_collection(config: pytest.Config) -> None:
    """Import the measured modules under the tracer, and switch it off: tests are collected without it."""
    control = _control(config)
    if control is None:
        return
    for source in control.cov.get_option("run:source"):
        for path in sorted((ROOT / source).rglob("*.py")):
            import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    control.pause()


def before_test(item: pytest.Item) -> None:
    """Switch the tracer on or off, as the folder of a test wants it."""
    control = _control(item.config)
    if control is None:
        return
    wanted = item.path.relative_to(ROOT / "tests").parts[0] not in ELSEWHERE
    if wanted != control.started:
        (control.resume if wanted else control.pause)()


def _control(config: pytest.Config) -> Any:
    """Return the control of pytest-cov, or None if nothing is measured."""
    return getattr(config.pluginmanager.getplugin("_cov"), "cov_controller", None)
