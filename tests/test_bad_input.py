"""Each case starts from a genuine click and spoils one thing: one row of the table, and nothing else happens."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_httpx import HTTPXMock

from relay.core import canonical, tickets
from relay.core.request import to_wire
from tests import genuine, road

MARK: Final = "senders-own-words"
NO_TICKET = "header Relay-Ticket is missing or not of the form"
DAY: Final = 86_400
Spoil = Callable[[road.Click], None]


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[road.Road]:
    with road.made(tmp_path, httpx_mock) as made:
        yield made


def body(content: bytes) -> Spoil:
    def spoil(click: road.Click) -> None:
        click.body = content

    return spoil


def header(name: str, value: str | None) -> Spoil:
    def spoil(click: road.Click) -> None:
        click.headers.pop(name, None)
        if value is not None:
            click.headers[name] = value

    return spoil


def doubled(name: str) -> Spoil:
    """Send a header twice, which the host joins with a comma."""

    def spoil(click: road.Click) -> None:
        click.headers[name] = f"{click.headers[name]},{click.headers[name]}"

    return spoil


def token(text: Callable[[], str]) -> Spoil:
    def spoil(click: road.Click) -> None:
        click.headers["authorization"] = f"Bearer {text()}"

    return spoil


def claim(**changes: Any) -> Spoil:
    return token(lambda: genuine.token(road.claims("ada", **changes)))


def time_claim(name: str, ahead: int) -> Spoil:
    return token(lambda: genuine.token(road.claims("ada", **{name: int(time.time()) + ahead})))


def token_header(**changes: object) -> Spoil:
    return token(lambda: genuine.token(road.claims("ada"), **changes))


def foreign_token(**changes: object) -> Spoil:
    """Sign with a key that is not the issuer's, whatever the header says of where to find it."""
    return token(
        lambda: genuine.sign(genuine.header(**changes), road.claims("ada"), genuine.foreign_key()),
    )


def unsigned() -> str:
    return genuine.signing_input(genuine.header(alg="none"), road.claims("ada")) + "."


def by_public_key() -> str:
    return genuine.sign_hs256(genuine.header(alg="HS256"), road.claims("ada"), genuine.PUBLIC_PEM)


def foreign_jwk() -> dict[str, object]:
    return genuine.jwk(genuine.foreign_key().public_key())


def ticket(text: Callable[[], str]) -> Spoil:
    def spoil(click: road.Click) -> None:
        click.headers["relay-ticket"] = text()

    return spoil


def ticket_claims(**changes: object) -> Spoil:
    """Sign other claims with the relay's own key; a change to None leaves that claim out."""

    def text() -> str:
        genuine_claims = jwt.decode(road.ticket(road.offline()), options={"verify_signature": False})
        changed = {name: value for name, value in (genuine_claims | changes).items() if value is not None}
        return jwt.api_jws.encode(canonical.encode(changed), road.MASTER.secret, "HS256", {"kid": road.MASTER.kid})

    return ticket(text)


def ticket_header(**changes: object) -> Spoil:
    def text() -> str:
        claims = jwt.decode(road.ticket(road.offline()), options={"verify_signature": False})
        return genuine.sign_hs256({"alg": "HS256", "kid": "k1"} | changes, claims, road.MASTER.secret)

    return ticket(text)


def one_bit(click: road.Click) -> None:
    head, payload, signature = click.headers["relay-ticket"].split(".")
    raw = bytearray(canonical.from_base64url(signature))
    raw[3] ^= 1
    click.headers["relay-ticket"] = ".".join((head, payload, canonical.base64url(bytes(raw))))


def truncated(click: road.Click) -> None:
    click.headers["relay-ticket"] = click.headers["relay-ticket"][:-23]


def one_id_for_two(click: road.Click) -> None:
    """Sign one request under the id of another, as a workflow could that has a key of its own."""
    first, second = road.offline(), road.offline(title="Another")
    assert first.id != second.id
    click.headers["relay-ticket"] = road.ticket(
        replace(second, id=first.id), key=tickets.derive(road.MASTER, "octo/api")
    )


def of_another_repository() -> str:
    """Sign for octo/api with the key that was derived for octo/site."""
    derived = tickets.derive(road.MASTER, "octo/site")
    return road.ticket(road.offline(), key=replace(derived, repository=""))


def bloated() -> str:
    request = road.offline(text="x" * 8_000, sections=[{"text": "y" * 300_000}])
    return tickets.sign(request, road.MASTER, road.ORIGIN, self_contained=True)


