"""An Adaptive Card against the limits of its host: parts that it refuses, or quietly leaves out."""

import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from relay.chats.adaptive.hosts import Host
from relay.chats.adaptive.parts import ON_DESKTOPS, VERSIONS, Part, Row, parts, texts
from relay.chats.checks import filled, is_address, is_pair, is_target
from relay.model.values import Json

MAX_REFRESHED: Final = 60  # people for whom Teams asks a bot for their own card
_VERSION: Final = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})")
_DATA_IMAGE: Final = re.compile(r"data:image/[a-z+.-]+;base64,", re.IGNORECASE)
_MENTION: Final = re.compile(r"<at>[^<>]*</at>")
_HTML: Final = re.compile(
    r"</?(?:a|b|blockquote|br|code|div|em|font|h[1-6]|hr|i|img|li|ol|p|pre|span|strong|table|td|tr|u|ul)\b[^<>]*>",
    re.IGNORECASE,
)

# https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format lists what is drawn.
_NOT_DRAWN: Final = MappingProxyType(
    {
        "a heading": re.compile(r"^ {0,3}#{1,6}\s", re.MULTILINE),
        "a block of code": re.compile(r"^ {0,3}(?:```|~~~)", re.MULTILINE),
        "a quotation": re.compile(r"^ {0,3}>\s", re.MULTILINE),
        "a table": re.compile(r"^ {0,3}(?:\|[ \t]*:?-+:?|:?-{2,}:?)[ \t]*\|", re.MULTILINE),
        "an image": re.compile(r"!\[[^\]\n]{0,300}\]\("),
    }
)


def check(card: object, host: Host, where: str = "") -> Iterator[str]:
    """Yield each problem of a card for its host: a sentence with the place and the cure.

    `where` is the prefix of each place, for a card within a message.
    """
    if not isinstance(card, Mapping) or card.get("type") != "AdaptiveCard":
        yield f'{where}type must be "AdaptiveCard"'
        return
    yield from _version(card, host, where)
    found = list(parts(card, where))
    ids: set[str] = set()
    for each in found:
        match each:
            case Row(row, length) if length > host.max_actions:
                yield f"{row}: there are {length} actions and {host.max_actions} are shown: take some away"
            case Part():
                yield from _part(each, host)
                yield from _input(each, host, ids)
            case str(problem):
                yield problem
            case _:
                pass
    if host.mentions:
        yield from _mentions(card, (each for each in found if isinstance(each, Part)), where)
    yield from _refresh(card, where)


def advice(card: Json, where: str = "") -> Iterator[str]:
    """Yield each part that a card may hold, but that will not look as it was meant; in the form of `check`."""
    for part in parts(card, where):
        if not isinstance(part, Part):
            continue
        if any(_HTML.search(text) for text in texts(part)):
            yield f"{part.where} has HTML in its text, which is shown as it is written: use Markdown, such as **bold**"
        for name, pattern in _NOT_DRAWN.items():
            if any(pattern.search(text) for text in texts(part)):
                yield (
                    f"{part.where} has {name} in its text, which an Adaptive Card does not draw: it draws bold, "
                    "italic, lists and links"
                )


def _version(card: Json, host: Host, where: str) -> Iterator[str]:
    said = card.get("version")
    found = _VERSION.fullmatch(said) if isinstance(said, str) else None
    if found is None:
        yield f'{where}version must be given, as in "{_dotted(host.declared)}"'
    elif (int(found[1]), int(found[2])) > host.declared:
        yield f"{where}version is {found[0]}: {host.why}"


