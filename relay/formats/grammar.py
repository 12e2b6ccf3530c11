"""The grammar of a command's format. Pure.

    format       = word { item }
    item         = word | placeholder | part
    part         = "[" item { item } "]"           taken whole or not at all; no part within a part
    placeholder  = "{{" name "}}"                  one word, or one text in quotes
                 | "{{" name "=" default "}}"      the same, or left out
                 | "{{" name "..." "}}"            one or more words; then comes a word or the end

Items stand between blanks. A placeholder may also touch the brackets of a part.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

MAX_FORMAT: Final = 300  # characters
MAX_VALUE: Final = 200  # characters of a default, as of a value that a person gives
QUOTES: Final = {
    quote: kind for kind in ('"', "'", "\u201c\u201d\u201e\u201f", "\u2018\u2019\u201a\u201b") for quote in kind
}
"""Each quote that opens a text, with all that close it: keyboards differ in the curly one that ends a quotation."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_NOT_IN_WORDS: Final = frozenset("()|\\^$")
_ALONE: Final = "write a blank before {{ and after }}; a word with a changing end is one whole value"
_NAMES: Final = "write a-z, 0-9 and _, beginning with a letter, at most 40 characters"
_NO_REGEX: Final = "a format is no regular expression; write each way to say it as a format of its own"


class FormatError(ValueError):
    """A text is no format. `hint` is the cure."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Word:
    """A word that must be said, case-folded."""

    folded: str


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A value that is said by place or by name. With a `default` it may be left out; `rest` takes several words."""

    name: str
    default: str | None = None
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """The beginning of an optional part. It ends before the item of index `end`."""

    end: int


Item = Word | Placeholder | Part


@dataclass(frozen=True, slots=True)
class Format:
    """A format as it was written, and its items in order. The items of a part follow its beginning."""

    text: str
    items: tuple[Item, ...]

    @property
    def placeholders(self) -> tuple[Placeholder, ...]:
        """Return the placeholders, in order."""
        return tuple(item for item in self.items if isinstance(item, Placeholder))

    @property
    def always(self) -> frozenset[str]:
        """Return the names that have a value in every match."""
        optional = {
            index for at, item in enumerate(self.items) if isinstance(item, Part) for index in range(at, item.end)
        }
        return frozenset(
            item.name
            for index, item in enumerate(self.items)
            if isinstance(item, Placeholder) and (item.default is not None or index not in optional)
        )

    @property
    def key(self) -> str:
        """Return the text without differences in blanks and capitals, so that equal formats have equal keys."""
        return " ".join(_shown(self.items)).casefold()


def read_format(text: str) -> Format:
    """Return the format that `text` describes. Raises FormatError."""
    if not 0 < len(text.strip()) <= len(text) <= MAX_FORMAT:
        raise FormatError(f"a format has 1 to {MAX_FORMAT} characters", "split it into several formats")
    items = _Reader(text).read()
    if not isinstance(items[0], Word):
        raise FormatError("a format begins with a word", 'put a word before it, as in "deploy {{app}}"')
    _check_names(items)
    _check_rests(items)
    return Format(text.strip(), tuple(items))