def issued(ahead: int) -> Callable[[], str]:
    return lambda: road.ticket(road.offline(issued_at=int(time.time()) + ahead))


def immortal() -> str:
    return road.ticket(replace(road.offline(), expires_at=int(time.time()) + 31 * DAY))


def with_payload_key() -> str:
    """Put the relay's own key into the payload of a request, which no form lets through."""
    request = replace(road.offline(), client_payload={"approval": {"decision": MARK}})
    return road.ticket(replace(request, id=canonical.digest(to_wire(request))))


BODIES: Final[dict[str, tuple[Spoil, str, str]]] = {
    "five MiB": (body(b"x" * (5 << 20)), "too-large", "body"),
    "not UTF-8": (body(b'{"comment": "\xff\xfe"}'), "malformed", "the body is not UTF-8"),
    "not JSON": (body(MARK.encode()), "malformed", "the body is not a comment"),
    "half a JSON": (body(b'{"comment": "' + MARK.encode()), "malformed", "the body is not a comment"),
    "the shortest overlap": (body(b'{"comment": "}'), "malformed", "the body is not a comment"),
    "nested deeply": (body(b"[" * 200_000), "malformed", "the body is not a comment"),
    "nested deeply and closed": (body(b"[" * 99 + b"]" * 99), "malformed", "the body is not a comment"),
    "a list": (body(b'["comment"]'), "malformed", "the body is not a comment"),
    "a comment that is a number": (body(b'{"comment": 5}'), "malformed", "the body is not a comment"),
    "a comment that is an object": (body(b'{"comment": {}}'), "malformed", "the body is not a comment"),
    "no comment in it": (body(b"{}"), "malformed", "the body is not a comment"),
    "a long comment": (body(b'{"comment": "' + b"x" * 1_001 + b'"}'), "malformed", "the comment is too long"),
    "a long unparsable comment": (
        body(b'{"comment": "' + b'"' * 1_001 + b'"}'),
        "malformed",
        "the comment is too long",
    ),
}
HEADERS: Final[dict[str, tuple[Spoil, str, str]]] = {
    "no Authorization": (
        header("authorization", None),
        "not-genuine",
        "token: no Authorization or Action-Authorization header",
    ),
    "Authorization empty": (
        header("authorization", " "),
        "not-genuine",
        "token: no Authorization or Action-Authorization header",
    ),
    "Authorization twice": (
        doubled("authorization"),
        "not-genuine",
        "token: Authorization is not one bearer token",
    ),
    "two different tokens": (
        header("action-authorization", f"Bearer {MARK}"),
        "not-genuine",
        "token: Authorization and Action-Authorization differ",
    ),
    "Basic": (header("authorization", f"Basic {MARK}"), "not-genuine", "token: Authorization is not one bearer token"),
    "Authorization in Korean": (
        header("authorization", "Bearer 토큰"),
        "not-genuine",
        "token: not three parts of base64url",
    ),
    "Authorization with half a character": (
        header("authorization", "Bearer \udc80.\udc80.\udc80"),
        "not-genuine",
        "token: not three parts of base64url",
    ),
    "Authorization huge": (
        header("authorization", "Bearer " + "x" * 99_999),
        "not-genuine",
        "token: longer than 16 KiB",
    ),
    "no ticket": (header("relay-ticket", None), "malformed", NO_TICKET),
    "ticket empty": (header("relay-ticket", ""), "malformed", NO_TICKET),
    "ticket twice": (doubled("relay-ticket"), "malformed", NO_TICKET),
    "ticket in Korean": (header("relay-ticket", "표.표.표"), "malformed", NO_TICKET),
    "ticket with half a character": (header("relay-ticket", "\udc80.a.b"), "malformed", NO_TICKET),
    "ticket huge": (header("relay-ticket", "x" * 99_999), "malformed", NO_TICKET),
    "ticket of words": (header("relay-ticket", MARK), "not-genuine", "ticket: form"),
    "no verdict": (
        header("relay-verdict", None),
        "malformed",
        "header Relay-Verdict is missing or not approve or reject",
    ),
    "verdict twice": (
        doubled("relay-verdict"),
        "malformed",
        "header Relay-Verdict is missing or not approve or reject",
    ),
    "verdict in Korean": (
        header("relay-verdict", "승인"),
        "malformed",
        "header Relay-Verdict is missing or not approve or reject",
    ),
    "verdict in capitals": (
        header("relay-verdict", "Approve"),
        "malformed",
        "header Relay-Verdict is missing or not approve or reject",
    ),
}
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
    "a list of audiences": (claim(aud=[genuine.AUDIENCE]), "not-genuine", "token: claim aud is not as required"),
    "another caller": (claim(azp=genuine.OBJECT), "not-genuine", "token: claim azp is not as required"),
    "another tenant": (claim(tid=genuine.OTHER_TENANT), "not-genuine", "token: claim tid is not as required"),
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
    "with a claim too many": (ticket_claims(sub=MARK), "not-genuine", "ticket: claims"),
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
CASES: Final = {
    f"{kind}: {name}": case
    for kind, cases in (("body", BODIES), ("header", HEADERS), ("token", TOKENS), ("ticket", TICKETS))
    for name, case in cases.items()
}


