"""A MessageCard against the limits of its platform: parts that Outlook and Teams refuse, or quietly leave out.

References: https://learn.microsoft.com/outlook/actionable-messages/message-card-reference (fields, sections, actions)
and https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook (size).
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from relay.chats.checks import HALF, filled, is_address, is_pair, is_target, size

MAX_SIZE: Final = 28 * 1024  # bytes of JSON
MAX_SECTIONS: Final = 10
MAX_ACTIONS: Final = 4  # of any type in one collection
_CONTEXTS: Final = frozenset({"https://schema.org/extensions", "http://schema.org/extensions"})
_INPUTS: Final = frozenset({"TextInput", "DateInput", "MultichoiceInput"})
_CONTENT_TYPES: Final = frozenset({"application/json", "application/x-www-form-urlencoded"})
_SYSTEMS: Final = frozenset({"default", "windows", "iOS", "android"})
_COLOR: Final = re.compile(r"#?[0-9A-Fa-f]{6}")


def check(card: object, *, bot: bool = False) -> tuple[str, ...]:
    """Return each problem of a card parsed from JSON: a sentence with the place and the cure.

    A `bot`'s card may be as large as its message. Its HttpPOST comes to the bot, and so has no target.
    """
    if not isinstance(card, Mapping):
        return ("the card must be a JSON object",)
    if card.get("@type") != "MessageCard":
        return ('@type must be "MessageCard"',)
    return tuple(_card(card, bot=bot))


def _card(card: Mapping[str, object], *, bot: bool) -> Iterator[str]:
    if not bot:
        yield from _size(card)
    context = card.get("@context")
    if not isinstance(context, str) or context not in _CONTEXTS:
        yield '@context must be "https://schema.org/extensions"'
    if not filled(card.get("summary")) and not filled(card.get("text")):
        yield "summary is missing, and text too: write a summary, which Teams asks for in any case"
    yield from _texts(card, "", "summary", "title", "text")
    color = card.get("themeColor", "000000")
    if not isinstance(color, str) or not _COLOR.fullmatch(color):
        yield 'themeColor must be six hexadecimal digits, as in "0969DA"'
    sections = card.get("sections", [])
    if not isinstance(sections, list):
        yield "sections must be a list"
        sections = []
    if len(sections) > MAX_SECTIONS:
        yield f"sections: there are {len(sections)} and {MAX_SECTIONS} are shown: join some"
    for number, section in enumerate(sections):
        yield from _section(section, f"sections[{number}]", bot=bot)
    yield from _actions(card.get("potentialAction", []), "potentialAction", bot=bot)


def _size(card: Mapping[str, object]) -> Iterator[str]:
    try:
        found = size(card)
    except UnicodeEncodeError:
        yield HALF
        return
    if found > MAX_SIZE:
        yield f"the card has {found} bytes of JSON and {MAX_SIZE} are taken (28 KB): shorten its texts and facts"


def _section(section: object, where: str, *, bot: bool) -> Iterator[str]:
    if not isinstance(section, Mapping):
        yield f"{where} must be an object"
        return
    yield from _texts(section, f"{where}.", "title", "text", "activityTitle", "activitySubtitle", "activityText")
    facts = section.get("facts", [])
    if not isinstance(facts, list):
        yield f"{where}.facts must be a list"
        facts = []
    for number, fact in enumerate(facts):
        if not is_pair(fact, "name", "value"):
            yield f'{where}.facts[{number}] must be {{"name": ..., "value": ...}} of two strings'
    yield from _actions(section.get("potentialAction", []), f"{where}.potentialAction", bot=bot)


def _actions(actions: object, where: str, *, bot: bool, nested: bool = False) -> Iterator[str]:
    if not isinstance(actions, list):
        yield f"{where} must be a list"
        return
    if len(actions) > MAX_ACTIONS:
        yield f"{where}: there are {len(actions)} actions and {MAX_ACTIONS} are shown: take some away"
    for number, action in enumerate(actions):
        yield from _action(action, f"{where}[{number}]", bot=bot, nested=nested)


def _action(action: object, where: str, *, bot: bool, nested: bool) -> Iterator[str]:
    if not isinstance(action, Mapping):
        yield f"{where} must be an object"
        return
    kind = action.get("@type")
    if not filled(action.get("name")):
        yield f"{where}.name is missing: it is what stands on the button"
    if not isinstance(kind, str) or kind not in _KINDS:
        yield f"{where}.@type must be one of {', '.join(_KINDS)}"
    elif nested and kind not in _NESTED:
        yield f"{where}.@type must be {' or '.join(_NESTED)}: an ActionCard holds no others"
    elif kind == "ActionCard":
        yield from _action_card(action, where, bot=bot)
    elif kind == "HttpPOST" and bot:
        yield from _body(action, where)
    else:
        yield from _SIMPLE[kind](action, where)


def _open_uri(action: Mapping[str, object], where: str) -> Iterator[str]:
    targets = action.get("targets")
    if not isinstance(targets, list) or not targets:
        yield f'{where}.targets must be a list, as in [{{"os": "default", "uri": "https://..."}}]'
        return
    for number, target in enumerate(targets):
        place = f"{where}.targets[{number}]"
        if not isinstance(target, Mapping):
            yield f'{place} must be {{"os": ..., "uri": ...}}'
            continue
        system = target.get("os")
        if not isinstance(system, str) or system not in _SYSTEMS:
            yield f"{place}.os must be one of {', '.join(sorted(_SYSTEMS))}"
        if not is_address(target.get("uri"), "https", "http"):
            yield f"{place}.uri must be an http or https address"


def _http_post(action: Mapping[str, object], where: str) -> Iterator[str]:
    if not is_target(action.get("target")):
        yield f"{where}.target must be an https address that Microsoft's servers can reach"
    headers = action.get("headers", [])
    if not isinstance(headers, list) or not all(is_pair(header, "name", "value") for header in headers):
        yield f'{where}.headers must be a list of {{"name": ..., "value": ...}}, not an object of names'
    yield from _body(action, where)
    content_type = action.get("bodyContentType", "application/json")
    if not isinstance(content_type, str) or content_type not in _CONTENT_TYPES:
        yield f"{where}.bodyContentType must be {' or '.join(sorted(_CONTENT_TYPES))}"


def _body(action: Mapping[str, object], where: str) -> Iterator[str]:
    if not isinstance(action.get("body", ""), str):
        yield f"{where}.body must be a string: write the JSON as text"


def _action_card(action: Mapping[str, object], where: str, *, bot: bool) -> Iterator[str]:
    inputs = action.get("inputs", [])
    if not isinstance(inputs, list):
        yield f"{where}.inputs must be a list"
        inputs = []
    seen: set[str] = set()
    for number, each in enumerate(inputs):
        place = f"{where}.inputs[{number}]"
        if not isinstance(each, Mapping):
            yield f"{place} must be an object"
            continue
        yield from _input(each, place)
        name = each.get("id")
        if isinstance(name, str) and name in seen:
            yield f"{place}.id is taken by another input of this ActionCard: give it one of its own"
        seen |= {name} if isinstance(name, str) else set()
    if not action.get("actions"):
        yield f"{where}.actions is missing: an ActionCard without an action cannot be sent"
    else:
        yield from _actions(action["actions"], f"{where}.actions", bot=bot, nested=True)


def _input(each: Mapping[str, object], where: str) -> Iterator[str]:
    kind = each.get("@type")
    if not isinstance(kind, str) or kind not in _INPUTS:
        yield f"{where}.@type must be one of {', '.join(sorted(_INPUTS))}"
    if not filled(each.get("id")):
        yield f"{where}.id is missing: by it a body names the value, as in {{{{id.value}}}}"
    if kind == "MultichoiceInput":
        choices = each.get("choices")
        if not isinstance(choices, list) or not choices or not all(is_pair(c, "display", "value") for c in choices):
            yield f'{where}.choices must be a list of {{"display": ..., "value": ...}}'


def _add_in(action: Mapping[str, object], where: str) -> Iterator[str]:
    for name in ("addInId", "desktopCommandId"):
        if not filled(action.get(name)):
            yield f"{where}.{name} is missing"


def _texts(fields: Mapping[str, object], where: str, *names: str) -> Iterator[str]:
    for name in names:
        if not isinstance(fields.get(name, ""), str):
            yield f"{where}{name} must be a string"


_SIMPLE: Final = MappingProxyType({"OpenUri": _open_uri, "HttpPOST": _http_post, "InvokeAddInCommand": _add_in})
_KINDS: Final = ("OpenUri", "HttpPOST", "ActionCard", "InvokeAddInCommand")
_NESTED: Final = ("OpenUri", "HttpPOST")
