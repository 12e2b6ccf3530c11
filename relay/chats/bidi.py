"""Characters that change the direction of text, and so can make it read as another text.

https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
"""

from typing import Final

_MARKS: Final = dict.fromkeys((0x061C, 0x200E, 0x200F))
_TURNING: Final = {
    code: f"\\u{code:04x}" for code in (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


def straight(text: str) -> str:
    r"""Return a text in which those characters are written out, as `\u202e` is."""
    return text if text.isascii() else text.translate(_TURNING)


def readable(text: str) -> str:
    """Return a text as `straight` does, without the three marks that keyboards for Hebrew and Arabic put into words.

    A mark turns nothing around by itself, and a card shows no payload, whose every character counts.
    """
    return straight(text.translate(_MARKS))
