import base64
import json
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.core import canonical, tickets
from relay.core.errors import Refusal
from relay.core.model import ApprovalRequest
from relay.core.request import read_form, to_wire
from relay.core.tickets import Ticket, TicketKey
from tests import genuine
from tests.requests import FORMS

NOW = 1_790_000_000
DAY = 86_400
ORIGIN = "https://relay.example"
MASTER = TicketKey("k1", bytes(range(32)))
DERIVED = tickets.derive(MASTER, "octo/api")
FORM: dict[str, object] = {"repository": "octo/api", "event_type": "deploy-api", "title": "배포"}
GENUINE_HEADER: dict[str, object] = {"alg": "HS256", "kid": "k1", "typ": "JWT"}
Json = dict[str, Any]


def ask(form: Json | None = None, lifetime: int = DAY) -> ApprovalRequest:
    return read_form(FORM if form is None else form, issued_at=NOW, nonce="n" * 22, lifetime=lifetime)


def signed(key: TicketKey = MASTER) -> str:
    return tickets.sign(ask(), key, ORIGIN, self_contained=True)


def opened(text: str, now: float = NOW, born_at: float = NOW - DAY) -> Ticket:
    return tickets.open_ticket(text, [MASTER], ORIGIN, now=now, born_at=born_at)


def claims(**changes: object) -> Json:
    """Return the claims of a genuine ticket; a change to None leaves that claim out."""
    _, payload, _ = signed().split(".")
    return {
        name: each
        for name, each in (json.loads(canonical.from_base64url(payload)) | changes).items()
        if each is not None
    }


def forged(payload: object, header: object = None, key: TicketKey = MASTER) -> str:
    """Return what somebody who has the key could sign."""
    ours = GENUINE_HEADER | {"kid": key.kid}
    return genuine.sign_hs256(ours if header is None else header, payload, key.secret)


def packed(wire: object) -> str:
    text = wire if isinstance(wire, bytes) else json.dumps(wire).encode()
    return canonical.base64url(zlib.compress(text, 9, wbits=-15))


