from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.errors import Refusal
from relay.model.delivery import Delivery
from relay.pages.form import MAX_BODY, SubmittedForm, read_submitted
from tests.pages.browsing import FORM

GENUINE = b"token=t&decision=approve&comment=well%0D%0Adone+%EC%A2%8B%EC%95%84%EC%9A%94"


def sent(body: bytes = GENUINE, content_type: str = FORM) -> SubmittedForm:
    return read_submitted(Delivery("", {"content-type": content_type}, body, 0))


def refused(body: bytes = GENUINE, content_type: str = FORM) -> str:
    with pytest.raises(Refusal) as found:
        sent(body, content_type)
    return found.value.code


def test_a_form_is_read_with_its_line_breaks_as_one_character() -> None:
    assert SubmittedForm("t", "approve", "well\ndone 좋아요", "") == sent()
    assert SubmittedForm("t", "reject", "a\nb", "T") == sent(b"token=t&decision=reject&comment=a%0Db&ticket=T")


@pytest.mark.parametrize(
    ("typed", "comment"),
    [
        ("a\x00b\x1b[31m\x08\x7fc\td\n", "ab[31mc\td\n"),
        ("\u200bwell\u200b", "\u200bwell\u200b"),
        ("", ""),
        (" \r\n\t", ""),
        ("\x00", ""),
        ("\u200b\u2060\ufeff \xa0\u3000", ""),
    ],
)
def test_a_comment_holds_no_control_characters_and_is_none_where_nothing_can_be_seen(typed: str, comment: str) -> None:
    body = urlencode({"token": "t", "decision": "approve", "comment": typed}).encode()
    assert comment == sent(body).comment


@pytest.mark.parametrize("content_type", [f"{FORM}; charset=utf-8", FORM.upper(), f" {FORM} "])
def test_the_content_type_may_have_parameters(content_type: str) -> None:
    assert "approve" == sent(content_type=content_type).verdict


@pytest.mark.parametrize("content_type", ["", "application/json", "text/plain", "multipart/form-data", f"{FORM}x"])
def test_what_another_sites_page_could_send_without_asking_is_refused(content_type: str) -> None:
    assert "malformed" == refused(content_type=content_type)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"token",
        b"token=t&decision=approve",
        b"token=t&comment=",
        b"decision=approve&comment=",
        b"token=t&decision=&comment=",
        b"token=t&decision=Approve&comment=",
        b"token=t&decision=approve&decision=reject&comment=",
        b"token=t&token=t&decision=approve&comment=",
        b"token=t&decision=approve&comment=&person=ada",
        b"token=t&decision=approve&comment=&ticket=&extra=",
        b"token=t&decision=approve&comment=%FF",
        b"token=t&decision=approve&comment=\xff",
        b'{"token": "t"}',
    ],
)
def test_anything_else_than_the_pages_fields_is_refused(body: bytes) -> None:
    assert "malformed" == refused(body)


def test_a_body_over_a_mebibyte_is_not_read() -> None:
    assert "too-large" == refused(b"x" * (MAX_BODY + 1))


@given(st.binary(max_size=200))
def test_no_bytes_are_more_than_a_refusal(body: bytes) -> None:
    assert "malformed" == refused(body)
