import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.chats.adaptive.elements import link, plain, when
from tests.support.entra_tokens import NOW

PART = "\u200b"


@pytest.mark.parametrize(
    "text",
    [
        "octo/my_api_v2",
        "[skip ci] Fix #12",
        "a - b",
        "2.14.0 (final)",
        "C:\\Users",
        "x < y & z",
        "{a}",
        "배포 승인",
        "~/src",
        "https://dev.azure.com/o/p/_build/results?buildId=12&_a=summary",
        "_private and __dunder",
    ],
)
def test_words_that_are_no_markdown_stay_as_they_are(text: str) -> None:
    assert text == plain(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("*a* `b` ~~c~~", r"\*a\* \`b\` \~\~c\~\~"),
        ("_a_ 배_포", r"\_a\_ 배\_포"),
        ("C:\\*", r"C:\\\*"),
        ("C:\\", r"C:\\"),
        ("[x](https://evil.example)", f"[x]{PART}(https://evil.example)"),
        ("[x]: https://evil.example", f"[x]{PART}: https://evil.example"),
        ("[x][y]", f"[x]{PART}[y]"),
        ("<at>Ada</at> <https://evil.example>", f"<{PART}at>Ada<{PART}/at> <{PART}https://evil.example>"),
        ("&lt; &#42;", f"&{PART}lt; &{PART}#42;"),
        ("{{DATE(2026-01-01T00:00:00Z)}}", f"{{{PART}{{DATE(2026-01-01T00:00:00Z)}}}}"),
        ("# a", f"{PART}# a"),
        ("- a", f"{PART}- a"),
        ("> a", f"{PART}> a"),
        ("1. a", f"{PART}1. a"),
        ("1) a", f"{PART}1) a"),
        ("a\n# b\n\n- c", "a # b - c"),
        ("\u202eniam", r"\u202eniam"),
        ("  ", ""),
    ],
)
def test_what_would_be_markdown_is_kept_from_it(text: str, kept: str) -> None:
    assert kept == plain(text)


@given(st.text(max_size=40))
def test_whatever_is_typed_is_one_line_without_a_link_or_a_function(text: str) -> None:
    assert not re.search(r"[\r\n]|\]\(|\{\{", plain(text))


@pytest.mark.parametrize(
    ("name", "url", "drawn"),
    [
        ("Logs", "https://ci.example/my_log?a=b#c", "[Logs](https://ci.example/my_log?a=b#c)"),
        (
            "a](https://evil.example) [b",
            "https://x.example",
            rf"[a\]{PART}(https://evil.example) \[b](https://x.example)",
        ),
        ("x", "https://x.example/a)b(c*_d_[e]\\<f>`", "[x](https://x.example/a%29b%28c%2A%5Fd%5F%5Be%5D%5C%3Cf%3E%60)"),
    ],
)
def test_a_link_ends_where_it_should(name: str, url: str, drawn: str) -> None:
    assert drawn == link(name, url)


def test_a_time_is_the_readers_own_where_the_host_can_and_utc_elsewhere() -> None:
    assert "{{DATE(2026-09-21T14:13:20Z, SHORT)}} {{TIME(2026-09-21T14:13:20Z)}} (2026-09-21 14:13 UTC)" == when(
        NOW, local=True
    )
    assert "2026-09-21 14:13 UTC" == when(NOW, local=False)
