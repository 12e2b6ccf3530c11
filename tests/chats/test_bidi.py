"""Characters that turn text around."""

import pytest

from relay.chats.bidi import readable, straight


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("main", "main"),
        (r"\u202eniam", "\u202eniam"),
        (r"a\u2066b\u2069", "a\u2066b\u2069"),
        (r"\u200e\u200f\u061c\u202a\u202c", "\u200e\u200f\u061c\u202a\u202c"),
        ("승인 أهلا שלום", "승인 أهلا שלום"),
    ],
)
def test_what_turns_text_around_is_written_out_and_every_script_stays(expected: str, text: str) -> None:
    assert expected == straight(text)


@pytest.mark.parametrize("code", ["061c", "200e", "200f", "202a", "202e", "2066", "2069"])
def test_what_turns_text_around_is_shown_by_its_code(code: str) -> None:
    assert f"a\\u{code}b" == straight(f"a{chr(int(code, 16))}b")


@pytest.mark.parametrize("text", ["\u200fאב", "أهلا\u061c!", "a\u200eb"])
def test_a_card_leaves_out_the_marks_that_keyboards_for_hebrew_and_arabic_write(text: str) -> None:
    assert text.translate(dict.fromkeys((0x200F, 0x061C, 0x200E))) == readable(text)
    assert "\\u202ex" == readable("\u202e\u200fx")
