"""The events that a workflow file listens to. Pure.

https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#repository_dispatch
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

EVENT = "repository_dispatch"
STARTED = "workflow_dispatch"
_NEAR = 0.6  # of 1: the likeness above which a type is taken for a misspelt one


@dataclass(frozen=True, slots=True)
class Listening:
    """The events of a workflow: its `types:` of repository_dispatch, of which none means every type.

    `hears_dispatches` tells whether it listens to repository_dispatch, `can_be_started` to workflow_dispatch.
    `misspelt` is a key beside `types:` there, such as `type:`. GitHub knows no other, and then filters nothing.
    """

    file: str
    types: tuple[str, ...] = ()
    hears_dispatches: bool = False
    can_be_started: bool = False
    misspelt: str = ""

    def hears(self, event_type: str) -> bool:
        """Tell whether the workflow starts for an event type. GitHub compares letter by letter."""
        return self.hears_dispatches and (not self.types or event_type in self.types)


def read_workflow(file: str, text: str) -> Listening:
    """Return the events that a workflow listens to. Raises ValueError for a text that is no YAML."""
    import yaml  # noqa: PLC0415 - only the doctor reads workflows

    try:
        found = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - it makes texts, lists and objects only
    except (yaml.YAMLError, RecursionError):
        raise ValueError(f"{file} is no YAML") from None
    events: Any = found.get("on") if isinstance(found, dict) else None
    names = [events] if isinstance(events, str) else [*events] if isinstance(events, dict | list) else []
    filters = events.get(EVENT) if isinstance(events, dict) else None
    types = filters.get("types", ()) if isinstance(filters, dict) else ()
    others = [str(key)[:40] for key in filters if key != "types"] if isinstance(filters, dict) else []
    listed = (types,) if isinstance(types, str) and types else tuple(map(str, types))
    return Listening(file, listed, EVENT in names, STARTED in names, next(iter(others), ""))


def nearest(event_type: str, listening: Iterable[Listening]) -> str:
    """Return the listened type that is spelt most like an event type, or ""."""
    known = sorted({each for one in listening for each in one.types})
    by_lower = {each.lower(): each for each in known}
    found = get_close_matches(event_type.lower(), by_lower, 1, _NEAR)
    return by_lower[found[0]] if found else ""