@dataclass(slots=True)
class _Reader:
    """The state between two items: the position in the text, and the index of the open part."""

    text: str
    at: int = 0
    part: int = -1

    def read(self) -> list[Item]:
        items: list[Item] = []
        while self.at < len(self.text):
            rest = self.text[self.at :]
            if rest[0].isspace():
                self.at += 1
            elif rest.startswith("{{"):
                items.append(self._placeholder(rest))
            elif rest[0] == "[":
                self._open(items)
            elif rest[0] == "]":
                self._close(items)
            else:
                items.append(self._word(rest))
        if self.part >= 0:
            raise FormatError("a part is not closed", "write ] after it")
        return items

    def _open(self, items: list[Item]) -> None:
        if self.part >= 0:
            raise FormatError("a part stands within another part", "write each part by itself, one after the other")
        self.part = len(items)
        items.append(Part(0))
        self.at += 1

    def _close(self, items: list[Item]) -> None:
        if self.part < 0:
            raise FormatError("] without [", "write [ before the optional part")
        if self.part == len(items) - 1:
            raise FormatError("a part is empty", "write the optional words between [ and ]")
        items[self.part] = Part(len(items))
        self.part = -1
        self.at += 1
        following = self.text[self.at : self.at + 1]
        if following and not following.isspace() and following not in "[{":
            raise FormatError("a part touches a word", "write a blank after ]")

    def _word(self, rest: str) -> Word:
        length = next((index for index, each in enumerate(rest) if each.isspace() or each in "[]{}"), len(rest))
        word, following = rest[:length], rest[length : length + 2]
        if following[:1] == "}" or following[:1] == "{" != following[1:]:
            raise FormatError("a brace stands alone, or }} without {{", "write {{name}} with two braces on each side")
        if following == "{{":
            raise FormatError("a placeholder stands inside a word", _ALONE)
        if following[:1] == "[":
            raise FormatError("a part touches a word", "write a blank before [")
        if _NOT_IN_WORDS & {*word}:
            raise FormatError("a word has one of ( ) | \\ ^ $", _NO_REGEX)
        if word[0] in QUOTES:
            raise FormatError("a word begins with a quote", "leave the quotes out: a person writes them around a value")
        self.at += length
        return Word(word.casefold())

    def _placeholder(self, rest: str) -> Placeholder:
        end = rest.find("}}")
        inner = rest[2:end] if end > 0 else rest
        if end < 0 or "{" in inner or "}" in inner:
            raise FormatError("}} without {{, or {{ without }}", "write {{name}}, {{name=default}} or {{name...}}")
        following = rest[end + 2 : end + 3]
        if following and not following.isspace() and following not in "[]":
            raise FormatError("a placeholder stands inside a word", _ALONE)
        self.at += end + 2
        return _read_placeholder(inner)


def _read_placeholder(inner: str) -> Placeholder:
    name, equals, default = (piece.strip() for piece in inner.partition("="))
    rest = not equals and name.endswith("...")
    name = name.removesuffix("...").rstrip() if rest else name
    if not _NAME.fullmatch(name):
        raise FormatError("the name of a placeholder is not of the form", _NAMES)
    if equals and not (0 < len(default) <= MAX_VALUE and default.isprintable()):
        raise FormatError(f"the default of {name} is empty, too long or has a character that nobody sees", "write it")
    return Placeholder(name, default if equals else None, rest)


def _check_names(items: Sequence[Item]) -> None:
    names = [item.name for item in items if isinstance(item, Placeholder)]
    for name in names:
        if names.count(name) > 1:
            raise FormatError(f"the placeholder {name} stands twice", "give each place a name of its own")


def _check_rests(items: Sequence[Item]) -> None:
    for index, item in enumerate(items):
        if isinstance(item, Placeholder) and item.rest:
            following = next(_following(items, index + 1), None)
            if following is not None:
                raise FormatError(
                    f"the rest {item.name} stands before the placeholder {following.name}",
                    "after {{name...}} comes a word or the end; nobody could tell where it ends",
                )


def _following(items: Sequence[Item], at: int) -> Iterator[Placeholder]:
    """Yield the placeholders that can be the next item, from an index on."""
    item = items[at] if at < len(items) else None
    if isinstance(item, Placeholder):
        yield item
    elif isinstance(item, Part):
        yield from _following(items, at + 1)
        yield from _following(items, item.end)


def _shown(items: Sequence[Item]) -> Iterator[str]:
    ends: set[int] = set()
    for index, item in enumerate(items):
        if index in ends:
            yield "]"
        if isinstance(item, Word):
            yield item.folded
        elif isinstance(item, Part):
            ends.add(item.end)
            yield "["
        else:
            default = "" if item.default is None else f"={item.default}"
            yield f"{{{{{item.name}{default}{'...' if item.rest else ''}}}}}"
    if len(items) in ends:
        yield "]"
