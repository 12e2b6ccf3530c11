"""A walk's folder as its stand-ins share it: what is known from the start, and the values that were kept since."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

WALK: Final = Path(os.environ["WALK"])
KNOWN: Final[dict[str, Any]] = json.loads((WALK / "known.json").read_text("utf-8"))
ROOT: Final = Path(KNOWN["root"])


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def fail(message: str) -> None:
    sys.exit(f"{sys.argv[1]}: {message}: {sys.argv[2:]}")


def options(arguments: Sequence[str], known: set[str], flags: Sequence[str] = ()) -> dict[str, str]:
    """Return the options by name. Ends the program for an unknown one."""
    found, rest = {}, list(arguments)
    while rest:
        name = rest.pop(0)
        if name not in known:
            fail(f"no option {name}")
        found[name] = "" if name in flags else rest.pop(0)
    return found


def keep(name: str, values: dict[str, str]) -> dict[str, str]:
    """Add values to a file of this walk, and return all of it."""
    path = WALK / f"{name}.json"
    kept: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    path.write_text(json.dumps(kept | values), "utf-8")
    return kept | values
