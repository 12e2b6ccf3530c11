"""Examples of property tests: few in `make test`, the declared count in `make test-all`, and time enough for each."""

import os
from typing import Any, Final

from hypothesis import settings

FEW: Final = 20
# The time of one example is a fact of the machine. That ten are drawn within 30 seconds is checked all the same.
settings.register_profile("busy machine", deadline=None)
settings.load_profile("busy machine")


def are_full() -> bool:
    """Tell whether every property test tries its full count."""
    return bool(os.environ.get("RELAY_TESTS_FULL"))


def limit(test: Any) -> None:
    """Limit a property test to few examples."""
    # A profile would not do: the count that a test declares for itself goes before it.
    declared = test._hypothesis_internal_use_settings
    test._hypothesis_internal_use_settings = settings(declared, max_examples=min(FEW, declared.max_examples))
