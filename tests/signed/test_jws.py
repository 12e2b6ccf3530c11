import hashlib
import hmac

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.signed import jws

SECRET = bytes(range(32))


def mac(signed: bytes) -> bytes:
    return hmac.digest(SECRET, signed, hashlib.sha256)


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=60), st.text(st.characters(exclude_categories=["Cs"]), max_size=9))
def test_what_is_written_is_read_again_and_proven_by_another_library(payload: bytes, kid: str) -> None:
    text = jws.write(payload, algorithm="HS256", kid=kid, sign=mac)
    read = jws.read(text)
    assert ({"alg": "HS256", "kid": kid, "typ": "JWT"}, payload) == (read.header, read.payload)
    assert mac(read.signed) == read.signature
    assert payload == jwt.api_jws.decode(text, SECRET, algorithms=["HS256"])


@pytest.mark.parametrize("text", ["", ".", "..", "a.b", "e30.e30", "e30.e30.e30.e30", "W10.e30.e30", "e30=.e30.e30"])
def test_what_is_no_jws_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        jws.read(text)


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=40))
def test_any_text_is_a_jws_or_a_value_error(text: str) -> None:
    try:
        jws.read(text)
    except ValueError:
        return
