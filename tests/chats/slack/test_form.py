"""A form is read as urllib reads it, and is none where it is too much or not text."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.chats.slack.form import read_fields
from relay.errors import Refusal

PIECES = st.sampled_from(
    [*"%=&+\n\r_ .\t0Af\0", "%20", "%3d", "%0D%0A", "%E2%82%AC", "%C3", "%%", "==", "=\n", "é", "%25", "%2541"]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_a_form_is_read_as_urllib_reads_it(text: str) -> None:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        pairs = [("", ""), ("", "")]
    if len(dict(pairs)) == len(pairs):
        assert dict(pairs) == read_fields(text.encode())
    else:
        with pytest.raises(Refusal):
            read_fields(text.encode())


@pytest.mark.parametrize(
    ("body", "check"),
    [
        (b"&".join(b"%d=1" % number for number in range(51)), "slack: the form has too many fields"),
        (b"a=1&b=%FF", "slack: the body is no form"),
        (b"a=\xff", "slack: the body is no form"),
        (b"a=1&%61=2", "slack: a field stands twice in the form"),
    ],
)
def test_a_body_that_is_no_form_is_refused(body: bytes, check: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_fields(body)
    assert ("malformed", check) == (refused.value.code, refused.value.check)


def test_fifty_fields_are_read() -> None:
    assert 50 == len(read_fields(b"&".join(b"%d=1" % number for number in range(50))))
