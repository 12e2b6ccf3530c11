"""Clicks whose token or ticket is not genuine, with the code and the check that each comes to."""

from typing import Final

from relay.signed import tickets
from tests.press.spoiling import (
    MARK,
    Spoil,
    bloated,
    by_public_key,
    claim,
    foreign_jwk,
    foreign_token,
    immortal,
    issued,
    of_another_repository,
    one_bit,
    one_id_for_two,
    ticket,
    ticket_claims,
    ticket_header,
    time_claim,
    token,
    token_header,
    truncated,
    unsigned,
    with_payload_key,
)
from tests.support import entra_tokens, road

TOKENS: Final[dict[str, tuple[Spoil, str, str]]] = {
    "alg none": (token(unsigned), "not-genuine", "token: alg is not RS256"),
    "HS256 keyed with the public key": (token(by_public_key), "not-genuine", "token: alg is not RS256"),
    "alg in small letters": (token_header(alg="rs256"), "not-genuine", "token: alg is not RS256"),
    "signed by another": (foreign_token(), "not-genuine", "token: signature"),
    "an embedded jwk": (foreign_token(jwk=foreign_jwk()), "not-genuine", "token: signature"),
    "a foreign jku": (foreign_token(jku="https://evil.example/keys"), "not-genuine", "token: signature"),
    "a foreign x5u": (foreign_token(x5u="https://evil.example/cert"), "not-genuine", "token: signature"),
    "a kid that is a path": (token_header(kid="../../etc/passwd"), "not-genuine", "token: key id unknown"),
    "a kid that is a number": (
        token_header(kid=7),
        "not-genuine",
        "token: key id is not a string of 1 to 200 characters",
    ),
    "no kid": (token_header(kid=None), "not-genuine", "token: key id is not a string of 1 to 200 characters"),
    "crit": (token_header(crit=["exp"]), "not-genuine", "token: crit is present"),
    "a foreign issuer": (claim(iss=f"https://{MARK}.example"), "not-genuine", "token: issuer unknown"),
    "an issuer that is a list": (claim(iss=[MARK]), "not-genuine", "token: issuer unknown"),
    "no issuer": (claim(iss=None), "not-genuine", "token: issuer unknown"),
    "another audience": (claim(aud=MARK), "not-genuine", "token: claim aud is not as required"),
    "a list of audiences": (claim(aud=[entra_tokens.AUDIENCE]), "not-genuine", "token: claim aud is not as required"),
    "another caller": (claim(azp=entra_tokens.OBJECT), "not-genuine", "token: claim azp is not as required"),
    "another tenant": (claim(tid=entra_tokens.OTHER_TENANT), "not-genuine", "token: claim tid is not as required"),
    "a tenant that is a number": (claim(tid=7), "not-genuine", "token: claim tid is not as required"),
    "a person that is no GUID": (claim(oid=MARK), "not-genuine", "token: claim oid is not as required"),
    "an application's token": (claim(idtyp="app"), "not-genuine", "token: claim idtyp is not as required"),
    "a name that is a number": (claim(name=7), "not-genuine", "token: claim name is not as required"),
    "times as text": (claim(exp="4102444800"), "not-genuine", "token: claim exp is not as required"),
    "a time that is true": (claim(iat=True), "not-genuine", "token: claim iat is not as required"),
    "a future nbf": (time_claim("nbf", 400), "not-genuine", "token: claim nbf is not as required"),
    "a future iat": (time_claim("iat", 400), "not-genuine", "token: claim iat is not as required"),
    "a past exp": (time_claim("exp", -400), "not-genuine", "token: claim exp is not as required"),
    **{
        f"without {name}": (claim(**{name: None}), "not-genuine", f"token: claim {name} is missing")
        for name in ("aud", "exp", "nbf", "iat", "tid", "azp", "oid")
    },
}
TICKETS: Final[dict[str, tuple[Spoil, str, str]]] = {
    "truncated": (truncated, "not-genuine", "ticket: signature"),
    "altered by one bit": (one_bit, "not-genuine", "ticket: signature"),
    "of another relay": (
        ticket(lambda: road.ticket(road.offline(), origin="https://other.example")),
        "not-genuine",
        "ticket: audience",
    ),
    "of another relay's key": (
        ticket(lambda: road.ticket(road.offline(), key=tickets.TicketKey("k1", b"x" * 32))),
        "not-genuine",
        "ticket: signature",
    ),
    "of an unknown key": (
        ticket(lambda: road.ticket(road.offline(), key=tickets.TicketKey(MARK, b"x" * 32))),
        "not-genuine",
        "ticket: key id",
    ),
    "kid that is a path": (ticket_header(kid="../k1"), "not-genuine", "ticket: key id"),
    "kid that is a number": (ticket_header(kid=1), "not-genuine", "ticket: key id"),
    "alg none": (ticket_header(alg="none"), "not-genuine", "ticket: header"),
    "crit": (ticket_header(crit=["exp"]), "not-genuine", "ticket: header"),
    "jku": (ticket_header(jku="https://evil.example"), "not-genuine", "ticket: header"),
    "older than the store": (ticket(issued(-400)), "not-genuine", "ticket: older than the store"),
    "of the future": (ticket(issued(400)), "not-genuine", "ticket: issued in the future"),
    "living too long": (ticket(immortal), "not-genuine", "ticket: lives longer than 30 days, or not at all"),
    "an id that is not the digest": (
        ticket_claims(jti="a" * 32),
        "not-genuine",
        "ticket: the id is not the digest of the request",
    ),
    "two requests under one id": (one_id_for_two, "not-genuine", "ticket: the id is not the digest of the request"),
    "from another repository's key": (
        ticket(of_another_repository),
        "not-genuine",
        "ticket: signed by another repository's key",
    ),
    "a registered one from a derived key": (
        ticket(
            lambda: tickets.sign(
                road.offline(), tickets.derive(road.MASTER, "octo/api"), road.ORIGIN, self_contained=False
            )
        ),
        "not-genuine",
        "ticket: signed by another repository's key",
    ),
    "without a claim": (ticket_claims(exp=None), "not-genuine", "ticket: claims"),
    "with a claim too many": (ticket_claims(nbf=MARK), "not-genuine", "ticket: claims"),
    **{
        f"self-contained with {name}": (
            ticket_claims(**claims),
            "not-genuine",
            "ticket: self-contained, with a claim of the relay's own or too long",
        )
        for name, claims in {
            "by": {"by": "relay"},
            "a view": {"view": "v", "sub": "p"},
            "a stage": {"stage": "qa"},
        }.items()
    },
    "with a view of no person": (ticket_claims(view=MARK), "not-genuine", "ticket: claims of a card"),
    "with a person and no view": (ticket_claims(sub=MARK), "not-genuine", "ticket: claims of a card"),
    "of another maker": (ticket_claims(by="asker"), "not-genuine", "ticket: claims of a card"),
    "a mistyped maker": (ticket_claims(by=True), "not-genuine", "ticket: types of the claims"),
    "a mistyped id": (ticket_claims(jti=7), "not-genuine", "ticket: types of the claims"),
    "a mistyped time": (ticket_claims(iat="now"), "not-genuine", "ticket: types of the claims"),
    "a mistyped stage": (ticket_claims(stage=7), "not-genuine", "ticket: types of the claims"),
    "a list of audiences": (ticket_claims(aud=[road.ORIGIN]), "not-genuine", "ticket: audience"),
    "a request that is no packing": (ticket_claims(req=MARK), "not-genuine", "ticket: packed request"),
    "a request that is a number": (ticket_claims(req=7), "not-genuine", "ticket: packed request"),
    "our key in its payload": (
        ticket(with_payload_key),
        "not-genuine",
        "ticket: packed request, field client_payload",
    ),
    "a request that inflates beyond all bounds": (ticket(bloated), "not-genuine", "ticket: packed request"),
}
