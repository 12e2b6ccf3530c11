"""A message in Slack against its limits: what Slack refuses, or quietly leaves out.

https://docs.slack.dev/reference/block-kit/blocks
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from relay.chats.checks import filled, is_address
from relay.model import Json

MAX_TEXT: Final = 4_000  # chat.update refuses more: msg_too_long
MAX_CHARACTERS: Final = 12_000  # over all blocks; Slack counts some 13,200 and does not say so: msg_blocks_too_long
MAX_BLOCKS: Final = 50
MAX_VALUE: Final = 2_000
MAX_URL: Final = 3_000
MAX_BUTTON: Final = 75
MAX_HEADER: Final = 150
MAX_FIELD: Final = 2_000
MAX_FIELDS: Final = 10
MAX_SECTION: Final = 3_000
MAX_LABEL: Final = 2_000
MAX_CONFIRM: Final = MappingProxyType({"title": 100, "text": 300, "confirm": 30, "deny": 30})
_MAX_ID: Final = 255
_MAX_ELEMENTS: Final = 25
_MAX_CONTEXT: Final = 10
_STYLES: Final = (None, "primary", "danger")
_ELSEWHERE: Final = frozenset(  # blocks of Slack that are not looked into
    {"video", "rich_text", "file", "table", "markdown", "call", "card", "carousel", "container", "task_card", "plan"}
)
HALF: Final = "a text holds half a character, which is no text: send whole characters"


def breaches(message: object) -> tuple[str, ...]:
    """Return each limit that a message breaks: a sentence with its place and the cure."""
    return tuple(_problems(message))


def texts(blocks: object) -> Iterator[str]:
    """Yield every text that Slack shows of blocks, wherever it is."""
    if isinstance(blocks, Mapping):
        for name, value in blocks.items():
            if name in ("text", "alt_text") and isinstance(value, str):
                yield value
            else:
                yield from texts(value)
    elif isinstance(blocks, list | tuple):
        for each in blocks:
            yield from texts(each)


def characters(blocks: object) -> int:
    """Return the characters of all texts of blocks, in code points."""
    return sum(map(len, texts(blocks)))


def _problems(message: object) -> Iterator[str]:
    if not isinstance(message, Mapping):
        yield "the message must be a JSON object"
        return
    text, blocks = message.get("text", ""), message.get("blocks")
    if not isinstance(text, str):
        yield "text must be a string"
    elif len(text) > MAX_TEXT:
        yield f"text has {len(text)} characters and {MAX_TEXT} are taken: shorten it"
    if not isinstance(blocks, list) or not blocks:
        yield "blocks must be a list of blocks"
        return
    if len(blocks) > MAX_BLOCKS:
        yield f"blocks: there are {len(blocks)} and {MAX_BLOCKS} are taken: take some away"
    found = characters(blocks)
    if found > MAX_CHARACTERS:
        yield f"blocks have {found} characters of text and {MAX_CHARACTERS} are taken: shorten the texts"
    if any("\ud800" <= each <= "\udfff" for each in "".join([str(text), *texts(blocks)])):
        yield HALF
    ids: set[str] = set()
    for number, block in enumerate(blocks):
        yield from _block(block, f"blocks[{number}]", ids)


def _block(block: object, where: str, ids: set[str]) -> Iterator[str]:
    if not isinstance(block, Mapping):
        yield f"{where} must be an object"
        return
    identifier = block.get("block_id")
    if identifier is not None:
        yield from _identifier(identifier, f"{where}.block_id")
        if str(identifier) in ids:
            yield f"{where}.block_id is taken by another block of this message: give it one of its own"
        ids.add(str(identifier))
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
        yield from _text(block["text"], f"{where}.text", MAX_SECTION)
    if fields is not None:
        yield from _list(fields, f"{where}.fields", MAX_FIELDS)
        for number, field in enumerate(_items(fields)):
            yield from _text(field, f"{where}.fields[{number}]", MAX_FIELD)
    if "accessory" in block:
        yield from _element(block["accessory"], f"{where}.accessory")


def _header(block: Json, where: str) -> Iterator[str]:
    yield from _text(block.get("text"), f"{where}.text", MAX_HEADER, plain=True)


def _context(block: Json, where: str) -> Iterator[str]:
    elements = block.get("elements")
    yield from _list(elements, f"{where}.elements", _MAX_CONTEXT)
    for number, each in enumerate(_items(elements)):
        if isinstance(each, Mapping) and each.get("type") == "image":
            yield from _image(each, f"{where}.elements[{number}]")
        else:
            yield from _text(each, f"{where}.elements[{number}]", MAX_SECTION)


def _actions(block: Json, where: str) -> Iterator[str]:
    elements = block.get("elements")
    yield from _list(elements, f"{where}.elements", _MAX_ELEMENTS)
    ids: set[str] = set()
    for number, each in enumerate(_items(elements)):
        yield from _element(each, f"{where}.elements[{number}]")
        name = each.get("action_id") if isinstance(each, Mapping) else None
        if name is not None and str(name) in ids:
            yield f"{where}.elements[{number}].action_id is taken by another element of this block: give it its own"
        ids.add(str(name))


def _input(block: Json, where: str) -> Iterator[str]:
    yield from _text(block.get("label"), f"{where}.label", MAX_LABEL, plain=True)
    element = block.get("element")
    if not isinstance(element, Mapping) or not filled(element.get("type")):
        yield f"{where}.element must be an element with a type"
        return
    most = element.get("max_length", 1)
    if isinstance(most, bool) or not isinstance(most, int) or not 1 <= most <= 3_000:  # noqa: PLR2004 - Slack's number
        yield f"{where}.element.max_length must be from 1 to 3000"
    yield from _identifier(element.get("action_id", "x"), f"{where}.element.action_id")


def _image(block: Json, where: str) -> Iterator[str]:
    if not is_address(block.get("image_url"), "https", "http") and "slack_file" not in block:
        yield f"{where}.image_url must be an http or https address"
    elif len(str(block.get("image_url", ""))) > MAX_URL:
        yield f"{where}.image_url takes at most {MAX_URL} characters"
    if not isinstance(block.get("alt_text"), str):
        yield f"{where}.alt_text is missing: it says what the image shows"


def _element(element: object, where: str) -> Iterator[str]:
    if not isinstance(element, Mapping) or not filled(element.get("type")):
        yield f"{where} must be an element with a type"
        return
    if element["type"] == "image":
        yield from _image(element, where)
    if element["type"] != "button":
        return
    yield from _text(element.get("text"), f"{where}.text", MAX_BUTTON, plain=True)
    yield from _identifier(element.get("action_id", "x"), f"{where}.action_id")
    if "value" in element and not (isinstance(element["value"], str) and len(element["value"]) <= MAX_VALUE):
        yield f"{where}.value is a text of at most {MAX_VALUE} characters"
    if "url" in element and not (is_address(element["url"], "https", "http") and len(element["url"]) <= MAX_URL):
        yield f"{where}.url is an http or https address of at most {MAX_URL} characters"
    if element.get("style") not in _STYLES:
        yield f"{where}.style is primary or danger, or left out"
    if "confirm" in element:
        yield from _confirm(element["confirm"], f"{where}.confirm")


def _confirm(confirm: object, where: str) -> Iterator[str]:
    if not isinstance(confirm, Mapping):
        yield f"{where} must be an object"
        return
    for name, limit in MAX_CONFIRM.items():
        yield from _text(confirm.get(name), f"{where}.{name}", limit, plain=name != "text")


def _text(value: object, where: str, limit: int, *, plain: bool = False) -> Iterator[str]:
    kinds = ("plain_text",) if plain else ("plain_text", "mrkdwn")
    if not isinstance(value, Mapping) or value.get("type") not in kinds or not isinstance(value.get("text"), str):
        yield f'{where} must be {{"type": "{kinds[-1]}", "text": ...}}'
        return
    length = len(value["text"])
    if not 0 < length <= limit:
        yield f"{where} has {length} characters and 1 to {limit} are taken"
    if value["type"] == "mrkdwn" and "emoji" in value:
        yield f"{where}.emoji is only for a plain_text: leave it out"
    if value["type"] == "plain_text" and "verbatim" in value:
        yield f"{where}.verbatim is only for a mrkdwn: leave it out"


def _identifier(value: object, where: str) -> Iterator[str]:
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_ID:
        yield f"{where} is a text of 1 to {_MAX_ID} characters"


def _list(value: object, where: str, limit: int) -> Iterator[str]:
    if not isinstance(value, list) or not 0 < len(value) <= limit:
        yield f"{where} must be a list of 1 to {limit}"


def _items(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else []


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
        "divider": _nothing,
    }
)
