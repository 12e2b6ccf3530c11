"""The files of the page, read once."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from relay.dev.simulator.answers import Answer

_PAGE: Final = Path(__file__).parent / "page"
_TYPES: Final = MappingProxyType(
    {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
)


@cache
def page_files() -> Mapping[str, Answer]:
    """Return the page and its files by their paths."""
    found = {
        f"/simulator/page/{each.name}": Answer(
            200, {"Content-Type": f"{_TYPES[each.suffix]}; charset=utf-8"}, each.read_bytes()
        )
        for each in _PAGE.iterdir()
        if each.suffix in _TYPES
    }
    return {**found, "/": found["/simulator/page/index.html"]}
