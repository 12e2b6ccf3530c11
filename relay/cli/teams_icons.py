"""The two icons of the Teams app, drawn here: a check mark on the relay's blue, and in a circle as an outline.

https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/apps-package#app-icons
"""

import math
import struct
import zlib
from collections.abc import Callable
from itertools import pairwise
from typing import Final

COLOR: Final = "#0969DA"
COLOR_SIZE: Final = 192
OUTLINE_SIZE: Final = 32
_BLUE: Final = bytes.fromhex(COLOR[1:])
_WHITE: Final = b"\xff\xff\xff"
_CHECK: Final = ((0.29, 0.52), (0.44, 0.67), (0.72, 0.36))  # in parts of the whole
_FINE: Final = 2  # each pixel is looked at in this many places across and down

Point = tuple[float, float]


def color_icon() -> bytes:
    """Return the PNG in full colour, 192 pixels wide and high."""
    share = _shares(COLOR_SIZE, lambda at: _to_check(at) < 0.055)  # noqa: PLR2004 - the pen's half width
    pixels = [_mixed(each) + b"\xff" for each in share]
    return _png(COLOR_SIZE, pixels)


def outline_icon() -> bytes:
    """Return the PNG in white on nothing, 32 pixels wide and high."""
    share = _shares(OUTLINE_SIZE, lambda at: _to_check(at) < 0.045 or abs(math.dist(at, (0.5, 0.5)) - 0.43) < 0.035)  # noqa: PLR2004 - as above
    return _png(OUTLINE_SIZE, [_WHITE + bytes((round(255 * each),)) for each in share])


def _shares(size: int, inside: Callable[[Point], bool]) -> list[float]:
    """Return for each pixel, row by row, how much of it lies inside a shape."""
    step = 1 / (size * _FINE)
    fine = [(0.5 + n) * step for n in range(size * _FINE)]
    rows = [[inside((x, y)) for x in fine] for y in fine]
    return [
        sum(sum(row[left * _FINE : (left + 1) * _FINE]) for row in rows[top * _FINE : (top + 1) * _FINE]) / _FINE**2
        for top in range(size)
        for left in range(size)
    ]


def _to_check(at: Point) -> float:
    return min(_to_line(at, start, end) for start, end in pairwise(_CHECK))


def _to_line(at: Point, start: Point, end: Point) -> float:
    """Return how far a point is from a line between two others."""
    along = (end[0] - start[0], end[1] - start[1])
    part = ((at[0] - start[0]) * along[0] + (at[1] - start[1]) * along[1]) / (along[0] ** 2 + along[1] ** 2)
    part = min(1.0, max(0.0, part))
    return math.dist(at, (start[0] + part * along[0], start[1] + part * along[1]))


def _mixed(share: float) -> bytes:
    return bytes(round(blue + (white - blue) * share) for blue, white in zip(_BLUE, _WHITE, strict=True))


def _png(size: int, pixels: list[bytes]) -> bytes:
    """Return a PNG of RGBA pixels: https://www.w3.org/TR/png/."""
    rows = b"".join(b"\0" + b"".join(pixels[top * size : (top + 1) * size]) for top in range(size))
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows, 9)) + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
