"""The HTTP API of the relay, as a workflow step or an operator calls it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlencode

import click

from relay.cli import github_actions, job_token
from relay.cli.context import Context
from relay.cli.cures import cure
from relay.cli.failures import Failure, NotApproved, option_for, plain
from relay.cli.http import USUAL, HttpResponse, Pace, fetch
from relay.model.request import FACTS, Proven
from relay.signed import canonical_json

NOT_A_RELAY: Final = (
    "The server at --relay (RELAY_URL) does not answer as a relay does. Usually the address belongs to another "
    "service. Use the origin that the operator set as RELAY_PUBLIC_URL."
)
CALLEE: Final = "The relay"
CURE: Final = "Usually --relay (RELAY_URL) is wrong or the function app is stopped; look at its /api/health."
PATIENT: Final = Pace(attempts=7)  # a minute: pauses of 1, 2, 4, 8, 16 and 29 s
_OK: Final = frozenset({200, 201})
_LOST: Final = frozenset({409, 410})


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
    proven: Proven = ()
    warning: str = ""
    has_page: bool = True


def need_proof(api_key: str | None) -> None:
    """Mask the API key. Raises UsageError with the cure if there is neither a key nor a token of the job."""
    if not api_key:
        if job_token.is_there():
            return
        if github_actions.running():
            job_token.need_permission()
        raise click.UsageError(
            "--api-key: is required to ask the relay. The operator adds one to RELAY_API_KEYS, as in "
            "ci:KEY:OWNER/REPO; keep it as a secret and set RELAY_API_KEY from it"
        )
    if ":" in api_key:
        raise click.UsageError(
            "--api-key: is a whole entry of RELAY_API_KEYS, NAME:KEY:SCOPE; give the part in the middle, the key alone"
        )
    if not api_key.isascii() or not api_key.isprintable() or api_key != api_key.strip():
        raise click.UsageError("--api-key: holds blanks, line breaks or characters beyond ASCII; copy the key alone")
    github_actions.mask(api_key)


def proof(relay: str, api_key: str | None, context: Context) -> dict[str, str]:
    """Return the header that proves the caller: the key if one is given, else the token of its job."""
    need_proof(api_key)
    return {"x-relay-key": api_key} if api_key else {"Authorization": f"Bearer {job_token.fetch_token(relay, context)}"}


def register(relay: str, api_key: str | None, form: Mapping[str, object], context: Context) -> Registered:
    """Register a request, all attempts under one Idempotency-Key. Raises Failure with the relay's reason."""
    headers = proof(relay, api_key, context) | {"Idempotency-Key": context.token()}
    answer = fetch("POST", f"{relay}/api/requests", context, callee=CALLEE, cure=CURE, headers=headers, body=form)
    found = read_object(answer, form, by_key=bool(api_key))
    match found:
        case {"id": str(id_), "expires_at": str(expires_at), "ticket": str(ticket), "review_url": str(review_url)}:
            proven = tuple(name for name in FACTS if name in _texts(found.get("proven")))
            warning, has_page = plain(str(found.get("warning") or "")), found.get("review_page") != "off"
            cards = _cards(found.get("cards"))
            return Registered(id_, expires_at, ticket, review_url, cards, proven, warning, has_page)
        case _:
            raise Failure(NOT_A_RELAY)


def _texts(found: object) -> list[str]:
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


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


