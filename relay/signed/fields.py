"""The fields of a request, with a reader for each that checks its value. Every entrance uses the same readers."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from relay.errors import malformed
from relay.model.values import Json
from relay.signed import canonical_json
from relay.signed.durations import parse_duration

MAX_PAYLOAD: Final = 40 * 1024  # bytes of JSON
MAX_PAYLOAD_KEYS: Final = 24  # GitHub takes 25 inputs of a workflow, and one is ours
MAX_DISPATCH_KEYS: Final = 9  # GitHub takes 10 top-level properties of a dispatch, and one is ours
MAX_REPORT: Final = 1_000  # characters
OURS: Final = "approval"
MAX_LEVELS: Final = canonical_json.MAX_DEPTH - 1  # the request that holds the value is a level too
OWNER: Final = "[A-Za-z0-9][A-Za-z0-9_-]{0,99}"  # managed users have an underscore, and may pass 39 characters

_HEADS: Final = ("refs/heads/", "refs/tags/")
_REPOSITORY: Final = re.compile(
    rf"(?:{OWNER})/(?!\.{{1,2}}$)(?!.*\.git$)[a-z0-9._-]{{1,100}}", re.ASCII | re.IGNORECASE
)
_LOGIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}(?:\[bot\])?")
_COLOR: Final = re.compile(r"#?[0-9A-Fa-f]{6}")
_SHA: Final = re.compile(r"[0-9a-fA-F]{7,64}")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Letters and marks that are printable by their category but invisible. A variation selector belongs to an emoji.
# https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
UNSEEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0e\uffa0\U00016fe4\U000e0100-\U000e01ef]"
    "|(?:^|(?<=[\\x00-\\x7f\uac00-\ud7a3]))\ufe0f"
)
# Only addresses that every reader takes for the same host: browsers read a backslash as a slash, and some letters only
# look like ASCII.
_WEB: Final = re.compile(
    r"https?://[a-z0-9][a-z0-9.-]{0,252}(?::[0-9]{1,5})?(?:[/?#][^\\\x00-\x20\x7f]*)?", re.ASCII | re.IGNORECASE
)


def is_web_address(text: str) -> bool:
    """Tell whether a text is an http or https address that every program reads as the same host."""
    return _WEB.fullmatch(text) is not None


def has_ours(payload: Mapping[str, object]) -> bool:
    """Tell whether a payload has the relay's own key, in any case: a workflow's expressions ignore case.

    https://docs.github.com/actions/reference/workflows-and-actions/contexts
    """
    return any(key.lower() == OURS for key in payload)


def is_branch_or_tag(ref: str) -> bool:
    """Tell whether a ref is a full one, of a branch or a tag."""
    return bool(branch_or_tag(ref)) and ref.startswith(_HEADS)


def branch_or_tag(ref: str) -> str:
    """Return the name of the branch or tag of a full ref, and any other text as it is."""
    for head in _HEADS:
        if ref.startswith(head):
            return ref.removeprefix(head)
    return ref


def without_controls(text: str) -> str:
    """Return a text without the control characters that no request may hold. Tabs and line breaks stay."""
    return _CONTROL.sub("", text)


def _text(limit: int, *, lines: bool = False) -> Callable[[str, object], str]:
    def read(name: str, value: object) -> str:
        if not isinstance(value, str):
            raise malformed(name, "must be a string")
        if not value.strip() or len(value) > limit:
            raise malformed(name, f"takes 1 to {limit} characters")
        if _CONTROL.search(value) or (not lines and ("\n" in value or "\r" in value)):
            raise malformed(name, "must not hold control characters" + ("" if lines else " or line breaks"))
        _check(name, value)
        return value

    return read


def report_text(name: str, value: object) -> str:
    """Return the text of a report, which may be empty. Raises Refusal malformed."""
    blank = isinstance(value, str) and len(value) <= MAX_REPORT and not value.strip()
    return "" if value is None or blank else _text(MAX_REPORT, lines=True)(name, value)


def _name(limit: int) -> Callable[[str, object], str]:
    # GitHub, the policy and workflows compare this with names of their own, so no two names may look alike.
    def read(name: str, value: object) -> str:
        text = _text(limit)(name, value)
        if text != " ".join(text.split()) or not text.isprintable() or UNSEEN.search(text):
            here = next((char for char in text if not char.isprintable() or UNSEEN.fullmatch(char)), "")
            shown = f" (here U+{ord(here):04X})" if here else ""
            raise malformed(
                name, f"must not begin or end with a blank, or hold two together or what nobody sees{shown}"
            )
        return text

    return read


def _pattern(pattern: re.Pattern[str], form: str) -> Callable[[str, object], str]:
    def read(name: str, value: object) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise malformed(name, f"must be {form}")
        return value

    return read


def _url(name: str, value: object) -> str:
    text = _text(2_000)(name, value)
    if not is_web_address(text):
        raise malformed(
            name,
            "must be an http or https address whose host is in ASCII (xn-- for other scripts), without a user, a "
            "backslash or a blank",
        )
    return text


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise malformed(name, "must be true or false")
    return value


def _number(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= canonical_json.MAX_INTEGER:
        raise malformed(name, "must be a positive whole number")
    return value


def _payload(name: str, value: object) -> Json:
    if not isinstance(value, Mapping):
        raise malformed(name, "must be a JSON object")
    if has_ours(value):
        raise malformed(name, f"must not have the key {OURS}, in any letters: the relay writes its proof there")
    if len({key.lower() for key in value}) < len(value):
        raise malformed(
            name, "must not have keys that differ in capitals alone: to a workflow's expressions they are one"
        )
    if len(value) > MAX_PAYLOAD_KEYS:
        raise malformed(name, f"takes at most {MAX_PAYLOAD_KEYS} top-level keys; nest the others in one object")
    _check(name, value)
    if canonical_json.size(value) > MAX_PAYLOAD:
        raise malformed(name, "takes at most 40 KiB of JSON; send a reference instead of the content")
    return dict(value)


def _objects(limit: int) -> Callable[[str, object], tuple[Json, ...]]:
    def read(name: str, value: object) -> tuple[Json, ...]:
        if not isinstance(value, list | tuple) or not all(isinstance(item, Mapping) for item in value):
            raise malformed(name, "must be a list of objects")
        if len(value) > limit:
            raise malformed(name, f"takes at most {limit} entries")
        _check(name, list(value))
        return tuple(value)

    return read


def _pairs(second: str, read_second: Callable[[str, object], str], limit: int) -> Callable[[str, object], object]:
    def read(name: str, value: object) -> tuple[Json, ...]:
        pairs = _objects(limit)(name, value)
        for pair in pairs:
            if set(pair) != {"name", second}:
                raise malformed(name, f"entries are objects of name and {second}")
            _text(100)(name, pair["name"])
            read_second(name, pair[second])
        return pairs

    return read


def _words(limit: int) -> Callable[[str, object], tuple[str, ...]]:
    def read(name: str, value: object) -> tuple[str, ...]:
        if not isinstance(value, list | tuple) or len(value) > limit:
            raise malformed(name, f"must be a list of at most {limit} names")
        return tuple(_text(100)(name, item) for item in value)

    return read


def read_duration(name: str, value: object) -> int:
    """Return a duration in seconds. Raises Refusal malformed, naming the field."""
    try:
        return parse_duration(value if isinstance(value, str) else "")
    except ValueError as error:
        raise malformed(name, str(error)) from None


def _check(name: str, value: object) -> None:
    try:
        canonical_json.check(value)
    except ValueError as error:
        raise malformed(name, str(error)) from None
    if canonical_json.is_deeper(value, MAX_LEVELS):
        raise malformed(name, f"takes at most {MAX_LEVELS} levels of lists and objects")


READERS: Final[Mapping[str, Callable[[str, object], Any]]] = MappingProxyType(
    {
        "repository": _pattern(_REPOSITORY, "OWNER/NAME of a GitHub repository"),
        "title": _text(300),
        "nonce": _pattern(re.compile(r"[A-Za-z0-9_-]{16,64}"), "16 to 64 characters of base64url"),
        "event_type": _name(100),
        "client_payload": _payload,
        "text": _text(8_000, lines=True),
        "summary": _text(300),
        "theme_color": _pattern(_COLOR, "six hexadecimal digits"),
        "sections": _objects(10),
        "actions": _objects(4),
        "facts": _pairs("value", _text(2_000, lines=True), 50),
        "links": _pairs("url", _url, 10),
        "environment": _name(255),
        "ref": _name(255),
        "sha": _pattern(_SHA, "a commit's hexadecimal SHA"),
        "run_url": _url,
        "requested_by": _pattern(_LOGIN, "a GitHub login"),
        "requested_by_id": _number,
        "requested_by_also": _pattern(_LOGIN, "a GitHub login"),
        "reject_event_type": _name(100),
        "require_comment": _flag,
        "approvers": _words(50),
        "approve_label": _text(40),
        "reject_label": _text(40),
        "confirm": _text(300),
        "channels": _words(10),
    }
)
