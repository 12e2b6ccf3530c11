"""The match of a format with the words of a text. Pure, and linear in the text.

`reach[i]` has bit p if the items from index i on can match the words from position p on. It is filled from the last
item to the first, with one operation on whole numbers for each item. Then one walk begins at the
first item, and of each choice takes the preferred one that still reaches the end. A part and a placeholder are taken
rather than left out, and a rest takes the fewest words.
"""

from collections.abc import Collection, Mapping, Sequence

from relay.formats.grammar import Format, Item, Part, Placeholder, Word
from relay.formats.words import Token, Words

Values = dict[str, str]


def match(form: Format, words: Words, extra: Collection[str] = ()) -> Values | None:
    """Return the values of a format's names and of `extra` ones, or None if the words do not match."""
    names = {each.name for each in form.placeholders}
    split = _split_pairs(words.tokens, names | {*extra})
    if split is None:
        return None
    count, given = split
    reach = _reach(form.items, words.masks, count, given)
    if not reach[0] & 1:
        return None
    said = _walk(form.items, words, reach, given)
    defaults = {each.name: each.default for each in form.placeholders if each.default is not None}
    return {**defaults, **said, **given}


def _split_pairs(tokens: Sequence[Token], names: Collection[str]) -> tuple[int, Values] | None:
    """Return the number of words before the pairs at the end, and the pairs. Return None if a name is given twice."""
    count, given = len(tokens), dict[str, str]()
    while count and tokens[count - 1].name in names:
        count -= 1
        if tokens[count].name in given:
            return None
        given[tokens[count].name] = tokens[count].named_value
    return count, given


def _reach(items: Sequence[Item], masks: Mapping[str, int], count: int, given: Collection[str]) -> list[int]:
    reach = [0] * len(items) + [1 << count]
    for index in range(len(items) - 1, -1, -1):
        item, following = items[index], reach[index + 1]
        if isinstance(item, Word):
            reach[index] = masks.get(item.folded, 0) & following >> 1
        elif isinstance(item, Part):
            reach[index] = following | reach[item.end]
        elif item.name in given:
            reach[index] = following
        elif item.rest:
            reach[index] = (1 << following.bit_length() >> 1) - 1 if following else 0
        else:
            reach[index] = following >> 1 if item.default is None else following >> 1 | following
    return reach


def _walk(items: Sequence[Item], words: Words, reach: Sequence[int], given: Collection[str]) -> Values:
    said: Values = {}
    index = position = 0
    while index < len(items):
        item, index = items[index], index + 1
        ahead = reach[index] >> position
        match item:
            case Word():
                position += 1
            case Part(end=end):
                index = index if ahead & 1 else end
            case Placeholder(name=name, rest=rest) if name not in given:
                taken = _lowest(ahead >> 1) + 1 if rest else ahead >> 1 & 1
                if taken:
                    said[name] = _value(words, position, taken)
                position += taken
    return said


def _lowest(bits: int) -> int:
    """Return the index of the lowest bit that is set."""
    return (bits & -bits).bit_length() - 1


def _value(words: Words, position: int, count: int) -> str:
    """Return one word without its quotes, or several as they were typed."""
    first, last = words.tokens[position], words.tokens[position + count - 1]
    return first.value if count == 1 else words.text[first.start : last.end]
