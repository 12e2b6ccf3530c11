"""From the form of a request to its card: a notification, a request that works offline, or a registered one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

import click

from relay.channels.messagecard import limits
from relay.channels.messagecard.card import draw
from relay.cli import actions, requests_api
from relay.cli.edges import Edges
from relay.cli.failures import Failure, wrong_usage
from relay.core import tickets
from relay.core.errors import Refusal
from relay.core.model import ApprovalRequest, iso
from relay.core.request import read_form

LIFETIME: Final = 86_400
_SAMPLE_TICKET: Final = "x" * 600  # as long as that of a registered request can be


@dataclass(frozen=True, slots=True)
class Drawn:
    """A request with its card; `review_url` is where a browser can decide, if the relay has such a page."""

    request: ApprovalRequest
    card: Mapping[str, object]
    review_url: str = ""


def read_options(form: Mapping[str, object], edges: Edges) -> ApprovalRequest:
    """Read a form as the relay would; UsageError, naming the option, for what it would not take."""
    try:
        # A notification that no relay sees need not be about a repository.
        required = ("repository", "title") if form.get("event_type") else ("title",)
        return read_form(form, issued_at=int(edges.now()), nonce=edges.token(), lifetime=LIFETIME, required=required)
    except Refusal as refusal:
        raise wrong_usage(refusal) from None


def draw_notification(request: ApprovalRequest) -> Drawn:
    """Draw a card that asks for nothing: it needs neither key nor relay."""
    return _linted(request, target="", ticket="", proof="offline")


def draw_offline(request: ApprovalRequest, *, relay: str, ticket_key: str, cure: str) -> Drawn:
    """Draw a request that travels in its own ticket; `cure` names the option by which it would be registered."""
    if not relay:
        raise click.UsageError("--relay: is required: the address where the card's buttons press; or set RELAY_URL")
    if not ticket_key:
        raise click.UsageError(
            "--ticket-key: is required to work offline; better set RELAY_TICKET_KEY. The operator makes it with "
            "`relay keys derive OWNER/REPO`"
        )
    actions.mask(ticket_key, ticket_key.partition(":")[2])
    try:
        key = tickets.parse_key(ticket_key)
    except ValueError as error:
        raise click.UsageError(f"--ticket-key: {error}") from None
    try:
        ticket = tickets.sign(request, key, audience=relay, self_contained=True)
    except Refusal as refusal:
        raise wrong_usage(refusal, {"request": cure}) from None
    actions.mask(ticket)
    return _linted(request, target=_target(relay), ticket=ticket, proof="offline")


def draw_registered(
    form: Mapping[str, object], request: ApprovalRequest, *, relay: str, api_key: str, edges: Edges
) -> Drawn:
    """Register a request with the relay and draw it with the ticket that it answers.

    The card is checked before the relay is asked, so that no request waits whose card cannot be sent.
    """
    if not relay:
        raise click.UsageError("--relay: is required: the relay to register with; or set RELAY_URL")
    requests_api.need_key(api_key)
    if request.event_type:
        _linted(request, target=_target(relay), ticket=_SAMPLE_TICKET, proof="key")
    answer = requests_api.register(relay, api_key, form, edges)
    actions.mask(answer.ticket)
    try:
        expires_at = int(datetime.fromisoformat(answer.expires_at).timestamp())
    except (ValueError, OverflowError):
        raise Failure(requests_api.NOT_A_RELAY) from None
    registered = replace(request, id=answer.id, expires_at=expires_at)
    drawn = _linted(registered, target=_target(relay), ticket=answer.ticket, proof="key")
    return replace(drawn, review_url=answer.review_url)


def tell(drawn: Drawn, edges: Edges) -> None:
    """Write the outputs and the summary of a step that asked."""
    request = drawn.request
    if not request.event_type:
        return
    outputs = {"request-id": request.id, "expires-at": iso(request.expires_at), "review-url": drawn.review_url}
    actions.outputs(outputs, edges)
    facts = {
        "Repository": request.repository,
        "Environment": request.environment,
        "Event": request.event_type,
        "Request": request.id,
        "Expires": iso(request.expires_at),
        "Review": drawn.review_url,
    }
    actions.summary(f"Approval requested: {request.title}", facts)


def _linted(request: ApprovalRequest, *, target: str, ticket: str, proof: Literal["key", "offline"]) -> Drawn:
    card = draw(request, target=target, ticket=ticket, proof=proof)
    for problem in limits.check(card):
        raise click.UsageError(f"{_option(problem)}: the card breaks a limit: {problem}")
    return Drawn(request, card)


def _option(problem: str) -> str:
    for part, option in (("potentialAction", "--actions"), ("sections", "--sections")):
        if problem.startswith(part):
            return option
    return "--text"


def _target(relay: str) -> str:
    return f"{relay}/api/interactions/messagecard"
