"""Templates: texts with `{{name}}` where a value goes. Pure."""

import re
from collections.abc import Mapping
from typing import Final

from relay.formats.grammar import FormatError

MAX_TEMPLATE: Final = 1_000  # characters
_NAME: Final = re.compile(r"\{\{\s*([a-z][a-z0-9_]{0,39})\s*\}\}")


def names_in(template: str) -> tuple[str, ...]:
    """Return the names in a template, in order. Raises FormatError."""
    if len(template) > MAX_TEMPLATE:
        raise FormatError(f"a template has at most {MAX_TEMPLATE:,} characters", "shorten it")
    left = _NAME.sub("", template)
    if "{{" in left or "}}" in left:
        raise FormatError("{{ or }} stands without a name", "write {{name}}, with a name of a-z, 0-9 and _")
    return tuple(_NAME.findall(template))


def fill(template: str, values: Mapping[str, str]) -> str:
    """Return the template with its values, which are not read for names again."""
    return _NAME.sub(lambda found: values[found[1]], template)
