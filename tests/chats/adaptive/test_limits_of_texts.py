"""Words on an Adaptive Card that its host shows in another way than they are meant."""

import pytest

from relay.chats.adaptive.limits import advice
from tests.chats.adaptive.limited_cards import CARD, OPEN, spoiled


@pytest.mark.parametrize("text", ["<b>x</b>", "a<br/>b", '<a href="x">y</a>', "</DIV>"])
def test_html_is_shown_as_it_is_written_and_that_is_told(text: str) -> None:
    told = "content.body[0] has HTML in its text, which is shown as it is written: use Markdown, such as **bold**"
    assert [told] == list(advice(spoiled(CARD, lambda c: c["body"][0].update(text=text)), "content."))
    facts = [{"title": "x", "value": text}, "x"]
    (problem,) = advice({"body": [{"type": "FactSet", "facts": facts}, "x"], "actions": [OPEN]})
    assert problem.startswith("body[0] has HTML")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("### Heading", "a heading"),
        ("x\n```\nmake\n```", "a block of code"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a table"),
        ("|a|b|\n|-|-|\n|1|2|", "a table"),
        ("> said", "a quotation"),
        ("See ![it](https://x.example/i.png)", "an image"),
    ],
)
def test_markdown_that_an_adaptive_card_does_not_draw_is_told(text: str, named: str) -> None:
    (problem,) = advice(spoiled(CARD, lambda c: c["body"][0].update(text=text)))
    assert problem.startswith(f"body[0] has {named} in its text, which an Adaptive Card does not draw")


@pytest.mark.parametrize(
    "text", ["#12 is fixed", "a | b", "x > y", "- one\n- two", "[x](https://x.example)!", "2 -- 3"]
)
def test_words_with_the_same_signs_raise_no_false_alarm(text: str) -> None:
    assert [] == list(advice(spoiled(CARD, lambda c: c["body"][0].update(text=text))))
