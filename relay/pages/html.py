"""HTML built of elements. Every text is escaped as it goes in, so that none can be forgotten."""

from dataclasses import dataclass
from html import escape
from typing import Final

_VOID: Final = frozenset({"br", "input", "link", "meta"})


@dataclass(frozen=True, slots=True)
class Html:
    """Finished markup: its content was escaped, or is the page's own."""

    text: str


Child = Html | str | None


def tag(name: str, /, *children: Child, **attributes: str | bool) -> Html:
    """Return an element. A str is text, None is nothing. An attribute of False is left out; True has no value.

    A last underscore in an attribute's name is dropped, and the others become hyphens: `class_`, `aria_label`.
    """
    written = "".join(_attribute(key, value) for key, value in attributes.items() if value is not False)
    if name in _VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{join(*children).text}</{name}>")


def join(*children: Child) -> Html:
    """Return the children one after the other."""
    return Html("".join(each.text if isinstance(each, Html) else escape(each) for each in children if each is not None))


def _attribute(key: str, value: str | bool) -> str:
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'
