"""A request drawn in the form that was asked for, within the limits of its platform."""

from dataclasses import dataclass

import click

from relay.chats import lint
from relay.chats.adaptive.sender import left_out
from relay.chats.messagecard import card as messagecard
from relay.chats.outlook import card as outlook
from relay.chats.outlook import mail
from relay.chats.workflows import card as workflows
from relay.cli.mail.message import MailMessage
from relay.cli.shapes import CardFormat
from relay.model import ApprovalRequest, Json, Proof


@dataclass(frozen=True, slots=True)
class Links:
    """How a card leads back: where its buttons press with which ticket, and the page where a browser decides."""

    target: str = ""
    ticket: str = ""
    review_url: str = ""
    proof: Proof = "offline"


@dataclass(frozen=True, slots=True)
class DrawnCard:
    """A card as JSON; in a mail also the letter that holds it."""

    card: Json
    letter: MailMessage | None = None


def draw(request: ApprovalRequest, way: Links, shape: CardFormat) -> DrawnCard:
    """Draw a request. UsageError, naming the option, where it breaks a limit of its platform; nothing is left then."""
    face, platform = _drawn(request, way, shape)
    for problem in lint.breaches(face.card, platform):
        raise click.UsageError(f"{_option(problem)}: the card breaks a limit: {problem}")
    return face


def warnings(request: ApprovalRequest, face: DrawnCard) -> list[str]:
    """Return what a person should know of a card that can be sent: what is left out of it, or looks wrong."""
    if "@type" in face.card:
        return []
    return [*left_out(request), *lint.advice(face.card)]


def _drawn(request: ApprovalRequest, way: Links, shape: CardFormat) -> tuple[DrawnCard, str]:
    target, ticket, proof = way.target, way.ticket, way.proof
    if shape.form == "messagecard":
        return DrawnCard(messagecard.draw(request, target=target, ticket=ticket, proof=proof)), "messagecard"
    if shape.form == "adaptive":
        drawn = workflows.draw(request, review_url=way.review_url, proof=proof, mentions=shape.mentions)
        return DrawnCard(drawn), "workflows"
    draw_it = outlook.draw if shape.outlook_card == "adaptive" else messagecard.draw
    card = draw_it(request, target=target, ticket=ticket, proof=proof, originator=shape.originator)
    html = mail.draw_mail(request, card=card, review_url=way.review_url, proof=proof)
    text = mail.draw_text(request, review_url=way.review_url, proof=proof)
    return DrawnCard(card, MailMessage(mail.subject(request), text, html)), "outlook"


def _option(problem: str) -> str:
    for part, option in (("potentialAction", "--actions"), ("sections", "--sections")):
        if problem.startswith(part):
            return option
    return "--text"