def _part(part: Part, host: Host) -> Iterator[str]:
    if part.kind == "AdaptiveCard" and part.where.endswith("card"):
        return
    version = VERSIONS.get(part.kind)
    if part.kind in host.without:
        yield f"{part.where}: {part.kind} {host.without[part.kind]}"
    elif part.kind in host.beyond or (host.falls_back and part.has_fallback):
        pass
    elif host.falls_back and part.kind in ON_DESKTOPS:
        yield f"{part.where}: phones do not draw {part.kind}: give it a fallback"
    elif version is None:
        yield f"{part.where}.type must be that of an element or action of Adaptive Cards up to 1.5: no other is drawn"
    elif version > host.drawn:
        cure = "give it a fallback, or leave it out" if host.falls_back else "leave it out"
        drawers = "phones draw" if host.falls_back else f"{host.name} draws"
        fault = f"is of version {_dotted(version)}, and {drawers} up to {_dotted(host.drawn)}"
        yield f"{part.where}: {part.kind} {fault}: {cure}"
    yield from _form(part, host)


def _form(part: Part, host: Host) -> Iterator[str]:
    fields, where = part.fields, part.where
    match part.kind:
        case "TextBlock" | "TextRun":
            if not isinstance(fields.get("text"), str):
                yield f"{where}.text must be a string"
        case "FactSet":
            facts = fields.get("facts")
            if not isinstance(facts, list) or not all(is_pair(fact, "title", "value") for fact in facts):
                yield f'{where}.facts must be a list of {{"title": ..., "value": ...}} of two strings'
        case "Image":
            if not _is_image(fields.get("url"), host):
                yield f"{where}.url must be an https address: no other image is shown"
        case kind if kind.startswith("Action."):
            yield from _action(part, host)


def _is_image(url: object, host: Host) -> bool:
    in_itself = host.data_images and isinstance(url, str) and _DATA_IMAGE.match(url) is not None
    return in_itself or is_address(url, "https")


def _action(part: Part, host: Host) -> Iterator[str]:
    fields, where = part.fields, part.where
    icon = fields.get("iconUrl")
    if re.search(r"\bactions\[\d+\]$", where) and not filled(fields.get("title")) and icon is None:
        yield f"{where}.title is missing: it is what stands on the button"
    if icon is not None and not _is_image(icon, host):
        yield f"{where}.iconUrl must be an https address: no other image is shown"
    if part.kind == "Action.OpenUrl" and not is_address(fields.get("url"), "https", "http"):
        yield f"{where}.url must be an http or https address"
    if part.kind == "Action.Http":
        yield from _http(fields, where)


def _http(fields: Json, where: str) -> Iterator[str]:
    if not is_target(fields.get("url")):
        yield f"{where}.url must be an https address that Microsoft's servers can reach"
    method = fields.get("method")
    if method not in ("GET", "POST"):
        yield f"{where}.method must be GET or POST"
    if method == "POST" and not isinstance(fields.get("body"), str):
        yield f"{where}.body must be a string: write the JSON as text"
    headers = fields.get("headers", [])
    if not isinstance(headers, list) or not all(is_pair(header, "name", "value") for header in headers):
        yield f'{where}.headers must be a list of {{"name": ..., "value": ...}}, not an object of names'


def _input(part: Part, host: Host, ids: set[str]) -> Iterator[str]:
    if not part.kind.startswith("Input."):
        return
    if not host.inputs:
        yield f"{part.where}: nothing on this card can send what is typed here: ask on the page that a button opens"
    name = part.fields.get("id")
    if not filled(name):
        yield f"{part.where}.id is missing: by it the value is known"
    elif name in ids:
        yield f"{part.where}.id is taken by another input of this card: give it one of its own"
    ids.add(str(name))


def _refresh(card: Json, where: str) -> Iterator[str]:
    refresh = card.get("refresh")
    people = refresh.get("userIds", []) if isinstance(refresh, Mapping) else []
    if not isinstance(people, list):
        yield f"{where}refresh.userIds must be a list"
    elif len(people) > MAX_REFRESHED:
        yield f"{where}refresh.userIds: there are {len(people)} and {MAX_REFRESHED} are taken: take some away"


def _mentions(card: Json, parts: Iterable[Part], where: str) -> Iterator[str]:
    """Yield each mention without its entity, and each entity that is not of the form or mentioned nowhere.

    https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format#mention-support-within-adaptive-cards
    """
    for name in card:
        if name.casefold() == "msteams" and name != "msteams":
            yield f"{where}{name} must be written msteams: in another spelling its width and mentions are lost"
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


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"
