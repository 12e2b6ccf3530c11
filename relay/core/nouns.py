"""`replace` for the nouns of the road, since a click changes a dozen of them: that of `dataclasses` asks each field."""

from typing import TYPE_CHECKING, Any, TypeVar

Noun = TypeVar("Noun")

if TYPE_CHECKING:
    from dataclasses import replace as replace  # noqa: PLC0414 - said again, so that others may import it from here
else:

    def replace(noun: Noun, /, **changes: Any) -> Noun:
        """Return a frozen dataclass with slots, whose fields are all there is to it, with some fields changed."""
        changed = object.__new__(type(noun))
        for name in noun.__slots__:
            _set(changed, name, getattr(noun, name))
        for name, value in changes.items():
            _set(changed, name, value)
        return changed


_set = object.__setattr__
