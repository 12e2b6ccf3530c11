"""A format and a text: the recorded pairs, a second reading by trial, hostile texts, and the work that a text takes."""

import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, Final

import pytest

from relay.formats.grammar import Format, FormatError, read_format
from relay.formats.match import match
from relay.formats.words import split
from tests.formats import reference

ALIASES: Final = json.loads((Path(__file__).parents[1] / "fixtures" / "aliases.json").read_bytes())
NAMED_AT_THE_END: Final = ("a", "b", "c", "d", "e", "guest", "timeout", "pear1", "pear2", "p4", "p5")
WORDS: Final = ("to", "as", "on", "TO", "배포")
SAID: Final = (
    *(
        "to",
        "To",
        "as",
        "on",
        "배포",
        "x",
        "y1",
        '"to"',
        "'a b'",
        "\u201cc d\u201d",
        '""',
        '"',
        "don\u2019t",
        "5'",
        "a=1",
        "b='2 3'",
    ),
    *("c=", "d=4", "z=5", "a=to", "b=\u201c6\u201d", 'q="7', "https://x.example/?a=b"),
)
LONG: Final = "google " + "and return " * 200 + "5 results"


def read(form: Format, text: str, extra: tuple[str, ...] = ()) -> dict[str, str] | None:
    words = split(text)
    return match(form, words, extra) if words else None


def values(row: dict[str, Any]) -> object:
    try:
        form = read_format(row["format"])
    except FormatError:
        return "error"
    placed = {each.name for each in form.placeholders}
    extra = row["extra"] if "extra" in row else [name for name in NAMED_AT_THE_END if name not in placed]
    return read(form, row["input"], tuple(extra))


@pytest.mark.parametrize("row", ALIASES["ours"], ids=lambda row: row["why"])
def test_the_rows_of_our_own_hold(row: dict[str, Any]) -> None:
    assert row["values"] == values(row)


@pytest.mark.parametrize("row", ALIASES["stackstorm"], ids=lambda row: row["format"] or "empty")
def test_the_shapes_of_stackstorm_come_out_as_recorded(row: dict[str, Any]) -> None:
    assert row["ours"] == values(row)


def random_items(dice: random.Random) -> list[object]:
    """Return the items of a random format. After a rest comes a word."""
    names = [*"abcd"]
    items: list[object] = [dice.choice(WORDS)]

    def item() -> list[object]:
        kind = dice.random()
        if kind < 0.4 or not names:
            return [dice.choice(WORDS)]
        name = names.pop(0)
        if kind < 0.6:
            return [("place", name, None)]
        if kind < 0.8:
            return [("place", name, dice.choice(("1", "to")))]
        return [("rest", name), dice.choice(WORDS)]

    for _ in range(dice.randrange(4)):
        items += [[*item(), *(item() if dice.random() < 0.5 else [])]] if dice.random() < 0.3 else item()
    if names and dice.random() < 0.2:
        items.append(("rest", names[0]))
    return items


def likely_text(items: list[object], dice: random.Random) -> str:
    """Return words that may fit the items: most of what they ask for, and some that they do not."""
    said: list[str] = []
    for each in items:
        match each:
            case str():
                said += [each] if dice.random() < 0.9 else []
            case list():
                said += [likely_text(each, dice)] if dice.random() < 0.6 else []
            case ("rest", *_):
                said += dice.choices(SAID, k=dice.randrange(1, 3))
            case _:
                said += [dice.choice(SAID)] if dice.random() < 0.8 else []
    said += dice.choices(SAID, k=dice.choice((0, 0, 0, 1, 2)))
    return dice.choice((" ", "  ", "\t", "\u00a0")).join(said)


def test_thirty_thousand_random_formats_and_texts_give_what_trial_of_every_way_gives() -> None:
    dice = random.Random(16)  # noqa: S311 - the same every time
    matched = 0
    for _ in range(30_000):
        items = random_items(dice)
        text = likely_text(items, dice)
        form = read_format(reference.written(items))
        expected = reference.match(items, text, ("z",))
        assert expected == read(form, text, ("z",)), (form.text, text)
        matched += expected is not None
    assert 6_000 < matched < 24_000


