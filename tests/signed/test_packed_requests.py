"""The request that a self-contained ticket carries, packed as ours and in no other way."""

import zlib

import pytest

from relay.signed import canonical_json
from relay.signed.request import to_wire
from tests.signed.ticket_keys import ask, claims, forged, opened, packed, refusal

WIRE = {name: each for name, each in to_wire(ask()).items() if name != "title"}
DEFLATED = zlib.compress(canonical_json.encode(to_wire(ask())), 9, wbits=-15)


@pytest.mark.parametrize(
    "req",
    [
        5,
        ["x"],
        {"repository": "octo/api"},
        "",
        "*",
        "AAAA",
        canonical_json.base64url(DEFLATED) + "=",
        canonical_json.base64url(DEFLATED[:-1]),
        canonical_json.base64url(DEFLATED + b"x"),
        canonical_json.base64url(DEFLATED + DEFLATED),
        canonical_json.base64url(zlib.compress(canonical_json.encode(to_wire(ask())))),
        packed(b" " * 300_000 + canonical_json.encode(to_wire(ask()))),
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
    assert (
        refusal(lambda: opened(forged(claims(**changes))))
        == "ticket: self-contained, with a claim of the relay's own or too long"
    )


def test_a_bomb_is_not_inflated() -> None:
    bomb = canonical_json.base64url(zlib.compress(bytes(600_000), 9, wbits=-15))
    assert len(bomb) < 1_000
    assert refusal(lambda: opened(forged(claims(req=bomb)))) == "ticket: packed request"
