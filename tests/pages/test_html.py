from hypothesis import given
from hypothesis import strategies as st

from relay.chats.bidi import straight
from relay.pages.html import Html, join, tag


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


@given(st.text())
def test_no_text_leaves_its_place(text: str) -> None:
    inner = tag("p", straight(text)).text.removeprefix("<p>").removesuffix("</p>")
    assert not set("<>\"'") & set(inner)
