"""A message in Slack against its limits: what Slack refuses, or quietly leaves out.

https://docs.slack.dev/reference/block-kit/blocks
"""

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from relay.chats.checks import filled
from relay.chats.slack.elements import MAX_LABEL, element, identifier, image, items, listed, text
from relay.model.values import Json

MAX_TEXT: Final = 4_000  # chat.update refuses more: msg_too_long
MAX_CHARACTERS: Final = 12_000  # over all blocks; Slack counts some 13,200 and does not say so: msg_blocks_too_long
MAX_BLOCKS: Final = 50
MAX_HEADER: Final = 150
MAX_FIELD: Final = 2_000
MAX_FIELDS: Final = 10
MAX_SECTION: Final = 3_000
_MAX_ELEMENTS: Final = 25
_MAX_CONTEXT: Final = 10
_ELSEWHERE: Final = frozenset(  # blocks of Slack that are not looked into
    {"video", "rich_text", "file", "table", "call", "card", "carousel", "container", "task_card", "plan"}
    | {"context_actions", "data_table", "data_visualization"}
)
_HALF: Final = re.compile("[\ud800-\udfff]")
HALF: Final = "a text holds half a character, which is no text: send whole characters"


def breaches(message: object) -> tuple[str, ...]:
    """Return each limit that a message breaks: a sentence with its place and the cure."""
    return tuple(_problems(message))


def texts(blocks: object) -> list[str]:
    """Return every text that Slack shows of blocks, wherever it is."""
    found: list[str] = []
    left = [blocks]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            for name, value in each.items():
                if not isinstance(value, str):
                    left.append(value)
                elif name in ("text", "alt_text"):
                    found.append(value)
        elif isinstance(each, list):
            left += each
    return found


def _problems(message: object) -> Iterator[str]:
    if not isinstance(message, Mapping):
        yield "the message must be a JSON object"
        return
    words, blocks = message.get("text", ""), message.get("blocks")
    if not isinstance(words, str):
        yield "text must be a string"
    elif len(words) > MAX_TEXT:
        yield f"text has {len(words)} characters and {MAX_TEXT} are taken: shorten it"
    if not isinstance(blocks, list) or not blocks:
        yield "blocks must be a list of blocks"
        return
    if len(blocks) > MAX_BLOCKS:
        yield f"blocks: there are {len(blocks)} and {MAX_BLOCKS} are taken: take some away"
    found = texts(blocks)
    characters = sum(map(len, found))
    if characters > MAX_CHARACTERS:
        yield f"blocks have {characters} characters of text and {MAX_CHARACTERS} are taken: shorten the texts"
    if any(map(_HALF.search, [str(words), *found])):
        yield HALF
    ids: set[str] = set()
    for number, block in enumerate(blocks):
        yield from _block(block, f"blocks[{number}]", ids)


def _block(block: object, where: str, ids: set[str]) -> Iterator[str]:
    if not isinstance(block, Mapping):
        yield f"{where} must be an object"
        return
    name = block.get("block_id")
    if name is not None:
        yield from identifier(name, f"{where}.block_id")
        if str(name) in ids:
            yield f"{where}.block_id is taken by another block of this message: give it one of its own"
        ids.add(str(name))
    kind = str(block.get("type"))
    if kind in _BLOCKS:
        yield from _BLOCKS[kind](block, where)
    elif kind not in _ELSEWHERE:
        yield f"{where}.type must be that of a block of Slack"


def _section(block: Json, where: str) -> Iterator[str]:
    fields = block.get("fields")
    if "text" not in block and not fields:
        yield f"{where} needs a text or fields"
    if "text" in block:
        yield from text(block["text"], f"{where}.text", MAX_SECTION)
    if fields is not None:
        yield from listed(fields, f"{where}.fields", MAX_FIELDS)
        for number, field in enumerate(items(fields)):
            yield from text(field, f"{where}.fields[{number}]", MAX_FIELD)
    if "accessory" in block:
        yield from element(block["accessory"], f"{where}.accessory")


def _header(block: Json, where: str) -> Iterator[str]:
    yield from text(block.get("text"), f"{where}.text", MAX_HEADER, plain=True)


def _context(block: Json, where: str) -> Iterator[str]:
    elements = block.get("elements")
    yield from listed(elements, f"{where}.elements", _MAX_CONTEXT)
    for number, each in enumerate(items(elements)):
        if isinstance(each, Mapping) and each.get("type") == "image":
            yield from image(each, f"{where}.elements[{number}]")
        else:
            yield from text(each, f"{where}.elements[{number}]", MAX_SECTION)


def _actions(block: Json, where: str) -> Iterator[str]:
    elements = block.get("elements")
    yield from listed(elements, f"{where}.elements", _MAX_ELEMENTS)
    ids: set[str] = set()
    for number, each in enumerate(items(elements)):
        yield from element(each, f"{where}.elements[{number}]")
        name = each.get("action_id") if isinstance(each, Mapping) else None
        if name is not None and str(name) in ids:
            yield f"{where}.elements[{number}].action_id is taken by another element of this block: give it its own"
        ids.add(str(name))


def _input(block: Json, where: str) -> Iterator[str]:
    yield from text(block.get("label"), f"{where}.label", MAX_LABEL, plain=True)
    if "hint" in block:
        yield from text(block["hint"], f"{where}.hint", MAX_LABEL, plain=True)
    yield from element(block.get("element"), f"{where}.element")


def _image(block: Json, where: str) -> Iterator[str]:
    yield from image(block, where)
    if "title" in block:
        yield from text(block["title"], f"{where}.title", MAX_LABEL, plain=True)


def _markdown(block: Json, where: str) -> Iterator[str]:
    if not filled(block.get("text")):
        yield f"{where}.text must be a text, which Slack reads as Markdown"


def _nothing(_block: Json, _where: str) -> Iterator[str]:
    yield from ()


_BLOCKS: Final[Mapping[str, Callable[[Json, str], Iterator[str]]]] = MappingProxyType(
    {
        "section": _section,
        "header": _header,
        "context": _context,
        "actions": _actions,
        "input": _input,
        "image": _image,
        "markdown": _markdown,
        "divider": _nothing,
    }
)
