"""Words in Slack are shown as they were written, and only the marks that are meant are translated."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.chats.slack.text import cut, escaped, link, literal, literal_sections, markdown_sections, when
from tests.chats.slack.mrkdwn import told

PART = "\u200b"


@pytest.mark.parametrize(
    "text", ["octo/my_api_v2", "2.14.0 (final)", "배포 승인", "C:\\Users", "12:30", "@here", "#general"]
)
def test_words_without_marks_stay_as_they_are(text: str) -> None:
    assert text == literal(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("<!channel> <@U123> &lt;", "&lt;!channel&gt; &lt;@U123&gt; &amp;lt;"),
        ("<http://evil|https://good>", "&lt;http://evil|https://good&gt;"),
        ("*a*", f"{PART}*{PART}a{PART}*{PART}"),
        ("_a_", f"{PART}_{PART}a{PART}_{PART}"),
        (":tada: 12:30:45", f"{PART}:{PART}tada: 12{PART}:{PART}30:45"),
        ("> a\n> b", f"{PART}&gt; a\n{PART}&gt; b"),
        ("\u202eniam", r"\u202eniam"),
    ],
)
def test_what_slack_would_read_is_kept_from_it(text: str, kept: str) -> None:
    assert kept == literal(text)


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("**bold** and __strong__", "*bold* and *strong*"),
        ("*slant* and _italic_", "_slant_ and _italic_"),
        ("`a < b`", "`a &lt; b`"),
        ("- one\n* two\n+ three", "• one\n• two\n• three"),
        ("[Logs](https://ci.example/a?b=1&c=2)", "<https://ci.example/a?b=1&amp;c=2|Logs>"),
        ("a**b**c", f"a{PART}*b*{PART}c"),
        ("**a <!here> b**", "*a &lt;!here&gt; b*"),
        ("**a**\n[x](javascript:alert(1)) > y", "*a*\n[x](javascript:alert(1)) &gt; y"),
        ("**a** [x](https://evil.example\\@good.example)", "*a* [x](https://evil.example\\@good.example)"),
        ("[a|b>](https://x.example/a|b)", "<https://x.example/a%7Cb|a|b&gt;>"),
    ],
)
def test_the_markdown_of_a_sender_is_translated(text: str, drawn: str) -> None:
    assert [{"type": "mrkdwn", "text": drawn, "verbatim": True}] == markdown_sections(text)


@pytest.mark.parametrize(
    "text", ["`" * 3_000, "2 * 3 * 4 ~ 5", "a_b", "<!channel> & <@U1>", "[x](y)", "# head", "a\n\nb"]
)
def test_a_text_without_marks_is_not_read_for_any(text: str) -> None:
    assert [{"type": "plain_text", "text": text, "emoji": False}] == markdown_sections(text)


def test_a_long_text_is_parted_at_its_lines_and_never_within_an_entity_or_a_link() -> None:
    lines = "\n".join(f"{number} **bold** & [x](https://x.example/{number})" for number in range(150))
    drawn = markdown_sections(lines)
    assert 1 < len(drawn)
    assert all(0 < len(str(each["text"])) <= 3_000 for each in drawn)
    assert [] == told({"text": "", "blocks": drawn})
    begun = [re.match(r"(\d+) \*bold\* &amp; <", str(each["text"])) for each in drawn]
    assert all(begun)
    assert [*range(150)] == [
        int(number) for each in drawn for number in re.findall(r"^(\d+) ", str(each["text"]), re.MULTILINE)
    ]
    ampersands = literal_sections("*x*\n", "&" * 2_000)
    assert all(str(each["text"]).endswith(";") for each in ampersands)
    assert "&amp;" * 2_000 == "".join(str(each["text"]) for each in ampersands).removeprefix("*x*\n")


def test_nothing_is_drawn_of_nothing() -> None:
    assert [] == markdown_sections("")
    assert [] == markdown_sections(" \n ")


@given(st.text(max_size=200) | st.text(alphabet="*_~`[]()<>&|:!@ ahtps./\n-", max_size=200))
def test_whatever_is_written_tells_nobody_and_links_nowhere_else(text: str) -> None:
    blocks: list[Any] = [*markdown_sections(text), *literal_sections("", text)]
    assert [] == told({"text": escaped(text[:0]), "blocks": blocks})


def test_a_cut_text_says_so() -> None:
    assert "abc" == cut("abc", 3)
    assert "ab…" == cut("abcd", 3)


def test_a_link_has_literal_words_and_a_time_is_the_readers_own() -> None:
    assert "<https://x.example/%3C%3E|&lt;a&gt;>" == link("https://x.example/<>", "<a>")
    assert "<!date^1790000000^{date_short_pretty} {time}|2026-09-21 14:13 UTC>" == when(1_790_000_000.5)
