"""The comparison of policy globs, for comparing rules. It ignores case, as `policy.matches` does."""

import re
from typing import Final

from relay.approval.policy import matches

_ATOM: Final = re.compile(r"\[!?\]?[^\]]*\]|.", re.DOTALL)


def overlap(one: str, other: str) -> bool:
    """Tell whether some name may match both globs. `[...]` is taken for any character: it errs only towards yes."""
    left, right = _atoms(one), _atoms(other)
    seen: set[tuple[int, int]] = set()
    ahead = [(0, 0)]
    while ahead:
        pair = i, j = ahead.pop()
        if pair == (len(left), len(right)):
            return True
        if pair in seen:
            continue
        seen.add(pair)
        a, b = (left[i] if i < len(left) else ""), (right[j] if j < len(right) else "")
        if a == "*":
            ahead.append((i + 1, j))
        if b == "*":
            ahead.append((i, j + 1))
        if a and b and (a == b or "?" in (a, b) or "*" in (a, b)):
            ahead.append((i + (a != "*"), j + (b != "*")))
    return False


def covers(wide: str, narrow: str) -> bool:
    """Tell whether `wide` surely matches every name that `narrow` matches. It errs only towards no."""
    if wide.lower() == narrow.lower():
        return True
    if "[" in narrow or (set(wide) & set("?[") and set(narrow) & set("*?")):
        return False
    return matches(wide, narrow)


def _atoms(glob: str) -> list[str]:
    return ["?" if len(atom) > 1 else atom for atom in _ATOM.findall(glob.lower())]
