import pytest

from relay.chats.adaptive import body
from relay.chats.shared import message_card
from relay.chats.shared.lines import kept_apart, on_one, section_kept_apart
from relay.model.request import Proven
from relay.signed.request import read_form


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        ("Multiline message\nThis should be on a second line", "Multiline message\n\nThis should be on a second line"),
        ("a\r\nb\rc", "a\n\nb\n\nc"),
        ("a\n\nb", "a\n\nb"),
        ("Changes:\n- one\n- two\n* three", "Changes:\n- one\n- two\n* three"),
        ("1. one\n2. two\nDone", "1. one\n2. two\n\nDone"),
        ("- one\n  more of it", "- one\n  more of it"),
        ("```\na\nb\n```\nafter\nit", "```\na\nb\n```\n\nafter\n\nit"),
        ("a | b\n| - | - |\n| 1 | 2 |", "a | b\n| - | - |\n| 1 | 2 |"),
        ("> a\n> b", "> a\n> b"),
        ("Title\n---", "Title\n---"),
        ("one line", "one line"),
        ("", ""),
        ("2026-11-28 done\n-1 is no list", "2026-11-28 done\n\n-1 is no list"),
    ],
)
def test_a_single_break_between_two_lines_of_plain_text_is_a_break_on_the_card(text: str, apart: str) -> None:
    assert apart == kept_apart(text)
    assert apart == kept_apart(apart)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("api 1.2\nweb 3.4\ndb 5.6", "api 1.2 · web 3.4 · db 5.6"),
        ("  a  b \r\n\r\n c\n", "a b · c"),
        ("one", "one"),
    ],
)
def test_the_lines_of_a_fact_are_told_apart(text: str, line: str) -> None:
    assert line == on_one(text)


def test_a_section_keeps_its_lines_apart_unless_it_is_html() -> None:
    section = {"text": "a\nb", "activityTitle": 7, "facts": [{"name": "n", "value": "a\nb"}, "x"], "images": []}
    apart = {**section, "text": "a\n\nb", "facts": [{"name": "n", "value": "a · b"}, "x"]}
    assert apart == section_kept_apart(section)
    assert {"text": "a\n\nb"} == section_kept_apart({"text": "a\nb"})
    html = {"markdown": False, "text": "a\nb"}
    assert html == section_kept_apart(html)


@pytest.mark.parametrize("proven", [(), ("ref",)])
def test_both_forms_of_card_keep_the_lines_of_text_facts_and_sections(proven: Proven) -> None:
    form = {"title": "t", "text": "a\nb", "facts": [{"name": "n", "value": "c\nd"}], "sections": [{"text": "e\nf"}]}
    request = read_form(form, issued_at=1, nonce="n" * 16, lifetime=9, required=("title",))
    for drawn in (
        str(body.first(request, proven=proven)),
        str(message_card.draw(request, target="", ticket="", proven=proven)),
    ):
        assert ("a\\n\\nb" in drawn, "c · d" in drawn, "e\\n\\nf" in drawn) == (True, True, True)
