import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.signed import canonical_json, tickets
from relay.signed.tickets import TicketKey
from tests.signed.ticket_keys import DERIVED, MASTER, ORIGIN, ask, opened


@settings(deadline=None, max_examples=30)
@given(
    st.binary(min_size=32, max_size=80),
    st.from_regex(r"[a-z0-9]{1,10}(\.[A-Za-z0-9]{1,9}/[a-z.]{1,9})?", fullmatch=True),
)
def test_a_key_goes_round(secret: bytes, kid: str) -> None:
    _, _, repository = kid.partition(".")
    key = TicketKey(kid, secret, repository.lower())
    assert key == tickets.parse_key(f"  {tickets.format_key(key)}\n")


def test_a_derived_key_goes_round_and_is_the_relays() -> None:
    mixed = tickets.derive(MASTER, "Octo/API")
    assert ("k1.Octo/API", "octo/api", DERIVED.secret) == (mixed.kid, mixed.repository, mixed.secret)
    assert mixed == tickets.parse_key(tickets.format_key(mixed))
    assert opened(tickets.sign(ask(), mixed, ORIGIN, self_contained=True))
    assert DERIVED.secret != tickets.derive(MASTER, "octo/apj").secret
    assert DERIVED.secret != tickets.derive(TicketKey("k1", bytes(32)), "octo/api").secret


def test_a_padded_key_is_taken() -> None:
    assert MASTER == tickets.parse_key("k1:" + base64.urlsafe_b64encode(MASTER.secret).decode())


def test_a_derived_key_derives_no_others() -> None:
    with pytest.raises(ValueError, match="derives no others"):
        tickets.derive(DERIVED, "octo/api")


SECRET = canonical_json.base64url(b"\xfb" * 32)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must be kid:base64url"),
        (SECRET, "must be kid:base64url"),
        (f":{SECRET}", "must be kid:base64url"),
        (f"k 1:{SECRET}", "must be kid:base64url"),
        (f"키:{SECRET}", "must be kid:base64url"),
        (f".octo/api:{SECRET}", "must be kid:base64url"),
        (f"k1.octo:{SECRET}", "must be kid:base64url"),
        (f"k1.:{SECRET}", "must be kid:base64url"),
        (f"k1.a/b/c:{SECRET}", "must be kid:base64url"),
        (f"k1:{SECRET}!", "after the colon must be base64url"),
        (f"k1:{SECRET}AA", "after the colon must be base64url"),
        ("k1:" + SECRET.replace("-", "+"), "after the colon must be base64url"),
        (f"k1:{SECRET[:40]}", "needs 32 bytes or more"),
    ],
)
def test_a_key_of_another_form_is_told_without_quoting_it(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as raised:
        tickets.parse_key(text)
    assert SECRET[:10] not in str(raised.value)
    assert "relay keys new" in str(raised.value)


def test_a_key_shows_no_secret() -> None:
    assert "TicketKey(kid='k1', repository='')" == repr(MASTER)
