"""The language of a page, from Accept-Language.

https://www.rfc-editor.org/rfc/rfc9110#name-accept-language
"""

import re
from typing import Final, Literal

Language = Literal["en", "ko"]
_RANGE: Final = re.compile(
    r"(\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)(?:[ \t]*;[ \t]*[qQ]=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?"
)
_MAX_LENGTH: Final = 1_000


def choose(accepted: str) -> Language:
    """Return the language that Accept-Language prefers, or English if it names neither. Malformed parts are ignored."""
    wishes: dict[str, float] = {}  # in their order: the first of equal wishes wins
    for part in accepted[:_MAX_LENGTH].split(","):
        found = _RANGE.fullmatch(part.strip(" \t"))
        if found:
            name = found[1].lower().partition("-")[0]
            wishes[name] = max(wishes.get(name, 0.0), float(found[2] or 1))
    anything = wishes.get("*", 0.0)
    korean, english = wishes.get("ko", anything), wishes.get("en", anything)
    named = [name for name in wishes if name in ("ko", "en")]
    if korean > english or (korean == english > 0 and named[:1] == ["ko"]):
        return "ko"
    return "en"
