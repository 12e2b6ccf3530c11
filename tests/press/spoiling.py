"""Ways to spoil one thing of a genuine click."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import jwt

from relay.signed import canonical_json, tickets
from relay.signed.request import to_wire
from tests.support import clicks, entra_tokens, road

MARK: Final = "senders-own-words"
DAY: Final = 86_400
Spoil = Callable[[road.Click], None]


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
    return token(lambda: entra_tokens.token(clicks.claims("ada", **changes)))


def time_claim(name: str, ahead: int) -> Spoil:
    return token(lambda: entra_tokens.token(clicks.claims("ada", **{name: int(time.time()) + ahead})))


def token_header(**changes: object) -> Spoil:
    return token(lambda: entra_tokens.token(clicks.claims("ada"), **changes))


def foreign_token(**changes: object) -> Spoil:
    """Sign with a key that is not the issuer's, whatever the header says of where to find it."""
    return token(
        lambda: entra_tokens.sign(entra_tokens.header(**changes), clicks.claims("ada"), entra_tokens.foreign_key()),
    )


def unsigned() -> str:
    return entra_tokens.signing_input(entra_tokens.header(alg="none"), clicks.claims("ada")) + "."


def by_public_key() -> str:
    return entra_tokens.sign_hs256(entra_tokens.header(alg="HS256"), clicks.claims("ada"), entra_tokens.PUBLIC_PEM)


def foreign_jwk() -> dict[str, object]:
    return entra_tokens.jwk(entra_tokens.foreign_key().public_key())


def ticket(text: Callable[[], str]) -> Spoil:
    def spoil(click: road.Click) -> None:
        click.headers["relay-ticket"] = text()

    return spoil


def ticket_claims(**changes: object) -> Spoil:
    """Sign other claims with the relay's own key; a change to None leaves that claim out."""

    def text() -> str:
        genuine_claims = jwt.decode(road.ticket(road.offline()), options={"verify_signature": False})
        changed = {name: value for name, value in (genuine_claims | changes).items() if value is not None}
        return jwt.api_jws.encode(canonical_json.encode(changed), road.MASTER.secret, "HS256", {"kid": road.MASTER.kid})

    return ticket(text)


def ticket_header(**changes: object) -> Spoil:
    def text() -> str:
        claims = jwt.decode(road.ticket(road.offline()), options={"verify_signature": False})
        return entra_tokens.sign_hs256({"alg": "HS256", "kid": "k1"} | changes, claims, road.MASTER.secret)

    return ticket(text)


def one_bit(click: road.Click) -> None:
    head, payload, signature = click.headers["relay-ticket"].split(".")
    raw = bytearray(canonical_json.from_base64url(signature))
    raw[3] ^= 1
    click.headers["relay-ticket"] = ".".join((head, payload, canonical_json.base64url(bytes(raw))))


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
    return road.ticket(replace(request, id=canonical_json.digest(to_wire(request))))
