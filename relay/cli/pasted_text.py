"""Texts as other programs hand them over: a whole commit message, colours of a terminal, more than a card shows."""

import re
from collections.abc import Iterator
from typing import Final

import click

MAX_TEXT: Final = 8_000  # characters
_CUT: Final = "\n\n(shortened)"
_TERMINAL: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_SHOWN: Final = frozenset({"title", "summary", "text", "facts", "sections", "confirm"})  # never the payload
_OF_ONE_LINE: Final = ("title", "summary")


def tidy(form: dict[str, object]) -> dict[str, object]:
    """Return a form with a title and a summary of one line, and a text that fits. A warning names each change."""
    tidied = {name: _uncoloured(value) if name in _SHOWN else value for name, value in form.items()}
    for option, name, text in [*_shortened(tidied)]:
        click.echo(f"Warning: {option}", err=True)
        tidied[name] = text
    return tidied


def _uncoloured(value: object) -> object:
    if isinstance(value, str):
        return _TERMINAL.sub("", value)
    if isinstance(value, list):
        return [_uncoloured(each) for each in value]
    return {key: _uncoloured(each) for key, each in value.items()} if isinstance(value, dict) else value


def _shortened(form: dict[str, object]) -> Iterator[tuple[str, str, str]]:
    """Yield each change: the warning, the field, and its new text."""
    for name in _OF_ONE_LINE:
        value = form.get(name)
        lines = value.strip().splitlines() if isinstance(value, str) else []
        if lines[1:]:
            yield f"--{name}: has {len(lines)} lines, and the first is used.", name, lines[0].strip()
    text = form.get("text")
    if isinstance(text, str) and len(text) > MAX_TEXT:
        room = MAX_TEXT - len(_CUT)
        end = max(text.rfind("\n", room // 2, room), 0) or room
        yield f"--text: has {len(text)} characters, and the card shows {end}.", "text", text[:end] + _CUT
