"""A second reading of formats, by trial of every way: slow, and with nothing of the relay's matcher in it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple


class Said(NamedTuple):
    """A word of a text: its place, its value, and its pair if it is NAME=VALUE."""

    start: int
    end: int
    value: str
    quoted: bool
    pair: tuple[str, str] | None


Items = Sequence[object]  # a word, ("place", name, default or None), ("rest", name), or a list for a part
QUOTES = ('"', "'", "\u201c\u201d\u201e\u201f", "\u2018\u2019\u201a\u201b")


def words(text: str) -> list[Said] | None:
    """Return the words of a text, or None if a quote is not closed."""
    found: list[Said] = []
    at = 0
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if at == len(text):
            return found
        name = text[at:].split("=", 1)[0] if "=" in text[at:] else ""
        if not (name and name.isascii() and name[0].islower() and len(name) <= 40 and is_name(name)):
            name = ""
        opening = at + len(name) + 1 if name else at
        kind = next((each for each in QUOTES if opening < len(text) and text[opening] in each), "")
        if kind:
            ends = [
                index + 1
                for index in range(opening + 1, len(text))
                if text[index] in kind and not text[index + 1 : index + 2].strip()
            ]
            if not ends:
                return None
            end = ends[0]
            value = text[opening + 1 : end - 1]
        else:
            end = at
            while end < len(text) and not text[end].isspace():
                end += 1
            value = text[opening:end]
        if name:
            found.append(Said(at, end, text[at:end], quoted=False, pair=(name, value)))
        else:
            found.append(Said(at, end, value, quoted=bool(kind), pair=None))
        at = end


def is_name(text: str) -> bool:
    return all(each in "abcdefghijklmnopqrstuvwxyz0123456789_" for each in text)


def match(items: Items, text: str, extra: Sequence[str]) -> dict[str, str] | None:
    """Return the values of the first way in which a text fits, or None."""
    said = words(text)
    if said is None:
        return None
    names = {*named(items), *extra}
    given: dict[str, str] = {}
    while said and said[-1].pair and said[-1].pair[0] in names:
        name, value = said.pop().pair or ("", "")
        if name in given:
            return None
        given[name] = value
    for found in ways(items, said, 0, text, given):
        defaults = {name: default for name, default in named(items).items() if default is not None}
        return {**defaults, **found, **given}
    return None


def named(items: Items) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for item in items:
        match item:
            case list():
                found.update(named(item))
            case ("place", str() as name, str() | None as default):
                found[name] = default
            case ("rest", str() as name):
                found[name] = None
    return found


def ways(  # noqa: C901 - one case for each item
    items: Items, said: Sequence[Said], at: int, text: str, given: Mapping[str, str]
) -> Iterator[dict[str, str]]:
    """Yield the values of every way in which the items fit all words from a position on, the preferred first."""
    if not items:
        if at == len(said):
            yield {}
        return
    first, rest = items[0], items[1:]
    match first:
        case str():
            if at < len(said) and not said[at].quoted and said[at].value.casefold() == first.casefold():
                yield from ways(rest, said, at + 1, text, given)
        case list():
            yield from ways([*first, *rest], said, at, text, given)
            yield from ways(rest, said, at, text, given)
        case ("place" | "rest", name, *_) if name in given:
            yield from ways(rest, said, at, text, given)
        case ("place", str() as name, default):
            if at < len(said):
                yield from ({name: said[at].value, **more} for more in ways(rest, said, at + 1, text, given))
            if default is not None:
                yield from ways(rest, said, at, text, given)
        case ("rest", str() as name):
            for end in range(at + 1, len(said) + 1):
                value = said[at].value if end == at + 1 else text[said[at].start : said[end - 1].end]
                yield from ({name: value, **more} for more in ways(rest, said, end, text, given))


def written(items: Items) -> str:
    """Return the items as a format."""
    pieces = []
    for item in items:
        match item:
            case str():
                pieces.append(item)
            case list():
                pieces.append(f"[{written(item)}]")
            case ("place", name, None):
                pieces.append(f"{{{{{name}}}}}")
            case ("place", name, default):
                pieces.append(f"{{{{{name}={default}}}}}")
            case ("rest", name):
                pieces.append(f"{{{{{name}...}}}}")
    return " ".join(pieces)