def refusal(attempt: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as raised:
        attempt()
    assert raised.value.code == "not-genuine"
    return raised.value.check


@settings(deadline=None, max_examples=60)
@given(FORMS, st.sampled_from(["", "release", "출시"]))
def test_a_ticket_holds_the_request_it_was_signed_for(form: Json, stage: str) -> None:
    request = ask(form)
    keys = [MASTER, tickets.derive(MASTER, request.repository)]
    for key in keys:
        try:
            text = tickets.sign(request, key, ORIGIN, self_contained=True)
        except Refusal as refusal:
            assert "at most 2000 characters" in refusal.message  # noqa: PT017 - most forms are shorter
            continue
        assert Ticket(request.id, NOW, NOW + DAY, request, "") == opened(text)
        assert text.isascii()
    named = tickets.sign(request, MASTER, ORIGIN, self_contained=False, stage=stage)
    assert Ticket(request.id, NOW, NOW + DAY, None, stage) == opened(named)


def test_a_registered_requests_ticket_names_it_only() -> None:
    huge = ask(FORM | {"client_payload": {"a": "x" * 30_000}})
    text = tickets.sign(huge, MASTER, ORIGIN, self_contained=False)
    assert Ticket(huge.id, NOW, NOW + DAY, None, "") == opened(text)
    assert len(text) < 500


def test_a_self_contained_ticket_ends_at_2000_characters() -> None:
    noise = canonical.base64url(b"".join(canonical.sha256(bytes([n])).encode() for n in range(40)))
    with pytest.raises(Refusal) as raised:
        tickets.sign(ask(FORM | {"text": noise}), MASTER, ORIGIN, self_contained=True)
    assert ("malformed", "request") == (raised.value.code, raised.value.field)
    assert "register the request" in raised.value.message


def test_a_derived_key_signs_for_its_own_repository_only() -> None:
    assert opened(tickets.sign(ask(FORM | {"repository": "Octo/API"}), DERIVED, ORIGIN, self_contained=True))
    with pytest.raises(Refusal) as raised:
        tickets.sign(ask(FORM | {"repository": "octo/site"}), DERIVED, ORIGIN, self_contained=True)
    assert ("malformed", "repository") == (raised.value.code, raised.value.field)


def test_every_key_of_the_list_verifies() -> None:
    newer = TicketKey("k2", bytes(32))
    for key in (newer, MASTER, tickets.derive(newer, "octo/api"), DERIVED):
        text = tickets.sign(ask(), key, ORIGIN, self_contained=True)
        assert tickets.open_ticket(text, [newer, MASTER], ORIGIN, now=NOW, born_at=0)


def test_a_derived_key_in_the_list_derives_no_others() -> None:
    of_derived = TicketKey(f"{DERIVED.kid}.octo/api", bytes(32), "octo/api")
    text = tickets.sign(ask(), of_derived, ORIGIN, self_contained=True)
    refused = refusal(lambda: tickets.open_ticket(text, [DERIVED], ORIGIN, now=NOW, born_at=0))
    assert refused == "ticket: key id"
    bare = TicketKey("k1", bytes(32), "octo/api")
    refused = refusal(lambda: tickets.open_ticket(signed(DERIVED), [bare], ORIGIN, now=NOW, born_at=0))
    assert refused == "ticket: key id"


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_no_bit_of_a_ticket_can_be_changed(data: st.DataObject) -> None:
    parts = [bytearray(canonical.from_base64url(part)) for part in signed(DERIVED).split(".")]
    part = data.draw(st.sampled_from(parts))
    bit = data.draw(st.integers(0, 8 * len(part) - 1))
    part[bit // 8] ^= 1 << bit % 8
    refusal(lambda: opened(".".join(canonical.base64url(bytes(each)) for each in parts)))


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_no_character_of_a_ticket_can_be_changed_or_left_out(data: st.DataObject) -> None:
    text = signed()
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters().filter(lambda each: each != text[at]))
    refusal(lambda: opened(text[:at] + other + text[at + 1 :]))
    refusal(lambda: opened(text[:at]))


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a.b", "a.b.c.d", "가.나.다", "\ud800..", "e30.e30.", "A" * 8_001, "W10.e30.e30"]
)
def test_what_is_no_compact_jws_is_not_genuine(text: str) -> None:
    assert refusal(lambda: opened(text)) in {"ticket: form", "ticket: key id"}


@pytest.mark.parametrize(
    "header",
    [
        [],
        {},
        {"alg": "HS256", "kid": 5},
        {"alg": "HS256", "kid": ["k1"]},
        {"alg": "HS256", "kid": "k9"},
        {"alg": "HS256", "kid": ""},
        {"alg": "HS256", "kid": "/dev/null"},
        {"alg": "HS256", "kid": "k1../../../etc/passwd"},
        {"alg": "HS256", "kid": "k1.\ud800"},
        {"alg": "none", "kid": "k1"},
        {"alg": "None", "kid": "k1"},
        {"alg": "HS512", "kid": "k1"},
        {"alg": "RS256", "kid": "k1"},
        {"alg": ["HS256"], "kid": "k1"},
        {"kid": "k1"},
        GENUINE_HEADER | {"crit": ["exp"]},
        GENUINE_HEADER | {"jku": "https://evil.example/keys"},
        GENUINE_HEADER | {"jwk": {"kty": "oct", "k": "AAAA"}},
        GENUINE_HEADER | {"b64": False},
        GENUINE_HEADER | {"zip": "DEF"},
        GENUINE_HEADER | {"x": 1.5},
        b'{"alg":"HS256","alg":"HS256","kid":"k1"}',
        b'{"alg":"HS256","kid":"k9","kid":"k1"}',
        b'{"alg":"HS256","kid":"k1","typ":' + b"[" * 40 + b"]" * 40 + b"}",
        b"\xff",
    ],
)
def test_a_header_takes_nothing_but_ours(header: object) -> None:
    assert refusal(lambda: opened(forged(claims(), header))) in {
        "ticket: form", "ticket: header", "ticket: key id", "ticket: signature"
    }  # fmt: skip


