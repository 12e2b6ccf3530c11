"""Elements of blocks against their limits: buttons, lists of options, fields, images and texts.

https://docs.slack.dev/reference/block-kit/block-elements
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from relay.chats.checks import filled, is_address
from relay.model.values import Json

MAX_VALUE: Final = 2_000
MAX_URL: Final = 3_000
MAX_BUTTON: Final = 75
MAX_LABEL: Final = 2_000
MAX_CONFIRM: Final = MappingProxyType({"title": 100, "text": 300, "confirm": 30, "deny": 30})
_MAX_ID: Final = 255
_MAX_PLACEHOLDER: Final = 150
_MAX_LENGTH: Final = 3_000
_STYLES: Final = (None, "primary", "danger")
_OPTIONS: Final = MappingProxyType(  # elements with options, and how many of them are taken
    {"static_select": 100, "multi_static_select": 100, "overflow": 5, "checkboxes": 10, "radio_buttons": 10}
)
_OTHERS: Final = frozenset(
    {"image", "button", "workflow_button", "feedback_buttons", "icon_button", "plain_text_input", "rich_text_input"}
    | {"datepicker", "timepicker", "datetimepicker", "number_input", "email_text_input", "url_text_input"}
    | {"file_input"}
    | {f"{many}{of}_select" for many in ("", "multi_") for of in ("external", "users", "conversations", "channels")}
)


def element(given: object, where: str) -> Iterator[str]:
    """Yield each limit that an element breaks, in a section, a row of actions or an input."""
    if not isinstance(given, Mapping) or not filled(given.get("type")):
        yield f"{where} must be an element with a type"
        return
    kind = str(given["type"])
    if kind not in _OTHERS and kind not in _OPTIONS:
        yield f"{where}.type must be that of an element of Slack"
    yield from identifier(given.get("action_id", "x"), f"{where}.action_id")
    if kind in _OPTIONS:
        yield from _options(given, where, kind)
    elif kind == "image":
        yield from image(given, where)
    elif kind == "button":
        yield from _button(given, where)
    if "placeholder" in given:
        yield from text(given["placeholder"], f"{where}.placeholder", _MAX_PLACEHOLDER, plain=True)
    if "confirm" in given:
        yield from _confirm(given["confirm"], f"{where}.confirm")
    most = given.get("max_length", 1)
    if isinstance(most, bool) or not isinstance(most, int) or not 1 <= most <= _MAX_LENGTH:
        yield f"{where}.max_length must be from 1 to {_MAX_LENGTH}"


def image(given: Json, where: str) -> Iterator[str]:
    """Yield each limit that an image breaks, as a block or an element."""
    if not is_address(given.get("image_url"), "https", "http") and "slack_file" not in given:
        yield f"{where}.image_url must be an http or https address"
    elif len(str(given.get("image_url", ""))) > MAX_URL:
        yield f"{where}.image_url takes at most {MAX_URL} characters"
    if not isinstance(given.get("alt_text"), str):
        yield f"{where}.alt_text is missing: it says what the image shows"


def text(value: object, where: str, limit: int, *, plain: bool = False) -> Iterator[str]:
    """Yield each limit that a text object breaks; `plain` allows no marks."""
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


def identifier(value: object, where: str) -> Iterator[str]:
    """Yield a problem unless a value can be an id."""
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_ID:
        yield f"{where} is a text of 1 to {_MAX_ID} characters"


def listed(value: object, where: str, limit: int) -> Iterator[str]:
    """Yield a problem unless a value is a list of 1 to `limit`."""
    if not isinstance(value, list) or not 0 < len(value) <= limit:
        yield f"{where} must be a list of 1 to {limit}"


def items(value: object) -> Sequence[object]:
    """Return the items of a list, none of anything else."""
    return value if isinstance(value, list) else []


def _button(given: Json, where: str) -> Iterator[str]:
    yield from text(given.get("text"), f"{where}.text", MAX_BUTTON, plain=True)
    value, url = given.get("value", ""), given.get("url")
    if not (isinstance(value, str) and len(value) <= MAX_VALUE):
        yield f"{where}.value is a text of at most {MAX_VALUE} characters"
    if "url" in given and not (is_address(url, "https", "http") and len(str(url)) <= MAX_URL):
        yield f"{where}.url is an http or https address of at most {MAX_URL} characters"
    yield from _style(given, where)


def _options(given: Json, where: str, kind: str) -> Iterator[str]:
    name = "option_groups" if "option_groups" in given and kind.endswith("_select") else "options"
    yield from listed(given.get(name), f"{where}.{name}", _OPTIONS[kind])
    if name == "options":
        for number, each in enumerate(items(given.get(name))):
            words = each.get("text") if isinstance(each, Mapping) else None
            yield from text(words, f"{where}.options[{number}].text", MAX_BUTTON)


def _confirm(confirm: object, where: str) -> Iterator[str]:
    if not isinstance(confirm, Mapping):
        yield f"{where} must be an object"
        return
    for name, limit in MAX_CONFIRM.items():
        yield from text(confirm.get(name), f"{where}.{name}", limit, plain=name != "text")
    yield from _style(confirm, where)


def _style(given: Json, where: str) -> Iterator[str]:
    if given.get("style") not in _STYLES:
        yield f"{where}.style is primary or danger, or left out"
