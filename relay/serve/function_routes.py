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
    """An HTTP function: the segments of its template, its methods (upper case), and whether it needs a key."""

    name: str
    segments: tuple[str, ...]
    methods: frozenset[str]
    asks_key: bool
    binding: str
    function: Callable[..., Any]

    def match(self, path: tuple[str, ...]) -> Mapping[str, str] | None:
        """Return the value of each parameter, or None if the path belongs to another route."""
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
        """Return the number of parameters."""
        return sum(_PARAMETER.fullmatch(segment) is not None for segment in self.segments)


def read_template(prefix: str, template: str) -> tuple[str, ...]:
    """Return the segments of a template below the prefix. Raises ValueError for an unknown form."""
    segments = split(f"{prefix}/{template}")
    for segment in segments:
        if "{" in segment and not _PARAMETER.fullmatch(segment):
            raise ValueError(f"the route {template} has a segment this host does not know; write {{name}} alone")
    return segments


def split(path: str) -> tuple[str, ...]:
    """Return the segments of a path without empty ones, percent-decoded except for the slash."""
    return tuple(unquote(_SLASH.sub("%252F", part)) for part in path.split("/") if part)


def find(routes: Iterable[Route], method: str, path: str) -> tuple[Route, Mapping[str, str]] | None:
    """Return the route of a request and its parameters, or None without a route for its path and method."""
    segments = split(path)
    for route in sorted(routes, key=Route.parameters):  # the route with the fewest parameters wins
        found = route.match(segments)
        if found is not None and method in route.methods:  # the host answers a wrong method by 404, not by 405
            return route, found
    return None