def test_an_unsigned_ticket_is_not_genuine() -> None:
    head, payload, _ = signed().split(".")
    assert refusal(lambda: opened(f"{head}.{payload}.")) == "ticket: signature"
    unsigned = genuine.signing_input({"alg": "none", "kid": "k1"}, claims())
    assert refusal(lambda: opened(f"{unsigned}.")) == "ticket: header"


def test_a_ticket_signed_by_another_key_is_not_genuine() -> None:
    assert refusal(lambda: opened(signed(TicketKey("k1", bytes(32))))) == "ticket: signature"


@pytest.mark.parametrize("name", ["aud", "iat", "exp", "jti"])
@pytest.mark.parametrize("value", [None, True, 1.5, float(NOW), "1790000000", [], {}, -1, 0, 2**53])
def test_a_claim_missing_or_of_another_type_is_not_genuine(name: str, value: object) -> None:
    assert refusal(lambda: opened(forged(claims(**{name: value})))).startswith("ticket: ")


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"aud": "https://other.example"}, "audience"),
        ({"aud": ORIGIN + "/"}, "audience"),
        ({"aud": [ORIGIN]}, "audience"),
        ({"iat": NOW + 301}, "issued in the future"),
        ({"exp": NOW + 30 * DAY + 1}, "lives longer than 30 days, or not at all"),
        ({"exp": NOW}, "lives longer than 30 days, or not at all"),
        ({"jti": "a" * 32}, "the id is not the digest of the request"),
        ({"iat": True, "exp": 60}, "types of the claims"),
        ({"iat": 0, "exp": 60}, "types of the claims"),
        ({"iat": 1.0, "exp": 60}, "types of the claims"),
        ({"exp": float(NOW + DAY)}, "types of the claims"),
        ({"jti": 5}, "types of the claims"),
        ({"stage": 5}, "types of the claims"),
        ({"stage": [""]}, "types of the claims"),
        ({"nbf": NOW}, "claims"),
        ({"sub": "x"}, "claims"),
    ],
)
def test_each_claim_is_checked(changes: Json, check: str) -> None:
    assert refusal(lambda: opened(forged(claims(**changes)))) == f"ticket: {check}"


def test_the_clocks_may_differ_by_five_minutes() -> None:
    assert opened(signed(), now=NOW - 300)
    assert refusal(lambda: opened(signed(), now=NOW - 301)) == "ticket: issued in the future"


def test_a_ticket_more_than_five_minutes_older_than_the_store_is_not_genuine() -> None:
    assert opened(signed(), born_at=NOW + 300)
    assert refusal(lambda: opened(signed(), born_at=NOW + 301)) == "ticket: older than the store"


def test_a_ticket_past_its_end_is_genuine_still() -> None:
    assert NOW + DAY == opened(signed(), now=NOW + 9 * DAY).expires_at


def test_a_ticket_may_live_30_days() -> None:
    text = tickets.sign(ask(lifetime=30 * DAY), MASTER, ORIGIN, self_contained=True)
    assert NOW + 30 * DAY == opened(text).expires_at


@pytest.mark.parametrize("payload", [b"", b"[]", b"5", b"\xff", b'{"aud":"a","aud":"b"}', b"[" * 50 + b"]" * 50])
def test_a_payload_that_is_no_object_is_not_genuine(payload: bytes) -> None:
    assert refusal(lambda: opened(forged(payload))) in {"ticket: claims", "ticket: signature"}


def test_a_claim_given_twice_is_not_genuine() -> None:
    payload = canonical.encode(claims())
    twice = payload.replace(b'"exp":', b'"exp":1,"exp":', 1)
    assert refusal(lambda: opened(forged(twice))) == "ticket: claims"


def test_a_derived_key_that_names_another_repository_is_not_genuine() -> None:
    other = tickets.derive(MASTER, "octo/site")
    assert refusal(lambda: opened(forged(claims(), key=other))) == "ticket: signed by another repository's key"


def test_a_derived_key_signs_no_ticket_without_its_request() -> None:
    text = forged(claims(req=None), key=DERIVED)
    assert refusal(lambda: opened(text)) == "ticket: signed by another repository's key"
    own = tickets.sign(ask(), DERIVED, ORIGIN, self_contained=False)
    assert refusal(lambda: opened(own)) == "ticket: signed by another repository's key"


