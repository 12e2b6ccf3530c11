"""The card of a request: a notification, a request that works offline, or a registered one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import click

from relay.chats.drawn import CardFormat, DrawnCard, Links
from relay.chats.table import BY_DEFAULT
from relay.cli import formats, github_actions, relay_api
from relay.cli.context import Context
from relay.cli.failures import Failure, wrong_usage
from relay.cli.relay_api import CardState
from relay.errors import Refusal
from relay.model.request import ApprovalRequest
from relay.model.values import iso
from relay.signed import tickets
from relay.signed.fields import MAX_DISPATCH_KEYS
from relay.signed.request import read_form
from relay.signed.senders_actions import check_actions

LIFETIME: Final = 86_400
_SAMPLE_TICKET: Final = "x" * 600  # the longest ticket of a registered request
_SAMPLE_ID: Final = "x" * 32


@dataclass(frozen=True, slots=True)
class Drawn:
    """A request with its card.

    `review_url` is the page to decide a registered request on. `cards` are the cards that the relay posts itself.
    """

    request: ApprovalRequest
    card: DrawnCard
    review_url: str = ""
    cards: tuple[CardState, ...] = ()


def read_options(form: Mapping[str, object], context: Context, relay: str = "") -> ApprovalRequest:
    """Read a form as the relay at this origin would. Raises UsageError naming the option."""
    try:
        # A notification that no relay sees need not be about a repository.
        required = ("repository", "title") if form.get("event_type") else ("title",)
        request = read_form(
            form, issued_at=int(context.now()), nonce=context.token(), lifetime=LIFETIME, required=required
        )
        check_actions(request, relay)
    except Refusal as refusal:
        raise wrong_usage(refusal) from None
    return request


def draw_notification(request: ApprovalRequest, card_format: CardFormat) -> Drawn:
    """Draw a card without a decision. It needs neither key nor relay."""
    return Drawn(request, formats.draw(request, Links(), card_format))


def draw_offline(request: ApprovalRequest, card_format: CardFormat, *, relay: str, ticket_key: str, cure: str) -> Drawn:
    """Draw a request that travels in its own ticket. `cure` names the option that registers it instead."""
    if not relay:
        raise click.UsageError("--relay: is required: the address where the card's buttons press; or set RELAY_URL")
    if not ticket_key:
        raise click.UsageError(
            "--ticket-key: is required to work offline; better set RELAY_TICKET_KEY. The operator makes it with "
            "`relay keys derive OWNER/REPO`"
        )
    if len(request.client_payload) > MAX_DISPATCH_KEYS:
        raise click.UsageError(
            f"--payload: takes at most {MAX_DISPATCH_KEYS} top-level keys offline; nest the others in one object"
        )
    github_actions.mask(ticket_key, ticket_key.partition(":")[2])
    try:
        key = tickets.parse_key(ticket_key)
    except ValueError as error:
        raise click.UsageError(f"--ticket-key: {error}") from None
    try:
        ticket = tickets.sign(request, key, audience=relay, self_contained=True)
    except Refusal as refusal:
        raise wrong_usage(refusal, {"request": cure}) from None
    github_actions.mask(ticket)
    # The page learns the request from the ticket; later the request's own address is enough.
    links = _links(relay, ticket, review_url=f"{relay}/api/review/{request.id}?ticket={ticket}")
    return Drawn(request, formats.draw(request, links, card_format))


_LINK_ONLY: Final = "adaptive"
_NO_PAGE: Final = (
    "Warning: nobody can decide on this card: its button opens the review page, and sign-in is off at the relay. The "
    "operator sets RELAY_SIGN_IN."
)


def draw_registered(
    form: Mapping[str, object],
    request: ApprovalRequest,
    card_format: CardFormat,
    *,
    relay: str,
    api_key: str | None,
    context: Context,
) -> Drawn:
    """Register a request with the relay, and draw it with the ticket of its answer."""
    if not relay:
        raise click.UsageError(
            "--relay: is required: the relay to register with; or set RELAY_URL, from vars.RELAY_URL"
        )
    relay_api.need_proof(api_key)
    if request.event_type:  # checked before the relay is called, so that no request waits without its card
        sample = _links(relay, _SAMPLE_TICKET, review_url=f"{relay}/api/review/{_SAMPLE_ID}")
        formats.draw(request, replace(sample, proven=("run",)), card_format)
    answer = relay_api.register(relay, api_key, form, context)
    github_actions.mask(answer.ticket)
    if answer.warning:
        click.echo(f"Warning: {answer.warning}", err=True)
    elif not answer.has_page and card_format.form == _LINK_ONLY and request.event_type:
        click.echo(_NO_PAGE, err=True)
    try:
        expires_at = int(datetime.fromisoformat(answer.expires_at).timestamp())
    except (ValueError, OverflowError):
        raise Failure(relay_api.NOT_A_RELAY) from None
    registered = replace(request, id=answer.id, expires_at=expires_at)
    links = _links(relay, answer.ticket, review_url=answer.review_url)
    card = formats.draw(registered, replace(links, proven=answer.proven), card_format)
    return Drawn(registered, card, answer.review_url, answer.cards)


def report(drawn: Drawn, context: Context) -> None:
    """Print the warnings of a card, and write the outputs and the summary of the step."""
    request = drawn.request
    for warning in formats.warnings(request, drawn.card):
        click.echo(f"Warning: {warning}", err=True)
    if not request.event_type:
        return
    outputs = {"request-id": request.id, "expires-at": iso(request.expires_at), "review-url": drawn.review_url}
    github_actions.outputs(outputs, context)
    facts = {
        "Repository": request.repository,
        "Environment": request.environment,
        "Event": request.event_type,
        "Request": request.id,
        "Expires": iso(request.expires_at),
        "Review": drawn.review_url,
    }
    github_actions.summary(f"Approval requested: {request.title}", facts)


def _links(relay: str, ticket: str, *, review_url: str) -> Links:
    return Links(f"{relay}/api/interactions/{BY_DEFAULT}", ticket, review_url)
