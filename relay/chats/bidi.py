"""Characters that change the direction of text, and so can make it read as another text.

https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
"""

from typing import Final

_TURNING: Final = {
    code: f"\\u{code:04x}" for code in (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


def straight(text: str) -> str:
    r"""Return a text in which those characters are written out, as `\u202e` is."""
    return text.translate(_TURNING)