def call(
    method: str,
    relay: str,
    path: str,
    api_key: str | None,
    context: Context,
    *,
    body: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    """Call a route below /api/requests and return its JSON object. Raises Failure with the relay's reason."""
    headers, url = proof(relay, api_key, context), f"{relay}/api/requests/{path}"
    return read_object(fetch(method, url, context, callee=CALLEE, cure=CURE, headers=headers, body=body))


def redeem(relay: str, api_key: str | None, receipt: str, context: Context) -> None:
    """Redeem an approval for this run. Raises NotApproved if another run has done so, and Failure if it is unknown."""
    body = {"receipt": receipt} | ({"run_id": os.environ.get("GITHUB_RUN_ID", "")} if api_key else {})
    headers = proof(relay, api_key, context)
    url = f"{relay}/api/receipts/redeem"
    answer = fetch("POST", url, context, callee=CALLEE, cure=CURE, headers=headers, body=body, pace=PATIENT)
    if answer.status not in _LOST:
        read_object(answer)
        return
    try:
        found = canonical_json.parse(answer.body)
    except ValueError:
        found = None
    match found:
        case {"redeemed_by": {"run_id": str(other)}}:
            reason = f"Run {plain(other)} has redeemed this approval already."
        case {"error": "already-redeemed", "message": str(message)}:  # or the release was started again since
            reason = plain(message).removesuffix(" Release nothing.")
        case {"error": "already-redeemed"}:
            reason = "Another run has redeemed this approval already."
        case {"error": "expired"}:
            reason = "The receipt has expired; it lives one day."
        case _:
            raise Failure(NOT_A_RELAY)
    raise NotApproved(f"Release nothing. {reason}")


def fetch_keys(relay: str, context: Context, pace: Pace = USUAL) -> dict[str, Any]:
    """Return the key set that proves the relay's receipts."""
    return read_object(fetch("GET", f"{relay}/api/keys", context, callee=CALLEE, cure=CURE, pace=pace))


def export(
    relay: str, api_key: str, route: str, query: Mapping[str, str], kind: str, context: Context, max_body: int
) -> str:
    """Return the text of a route for operators. Raises Failure with the relay's reason."""
    need_proof(api_key)
    url = f"{relay}/api/{route}?{urlencode(query)}"
    headers = {"x-relay-key": api_key}
    answer = fetch("GET", url, context, callee=CALLEE, cure=CURE, headers=headers, max_body=max_body)
    if answer.status not in _OK:
        read_object(answer)
    if answer.headers.get("content-type") != kind:
        raise Failure(NOT_A_RELAY)
    return answer.body.decode("utf-8", "replace")


def overtaken_by(relay: str, receipt: str, context: Context) -> str:
    """Return the id of the newer approval that GitHub took since, or "". Raises Failure if it is not known."""
    url, body = f"{relay}/api/receipts/check", {"receipt": receipt}
    answer = fetch("POST", url, context, callee=CALLEE, cure=CURE, body=body, pace=PATIENT)
    if answer.status == 404:  # noqa: PLR2004 - no such route
        raise Failure(
            "The relay cannot tell whether this release was overtaken: it is of an older version. Update it, or leave "
            "the question out with --offline."
        )
    match read_object(answer):
        case {"overtaken_by": None}:
            return ""
        case {"overtaken_by": str(newer)} if newer:
            return newer
        case _:
            raise Failure(NOT_A_RELAY)


def fields_of(answer: HttpResponse) -> dict[str, Any] | None:
    """Return the JSON object of a response, or None if its body is none."""
    try:
        found = canonical_json.parse(answer.body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def read_object(
    answer: HttpResponse, form: Mapping[str, object] = MappingProxyType({}), *, by_key: bool = True
) -> dict[str, Any]:
    """Return the JSON object of a response. Raises Failure with the relay's reason if it refused the call.

    A payload over a limit of its rule is a UsageError, as one over a limit that the command knows itself.
    """
    found = fields_of(answer)
    fields = found or {}
    if answer.status in _OK:
        if found is None:
            raise Failure(NOT_A_RELAY)
        return fields
    code, message, field = (plain(str(fields.get(name, ""))) for name in ("error", "message", "field"))
    if code == "malformed" and field == "client_payload" and form:  # how many keys and bytes it may have, the rule says
        raise click.UsageError(f"{option_for(field)}: {message.removeprefix(f'{field}: ')}")
    if answer.status == 404 and not code:  # noqa: PLR2004 - a relay has every route of this command
        raise Failure(NOT_A_RELAY)
    message = f": {message}" if message else ""
    end = "" if message.endswith((".", "?")) else "."
    explanation = f"The relay answered {answer.status}" + (f" {code}" if code else "") + message + end
    raise Failure(f"{explanation} {cure(answer.status, code, field, form, by_key=by_key) if code else CURE}".strip())
