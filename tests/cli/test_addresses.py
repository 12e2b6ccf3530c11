"""Addresses as people paste them."""

from collections.abc import Callable

import click
import pytest

from relay.cli.addresses import read_origin, read_webhook

Reader = Callable[[click.Context, click.Parameter, str | None], str]
ADDRESS = "https://relay.example"
CONTEXT = click.Context(click.Command("x"))
PARAMETER = click.Option(["--x"])

by_reader = pytest.mark.parametrize("read", [read_origin, read_webhook])


@by_reader
@pytest.mark.parametrize("around", ["{}\n", " {}\r\n", "\ufeff{}\t"])
def test_blanks_and_line_breaks_pasted_around_an_address_are_taken_off(read: Reader, around: str) -> None:
    assert ADDRESS == read(CONTEXT, PARAMETER, around.format(ADDRESS))


@by_reader
@pytest.mark.parametrize("around", ['"{}"', "'{}'", '"{}'])
def test_a_quotation_mark_around_an_address_is_told(read: Reader, around: str) -> None:
    with pytest.raises(click.BadParameter, match="begins with a quotation mark"):
        read(CONTEXT, PARAMETER, around.format(ADDRESS))
