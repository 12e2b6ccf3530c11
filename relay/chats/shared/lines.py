"""Line breaks of a sender's text: the hosts of cards join two lines unless a blank line is between them.

https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format
"""

import re
from itertools import pairwise
from typing import Final

from relay.model.values import Json

_BREAK: Final = re.compile(r"\r\n|\r|\n")
_FENCE: Final = re.compile(r" {0,3}(?:```|~~~)")
# A line that begins a part of its own, or goes on with one: list, quotation, table, underlining, indented text.
_OWN: Final = re.compile(r"\s*(?:[-*+]\s|\d{1,9}[.)]\s|>|\|)|\s*(?:-+|=+)\s*$|(?:\t| {2})")
_BETWEEN: Final = " · "


def kept_apart(text: str) -> str:
    """Return Markdown in which each line of plain text is a paragraph, so that no two of them are joined."""
    lines = _BREAK.split(text)
    parts, fenced = lines[:1], bool(_FENCE.match(lines[0]))
    for before, line in pairwise(lines):
        fence = _FENCE.match(line) is not None
        plain = not (fenced or fence or _OWN.match(line) or not before.strip() or not line.strip())
        parts += ["", line] if plain else [line]
        fenced ^= fence
    return "\n".join(parts)


def on_one(text: str) -> str:
    """Return a text on one line, with a sign between the former lines: a fact or a comment has but one."""
    lines = (" ".join(line.split()) for line in _BREAK.split(text))
    return _BETWEEN.join(line for line in lines if line)


def section_kept_apart(section: Json) -> Json:
    """Return a MessageCard's section with the lines of its texts and facts kept apart."""
    if section.get("markdown") is False:
        return section
    texts = {
        name: kept_apart(text)
        for name in ("text", "activityTitle", "activitySubtitle", "activityText")
        if isinstance(text := section.get(name), str)
    }
    facts = section.get("facts")
    if not isinstance(facts, list | tuple):
        return {**section, **texts}
    return {**section, **texts, "facts": [_fact(fact) for fact in facts]}


def _fact(fact: object) -> object:
    if not isinstance(fact, dict):
        return fact
    return {name: on_one(each) if name == "value" and isinstance(each, str) else each for name, each in fact.items()}
