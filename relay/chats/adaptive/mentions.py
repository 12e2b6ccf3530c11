"""Mentions on a card of Teams: what stands in the text and what stands among the entities must agree.

https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format#mention-support-within-adaptive-cards
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from relay.chats.adaptive.parts import Part, texts
from relay.chats.checks import filled, is_pair
from relay.model import Json

_MENTION: Final = re.compile(r"<at>[^<>]*</at>")


def mention_problems(card: Json, parts: Iterable[Part], where: str) -> Iterator[str]:
    """Yield each mention without its entity, and each entity that is not of the form or mentioned nowhere."""
    teams = card.get("msteams")
    entities = teams.get("entities", []) if isinstance(teams, Mapping) else []
    if not isinstance(entities, list):
        yield f"{where}msteams.entities must be a list"
        entities = []
    known: set[str] = set()
    for number, entity in enumerate(entities):
        if not _is_mention(entity):
            yield (
                f'{where}msteams.entities[{number}] must be {{"type": "mention", "text": "<at>NAME</at>", '
                '"mentioned": {"id": ..., "name": ...}}'
            )
        else:
            known.add(entity["text"])
    used: set[str] = set()
    for part in parts:
        found = {mention for text in texts(part) for mention in _MENTION.findall(text)}
        if found - known:
            yield (
                f"{part.where} mentions somebody who is not among msteams.entities, so that nobody is told: add an "
                "entity with the very same text"
            )
        used |= found
    if known - used:
        yield f"{where}msteams.entities has a mention that stands in no text: write <at>NAME</at> in a TextBlock"


def _is_mention(entity: object) -> bool:
    if not isinstance(entity, Mapping) or entity.get("type") != "mention":
        return False
    mentioned = entity.get("mentioned")
    if not is_pair(mentioned, "id", "name") or not isinstance(mentioned, Mapping) or not filled(mentioned["id"]):
        return False
    return isinstance(entity.get("text"), str) and _MENTION.fullmatch(entity["text"]) is not None
