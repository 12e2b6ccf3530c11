"""The parts of an Adaptive Card, each with its place in the JSON and the version that brought it.

https://adaptivecards.io/explorer/ has the versions; fallbacks are not followed, since the host need not draw them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from relay.model.values import Json

VERSIONS: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {
        **dict.fromkeys(("TextBlock", "Image", "Container", "ColumnSet", "Column", "FactSet", "ImageSet"), (1, 0)),
        **dict.fromkeys(("Input.Text", "Input.Number", "Input.Date", "Input.Time"), (1, 0)),
        **dict.fromkeys(("Input.Toggle", "Input.ChoiceSet"), (1, 0)),
        **dict.fromkeys(("Action.OpenUrl", "Action.Submit", "Action.ShowCard", "Action.Http"), (1, 0)),
        "Media": (1, 1),
        **dict.fromkeys(("RichTextBlock", "TextRun", "ActionSet", "Action.ToggleVisibility"), (1, 2)),
        "Action.Execute": (1, 4),
        **dict.fromkeys(("Table", "TableRow", "TableCell"), (1, 5)),
    }
)
# Elements and actions that Teams draws on a desktop alone: https://adaptivecards.microsoft.com
ON_DESKTOPS: Final = frozenset(
    {
        "CodeBlock",
        "Icon",
        "Badge",
        "Carousel",
        "CompoundButton",
        "Rating",
        "Input.Rating",
        "ProgressBar",
        "ProgressRing",
    }
    | {"Chart.Donut", "Chart.Pie", "Chart.Gauge", "Chart.Line", "Chart.VerticalBar", "Chart.HorizontalBar"}
    | {"Chart.VerticalBar.Grouped", "Chart.HorizontalBar.Stacked", "Action.OpenUrlDialog", "Action.Popover"}
    | {"Action.InsertImage", "Action.ResetInputs"}
)
# The type of the parts in a property that do not name their own.
_LISTS: Final = MappingProxyType(
    {
        "body": "",
        "items": "",
        "columns": "Column",
        "images": "Image",
        "rows": "TableRow",
        "cells": "TableCell",
        "inlines": "TextRun",
        "actions": "",
    }
)
# The columns of a Table say only how wide they are; a body is also what an Action.Http sends.
_NO_PARTS: Final = (("columns", "Table"), ("body", "Action.Http"))
_SINGLE: Final = ("card", "selectAction", "inlineAction")


@dataclass(frozen=True, slots=True)
class Part:
    """An element or action: its place, its type (empty if it has none), and all its members.

    It has a fallback of its own, or is within a part that has one. A host that does not draw it draws the fallback.
    """

    where: str
    kind: str
    fields: Json
    has_fallback: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A list of actions: its place, and its length."""

    where: str
    length: int


def parts(holder: Json, where: str = "", *, has_fallback: bool = False) -> Iterator[Part | Row | str]:
    """Yield all parts within a card or element, at any depth. A text is a problem of form."""
    for name, kind in _LISTS.items():
        held = holder.get(name)
        if held is None or (name, holder.get("type")) in _NO_PARTS:
            continue
        if not isinstance(held, list):
            yield f"{where}{name} must be a list"
            continue
        if name == "actions":
            yield Row(f"{where}{name}", len(held))
        for number, each in enumerate(held):
            # A text among inlines is a TextRun of its own.
            if not (name == "inlines" and isinstance(each, str)):
                yield from _part(each, f"{where}{name}[{number}]", kind, has_fallback=has_fallback)
    for name in _SINGLE:
        if name in holder:
            kind = "AdaptiveCard" if name == "card" else ""
            yield from _part(holder[name], f"{where}{name}", kind, has_fallback=has_fallback)


def _part(each: object, where: str, kind: str, *, has_fallback: bool) -> Iterator[Part | Row | str]:
    if not isinstance(each, Mapping):
        yield f"{where} must be an object"
        return
    said = each.get("type", kind)
    has_fallback = has_fallback or each.get("fallback") is not None
    yield Part(where, said if isinstance(said, str) else "", each, has_fallback)
    yield from parts(each, f"{where}.", has_fallback=has_fallback)


def texts(part: Part) -> list[str]:
    """Return the texts of a part that are read as Markdown: its own, and those of its facts."""
    found = [part.fields.get("text")]
    facts = part.fields.get("facts")
    for fact in facts if isinstance(facts, list) else []:
        found += [fact.get("title"), fact.get("value")] if isinstance(fact, Mapping) else []
    return [text for text in found if isinstance(text, str)]