def test_a_derived_keys_secret_is_no_other_repositorys() -> None:
    text = forged(claims(), GENUINE_HEADER | {"kid": "k1.octo/site"}, key=DERIVED)
    assert refusal(lambda: opened(text)) == "ticket: signature"
    text = forged(claims(), GENUINE_HEADER, key=DERIVED)
    assert refusal(lambda: opened(text)) == "ticket: signature"


def test_the_request_of_a_ticket_cannot_be_exchanged() -> None:
    other = replace(ask(), repository="octo/other")
    text = forged(claims(req=packed(to_wire(other))))
    assert refusal(lambda: opened(text)) == "ticket: the id is not the digest of the request"


def test_two_requests_signed_with_one_id_are_not_both_genuine() -> None:
    mine, other = ask(), ask(FORM | {"title": "another"})
    both = [forged(claims(jti=mine.id, req=packed(to_wire(request)))) for request in (mine, other)]
    assert mine == opened(both[0]).request
    assert refusal(lambda: opened(both[1])) == "ticket: the id is not the digest of the request"


WIRE = {name: each for name, each in to_wire(ask()).items() if name != "title"}
DEFLATED = zlib.compress(canonical.encode(to_wire(ask())), 9, wbits=-15)


@pytest.mark.parametrize(
    "req",
    [
        5,
        ["x"],
        {"repository": "octo/api"},
        "",
        "*",
        "AAAA",
        canonical.base64url(DEFLATED) + "=",
        canonical.base64url(DEFLATED[:-1]),
        canonical.base64url(DEFLATED + b"x"),
        canonical.base64url(DEFLATED + DEFLATED),
        canonical.base64url(zlib.compress(canonical.encode(to_wire(ask())))),
        packed(b" " * 300_000 + canonical.encode(to_wire(ask()))),
        packed(b"\xff"),
        packed([to_wire(ask())]),
        packed(b'{"title":"a","title":"b"}'),
        packed(b"[" * 40 + b"]" * 40),
        packed(WIRE),
        packed(to_wire(ask()) | {"colour": "red"}),
        packed(to_wire(ask()) | {"expires_in": "7d"}),
        packed(to_wire(ask()) | {"client_payload": {"approval": 1}}),
        packed(to_wire(ask()) | {"client_payload": {"a": 1.5}}),
        packed(to_wire(ask()) | {"title": "\ud800"}),
        packed(to_wire(ask()) | {"require_comment": 1}),
    ],
)
def test_a_request_that_is_not_packed_as_ours_is_not_genuine(req: object) -> None:
    assert refusal(lambda: opened(forged(claims(req=req)))).startswith("ticket: packed request")


def test_a_request_of_the_key_holder_that_names_a_field_twice_over_is_told_by_field() -> None:
    assert refusal(lambda: opened(forged(claims(req=packed(WIRE))))) == "ticket: packed request, field title"


@pytest.mark.parametrize("changes", [{"stage": "release"}, {"req": "A" * 2_000}])
def test_a_self_contained_ticket_has_no_stage_and_its_length(changes: dict[str, object]) -> None:
    assert refusal(lambda: opened(forged(claims(**changes)))) == "ticket: self-contained, with a stage or too long"


def test_a_bomb_is_not_inflated() -> None:
    bomb = canonical.base64url(zlib.compress(bytes(600_000), 9, wbits=-15))
    assert len(bomb) < 1_000
    assert refusal(lambda: opened(forged(claims(req=bomb)))) == "ticket: packed request"


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(["aud", "iat", "exp", "jti", "req", "stage"]), st.data())
def test_whatever_a_key_holder_signs_is_a_ticket_or_a_refusal(name: str, data: st.DataObject) -> None:
    value = data.draw(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
            max_leaves=6,
        )
    )
    text = forged(claims() | {name: value})
    try:
        ticket = opened(text)
    except Refusal:
        assert refusal(lambda: opened(text)).startswith("ticket: ")
    else:
        assert name != "stage" or value == ticket.stage


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


SECRET = canonical.base64url(b"\xfb" * 32)


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
