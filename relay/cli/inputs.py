"""Readers of option values: text, a file, standard input, JSON, or a pair."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from relay.cli.failures import WrongContent
from relay.signed import canonical_json


def read_bytes(path: str, option: str) -> bytes:
    """Return the bytes of a file, or of standard input for `-`. Raises UsageError naming the option."""
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except (OSError, ValueError) as error:  # a path with a null byte is a ValueError
        reason = getattr(error, "strerror", None) or "not a path"
        raise click.UsageError(f"{option}: the file cannot be read: {reason}") from None


def read_text(path: str, option: str) -> str:
    """Return the text of a UTF-8 file. Raises UsageError or WrongContent naming the option."""
    try:
        content = read_bytes(path, option)
        canonical_json.without_mark(content)  # a mark stays: the reader of the policy names it
        return content.decode("utf-8")
    except ValueError:
        raise WrongContent(f"{option}: the file is not UTF-8; save it as UTF-8") from None


def read_json(path: str, option: str) -> object:
    """Return the JSON of a file. Raises UsageError or WrongContent naming the option."""
    try:
        return _parse(read_bytes(path, option))
    except ValueError as error:
        raise WrongContent(_no_json(option, error)) from None


def read_inline(value: str, option: str) -> object:
    """Return JSON from the value itself, from @FILE, or from standard input for `-`."""
    if value == "-" or value.startswith("@"):
        return read_json(value.removeprefix("@"), option)
    try:
        return _parse(value.encode("utf-8", "surrogateescape"))
    except ValueError as error:
        raise click.UsageError(_no_json(option, error)) from None


def read_pairs(values: Sequence[str], option: str, form: str = "NAME=VALUE") -> list[tuple[str, str]]:
    """Return pairs of this `form`, split at the first equals sign."""
    pairs = []
    for value in values:
        name, equals, rest = value.partition("=")
        if not equals or not name:
            raise click.UsageError(f"{option}: write {form}")
        pairs.append((name, rest))
    return pairs


def _parse(content: bytes) -> object:
    return canonical_json.parse(canonical_json.without_mark(content))


def _no_json(option: str, error: ValueError) -> str:
    reason = "not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
    return f"{option}: not JSON that the relay reads: {reason}. Build it with toJSON() or jq"
