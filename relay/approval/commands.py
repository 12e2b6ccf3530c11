"""The commands of the policy: words that a person may say, and the request that they make."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from relay.formats.grammar import Format
from relay.model.request import ORIGIN

SAID: Final = "text"  # in a title: the words that were said


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the policy, and the people that may say it: keys of people, `group:NAME` or `anyone`.

    Repository, environment, event type and title are templates. `values` has the closed lists by name, `extra` the
    names that may be given at the end, `fixed` the values that nobody can change. With `approve` the asking counts as
    the requester's own approval, where the rule allows it.
    """

    name: str
    formats: tuple[Format, ...]
    who: tuple[str, ...]
    repository: str
    event_type: str
    environment: str = ""
    title: str = "{{text}}"
    description: str = ""
    channels: tuple[str, ...] = (ORIGIN,)
    extra: tuple[str, ...] = ()
    approve: bool = False
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
