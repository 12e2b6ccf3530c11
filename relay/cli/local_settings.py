"""Settings of this machine: the environment, and then `Values` of local.settings.json."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from relay.cli.failures import Failure

LOCAL: Final = Path("local.settings.json")


def local_values(path: Path) -> dict[str, str]:
    """Return `Values` of local.settings.json, which `func start` reads too, without the empty ones."""
    try:
        values = json.loads(path.read_text("utf-8-sig")).get("Values", {}) if path.exists() else {}
        return {str(name): str(value) for name, value in values.items() if str(value).strip()}
    except (OSError, ValueError, AttributeError) as error:
        where = f" ({error})" if isinstance(error, json.JSONDecodeError) else ""
        form = "it must be a JSON object with an object of texts called Values"
        raise Failure(f"{path} cannot be read{where}: {form}.") from None


def fill(defaults: Mapping[str, str]) -> None:
    """Set each environment variable that is missing or empty."""
    for name, value in defaults.items():
        if not os.environ.get(name, "").strip():
            os.environ[name] = value


def with_local_values(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment, and Values of ./local.settings.json for each name that is missing or empty there."""
    return {
        **environ,
        **{name: value for name, value in local_values(LOCAL).items() if not environ.get(name, "").strip()},
    }
