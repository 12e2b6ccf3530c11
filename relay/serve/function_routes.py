"""Route templates of HTTP triggers, matched as the Azure Functions host matches them.

https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook-trigger#customize-the-http-endpoint
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"})
_PARAMETER: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SLASH: Final = re.compile("%2f", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Route:
    """One function behind HTTP: its template's segments, its methods (upper case) and who may call it."""

    name: str
    segments: tuple[str, ...]
    methods: frozenset[str]
    asks_key: bool
    binding: str
    function: Callable[..., Any]

    def match(self, path: tuple[str, ...]) -> Mapping[str, str] | None:
        """Return what stands in the place of each parameter, or None where the path is another's."""
        if len(path) != len(self.segments):
            return None
        found: dict[str, str] = {}
        for segment, given in zip(self.segments, path, strict=True):
            if parameter := _PARAMETER.fullmatch(segment):
                found[parameter[1]] = given
            elif segment.lower() != given.lower():  # the host's routes know no case
                return None
        return found

    def parameters(self) -> int:
        """Return how many segments are parameters; the route with the fewest wins."""
        return sum(_PARAMETER.fullmatch(segment) is not None for segment in self.segments)


def read_template(prefix: str, template: str) -> tuple[str, ...]:
    """Return the segments of a template under the prefix. Raises ValueError for a form that is not known here."""
    segments = split(f"{prefix}/{template}")
    for segment in segments:
        if "{" in segment and not _PARAMETER.fullmatch(segment):
            raise ValueError(f"the route {template} has a segment this host does not know; write {{name}} alone")
    return segments


def split(path: str) -> tuple[str, ...]:
    """Return the segments of a path without its empty ones, percent-decoded but for the slash."""
    return tuple(unquote(_SLASH.sub("%252F", part)) for part in path.split("/") if part)


def find(routes: Iterable[Route], method: str, path: str) -> tuple[Route, Mapping[str, str]] | None:
    """Return the route for a request, and its parameters. A wrong method finds none: the host answers 404, not 405."""
    segments = split(path)
    for route in sorted(routes, key=Route.parameters):
        found = route.match(segments)
        if found is not None and method in route.methods:
            return route, found
    return None
