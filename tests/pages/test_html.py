import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.pages.html import Html, join, plain, tag


def test_text_is_escaped_wherever_it_goes() -> None:
    evil = "<script>\"&'"
    drawn = tag("p", evil, tag("b", evil), title=evil).text
    escaped = "&lt;script&gt;&quot;&amp;&#x27;"
    assert f'<p title="{escaped}">{escaped}<b>{escaped}</b></p>' == drawn


def test_markup_goes_in_as_it_is_and_nothing_as_nothing() -> None:
    assert "<br>" == tag("br").text
    assert "<p>a<b>c</b></p>" == tag("p", None, Html("a"), Html("<b>c</b>")).text
    assert "a&amp;" == join(Html("a"), "&", None).text


def test_attributes_are_named_as_html_names_them() -> None:
    drawn = tag("a", class_="x", aria_label="y", required=True, hidden=False).text
    assert '<a class="x" aria-label="y" required></a>' == drawn


@pytest.mark.parametrize("code", ["061c", "200e", "200f", "202a", "202e", "2066", "2069"])
def test_what_turns_text_around_is_shown_by_its_code(code: str) -> None:
    assert f"a\\u{code}b" == plain(f"a{chr(int(code, 16))}b")


@given(st.text())
def test_no_text_leaves_its_place(text: str) -> None:
    inner = tag("p", plain(text)).text.removeprefix("<p>").removesuffix("</p>")
    assert not set("<>\"'") & set(inner)
