"""The few elements that our cards are made of, all of Adaptive Cards 1.0, which every host draws.

https://learn.microsoft.com/adaptive-cards/authoring-cards/getting-started
"""

from collections.abc import Iterable

Element = dict[str, object]


def text_block(text: str, **looks: object) -> Element:
    """Return a text that wraps; `looks` are further properties, such as weight and color."""
    return {"type": "TextBlock", "text": text, "wrap": True, **looks}


def heading(text: str) -> Element:
    """Return the title of a box."""
    return text_block(text, weight="bolder")


def fact_set(pairs: Iterable[tuple[str, str]]) -> list[Element]:
    """Return names and values, already safe, beside each other; nothing where there are none."""
    facts = [{"title": name, "value": value} for name, value in pairs]
    return [{"type": "FactSet", "facts": facts, "spacing": "small"}] if facts else []


def container(items: list[Element], **looks: object) -> list[Element]:
    """Return a box around the items; nothing where there are none."""
    return [{"type": "Container", "items": items, **looks}] if items else []