@pytest.mark.parametrize(("spoil", "code", "check"), CASES.values(), ids=CASES.keys())
def test_one_spoilt_thing_gets_its_row_and_nothing_else_happens(
    here: road.Road,
    httpx_mock: HTTPXMock,
    caplog: pytest.LogCaptureFixture,
    spoil: Spoil,
    code: str,
    check: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    click = road.click()
    spoil(click)
    reply = here.send(click.headers, click.body)
    status = {"too-large": 413, "not-genuine": 401, "malformed": 400}[code]
    assert (status, code) == road.outcome(reply)
    assert road.NOTHING == here.recorded()
    assert [] == road.dispatched(httpx_mock)
    assert [f"click refused: {code} ({check}) on messagecard"] == [
        record.getMessage() for record in caplog.records if record.name.startswith("relay")
    ]
    assert MARK not in caplog.text
    assert MARK not in reply.body.decode() + str(reply.headers)


def test_the_genuine_click_that_all_of_these_spoil_is_taken(here: road.Road, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204, is_reusable=True)
    click = road.click()
    assert (200, "released") == road.outcome(here.send(click.headers, click.body))


@pytest.mark.parametrize("content", [b"", b"  \r\n", b'{"comment": null}', b'{"comment": ""}', b'{"comment": """}'])
def test_a_click_without_a_comment_or_with_an_odd_one_is_taken(
    here: road.Road, httpx_mock: HTTPXMock, content: bytes
) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204)
    click = road.click()
    assert (200, "released") == road.outcome(here.send(click.headers, content))


def test_a_request_that_is_altered_after_it_was_taken_does_not_change_what_is_judged(here: road.Road) -> None:
    """Two genuine tickets of one id cannot be; one whose wire differs has another id and is another case."""
    first = road.offline("staged")
    here.press("lin", "approve", road.ticket(first))
    other = road.offline("staged", client_payload={"version": "2"})
    assert to_wire(first) != to_wire(other)
    reply = here.press("lin", "approve", road.ticket(other))
    assert (200, "counted") == road.outcome(reply)
    assert 2 == here.recorded()["cases"]


def test_a_ticket_that_claims_a_later_end_does_not_revive_what_has_expired(here: road.Road) -> None:
    request = road.offline("staged", expires_in="60s")
    here.press("lin", "approve", road.ticket(request))
    here.ahead = 100
    later = replace(request, expires_at=request.expires_at + DAY)
    assert (200, "expired") == road.outcome(here.press("ada", "approve", road.ticket(later)))
    assert 1 == len(here.case(request.id).reviews)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["authorization", "relay-ticket", "relay-verdict"]),
    place=st.floats(0, 1, exclude_max=True),
    put=st.characters(),
)
def test_no_character_can_be_changed_in_a_header_that_carries_trust(
    here: road.Road, name: str, place: float, put: str
) -> None:
    click = road.click()
    value = click.headers[name]
    at = int(place * len(value))
    spoilt = value[:at] + put + value[at + 1 :]
    if spoilt.strip(" \t").lower() == value.lower() and name == "authorization":
        return  # the scheme's letters may be large or small
    if spoilt != value:
        click.headers[name] = spoilt
        assert here.send(click.headers, click.body).status in {400, 401}
        assert road.NOTHING == here.recorded()


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=64))
def test_no_body_makes_a_stranger_an_approver_or_the_road_crash(here: road.Road, content: bytes) -> None:
    click = road.click("lin")
    reply = here.send(click.headers, content)
    assert road.outcome(reply) in {(403, "not-allowed"), (400, "malformed")}
    assert road.NOTHING == here.recorded()
