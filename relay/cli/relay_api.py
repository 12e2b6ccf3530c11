"""The HTTP API of the relay, as a workflow step or an operator calls it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import click

from relay.cli import github_actions
from relay.cli.context import Context
from relay.cli.failures import Failure, plain
from relay.cli.http import HttpResponse, fetch
from relay.signed import canonical_json

NOT_A_RELAY: Final = (
    "The server at --relay (RELAY_URL) does not answer as a relay does. Usually the address belongs to another "
    "service. Use the origin that the operator set as RELAY_PUBLIC_URL."
)
_CALLEE: Final = "The relay"
_CURE: Final = "Usually --relay (RELAY_URL) is wrong or the function app is stopped; look at its /api/health."
_OK: Final = frozenset({200, 201})
_CURES: Final = {
    401: "Usually the key is wrong or was taken out of RELAY_API_KEYS; ask the operator for one.",
    403: "Usually no rule of the policy has this repository, environment and event type for requests by key; "
    "`relay policy explain` shows what the rules say.",
    404: "Usually the id is mistyped, its case was removed, or it belongs to a repository outside the key's scope.",
    409: "Look at the request with `relay status ID`.",
    429: "Try again later.",
}


@dataclass(frozen=True, slots=True)
class CardState:
    """The state of a card that the relay posts itself (owed, delivered, refused or dead), and its error."""

    channel: str
    status: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Registered:
    """A request that the relay has registered."""

    id: str
    expires_at: str
    ticket: str
    review_url: str
    cards: tuple[CardState, ...] = ()
    warning: str = ""
    has_page: bool = True


def need_key(api_key: str | None) -> None:
    """Mask the API key. Raises UsageError with the cure if there is none."""
    if not api_key:
        oidc = os.environ.get("ACTIONS_ID_TOKEN_REQUEST_URL") and os.environ.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
        note = " (this version of the relay does not take the job's OIDC token)" if oidc else ""
        raise click.UsageError(
            f"--api-key: is required to ask the relay{note}. The operator adds one to RELAY_API_KEYS, as in "
            "ci:KEY:OWNER/REPO; keep it as a secret and set RELAY_API_KEY from it"
        )
    if not api_key.isascii() or not api_key.isprintable() or api_key != api_key.strip():
        raise click.UsageError("--api-key: holds blanks, line breaks or characters beyond ASCII; copy the key alone")
    github_actions.mask(api_key)


def register(relay: str, api_key: str, form: Mapping[str, object], context: Context) -> Registered:
    """Register a request, all attempts under one Idempotency-Key. Raises Failure with the relay's reason."""
    headers = {"x-relay-key": api_key, "Idempotency-Key": context.token()}
    answer = fetch("POST", f"{relay}/api/requests", context, callee=_CALLEE, cure=_CURE, headers=headers, body=form)
    found = _object(answer)
    match found:
        case {"id": str(id_), "expires_at": str(expires_at), "ticket": str(ticket), "review_url": str(review_url)}:
            warning, has_page = plain(str(found.get("warning") or "")), found.get("review_page") != "off"
            return Registered(id_, expires_at, ticket, review_url, _cards(found.get("cards")), warning, has_page)
        case _:
            raise Failure(NOT_A_RELAY)


def _cards(found: object) -> tuple[CardState, ...]:
    """Return the states of the cards, or nothing if the relay names none."""
    if not isinstance(found, list | None):
        raise Failure(NOT_A_RELAY)
    return tuple(_card(each) for each in found or ())


def _card(found: object) -> CardState:
    match found:
        case {"channel": str(channel), "status": str(status), **rest}:
            return CardState(plain(channel), plain(status), plain(str(rest.get("error") or "")).strip())
        case _:
            raise Failure(NOT_A_RELAY)


def call(method: str, relay: str, path: str, api_key: str, context: Context) -> dict[str, Any]:
    """Call a route below /api/requests and return its JSON object. Raises Failure with the relay's reason."""
    headers = {"x-relay-key": api_key}
    return _object(fetch(method, f"{relay}/api/requests/{path}", context, callee=_CALLEE, cure=_CURE, headers=headers))


def fetch_keys(relay: str, context: Context) -> dict[str, Any]:
    """Return the key set that proves the relay's receipts."""
    return _object(fetch("GET", f"{relay}/api/keys", context, callee=_CALLEE, cure=_CURE))


def _object(answer: HttpResponse) -> dict[str, Any]:
    try:
        found = canonical_json.parse(answer.body)
    except ValueError:
        found = None
    fields = found if isinstance(found, dict) else {}
    if answer.status in _OK:
        if not isinstance(found, dict):
            raise Failure(NOT_A_RELAY)
        return fields
    code, message = (plain(str(fields.get(name, ""))) for name in ("error", "message"))
    explanation = (
        f"The relay answered {answer.status}" + (f" {code}" if code else "") + (f": {message}" if message else ".")
    )
    raise Failure(f"{explanation} {_CURES.get(answer.status, '' if code else _CURE)}".strip())
