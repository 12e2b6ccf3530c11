"""Policy globs: the match of a name, and the comparison of two globs. Both ignore case."""

import json
import re
from fnmatch import fnmatchcase
from typing import Final

_CLASS: Final = re.compile(r"\[!?\]?[^\]]*\]")
_NOT_IN_REPOSITORIES: Final = re.compile(r"[^A-Za-z0-9._/*?-]")
_NOT_AN_OWNER: Final = re.compile(r"^[._-]|\.")
_NO_WILDCARD: Final = re.compile(r"""[|(){}^$\\,;"'`<>=+]|: |^\.\*|\.\*$""")
_ATOM: Final = re.compile(r"\[!?\]?[^\]]*\]|.", re.DOTALL)


def matches(glob: str, name: str) -> bool:
    """Tell whether a policy glob matches a name, in any case."""
    # GitHub ignores case in repositories and environments: writing `Production` must not evade a rule.
    return fnmatchcase(name.lower(), glob.lower())


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


def glob_fault(glob: str) -> str:
    """Return why a glob can match no name at all, or an empty string."""
    return (
        'a glob has no "!" in front; name what is meant, or put a rule for the exception above'
        if glob.startswith("!")
        else ""
    )


def repository_fault(glob: str) -> str:
    """Return why a glob can match no repository, or an empty string."""
    if glob_fault(glob):
        return glob_fault(glob)
    plain = _CLASS.sub("?", glob)
    if _NOT_IN_REPOSITORIES.search(plain):
        return "a repository's name has letters, digits, ., _ and - only, after OWNER/"
    if plain.count("/") > 1 or plain.startswith("/") or plain.endswith("/"):
        return "a repository is OWNER/NAME, with one slash"
    if "/" in plain and _NOT_AN_OWNER.search(plain.partition("/")[0]):
        return "an owner's name begins with a letter or a digit, and has no dot"
    return "a repository's name does not end with .git" if plain.lower().endswith(".git") else ""


def glob_doubt(glob: str) -> str:
    """Return a doubt about a glob with signs that look like wildcards and are none, or an empty string."""
    plain = _CLASS.sub("", glob)
    if "[" in plain:
        return '"[" is never closed, so it stands for itself'
    if found := _NO_WILDCARD.search(plain):
        return f"{json.dumps(found[0])} is no wildcard and stands for itself"
    return "names have no blank at their ends, and no two together" if glob != " ".join(glob.split()) else ""


def _atoms(glob: str) -> list[str]:
    return ["?" if len(atom) > 1 else atom for atom in _ATOM.findall(glob.lower())]