HOSTILE: Final = (
    *(
        '"',
        "'",
        "\u201c",
        "\u201d",
        "\u2018",
        "\u2019",
        "\u201e",
        "\\",
        "{",
        "}",
        "{{",
        "}}",
        "[",
        "]",
        "(",
        ")",
        "|",
        "^",
        "$",
        "=",
        "a=",
    ),
    *(
        "\ud800",
        "\udfff",
        "\x00",
        "\x1b",
        "\u202e",
        "\u200b",
        "\u2028",
        "\u0085",
        "\ufeff",
        "\u017f",
        "ß",
        "İ",
        "한",
        "🚀",
    ),
    *(" ", "\t", "\n", "\u00a0", "to", "and", "return", "deploy", "name=", "{{app}}", "%", "&lt;", "a" * 50),
)
FORMATS: Final = tuple(
    map(
        read_format,
        [
            *("deploy", "deploy {{a}}", "deploy {{a}} to {{b}}", "deploy {{a}} to {{b=x}}", "deploy {{a...}}"),
            *("deploy {{a}} [to {{b}}]", "deploy [{{a}}] [{{b}}] [{{c}}]", "deploy {{a=1}} {{b=2}} {{c=3}} {{d=4}}"),
            *("google {{a...}} and return {{b}} results", "deploy {{a...}} and {{b...}} and {{c...}} and {{d...}}"),
            *("and {{a...}} to {{b...}} and {{c}}", "return [and {{a...}}] [and {{b...}}]", "to [to] [to] [to] [to]"),
            *("a= {{a}}", "deploy {{name}}", "deploy {{name...}}", "한 {{a}}", "ss {{a}}", "a [b] [c] {{a...}}"),
            "deploy {{a}} {{b}} {{c}} {{d}} {{e}} {{f}} {{g}} {{h}} {{i}}",
        ],
    )
)


@pytest.mark.parametrize("count", [5_000, pytest.param(100_000, marks=pytest.mark.full)])
def test_hostile_texts_match_or_do_not_and_nothing_else(count: int) -> None:
    dice = random.Random(100)  # noqa: S311 - the same every time
    matched = 0
    for _ in range(count):
        words = split("".join(dice.choices(HOSTILE, k=dice.randrange(30))))
        for form in FORMATS if words else ():
            found = match(form, words, ("z",)) if words else None
            matched += found is not None
            assert found is None or form.always <= found.keys()
    assert matched > count // 100


def steps(work: Callable[[], object]) -> int:
    """Return how many lines of the relay's code some work runs."""
    count = 0

    def line(_frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal count
        count += event == "line"
        return line

    def call(frame: FrameType, _event: str, _argument: object) -> Any:
        return line if "/relay/formats/" in frame.f_code.co_filename else None

    before = sys.gettrace()
    sys.settrace(call)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize(
    "piece",
    ["and return ", "deploy ", '"a b" ', "a=1 ", "\u201c", '"', "to x ", "x" * 40 + " ", "\u2019 ", "a='", "{{app}} "],
)
def test_twice_the_text_takes_at_most_three_times_the_steps(piece: str) -> None:
    once, twice = ((f"deploy {piece * 2_000}"[: 1_000 * times]) for times in (1, 2))

    def through_all(text: str) -> None:
        words = split(text)
        for form in FORMATS:
            if words:
                match(form, words)

    few, many = steps(lambda: through_all(once)), steps(lambda: through_all(twice))
    assert 0 < many <= 3 * few


def test_a_long_text_of_the_format_s_own_words_takes_few_steps() -> None:
    form = read_format("google {{query...}} and return {{count}} results")
    taken = steps(lambda: read(form, LONG))
    assert len(LONG) * 20 > taken > 0
    found = read(form, LONG)
    assert found is not None
    assert "5" == found["count"]
