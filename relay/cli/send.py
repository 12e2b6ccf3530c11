"""`relay send`: a request is registered, or made offline, and its card is posted or mailed."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Final

import click
from click.core import ParameterSource

from relay.chats.drawn import CardFormat
from relay.cli import github_actions, webhook
from relay.cli.addresses import read_webhook
from relay.cli.command import Command, examples
from relay.cli.context import Context
from relay.cli.failures import Failure
from relay.cli.formats import DEFAULT, FORMATS, format_options, read_format
from relay.cli.mail.options import Mailing, read_mailing, smtp_options
from relay.cli.options import need_event_type, read_request, request_options
from relay.cli.relay_api import CardState
from relay.cli.request_card import Drawn, draw_notification, draw_offline, draw_registered, read_options, report
from relay.cli.waiting.caller import Caller
from relay.cli.waiting.interrupts import Interrupts
from relay.cli.waiting.options import timeout_option
from relay.cli.waiting.step import Wait
from relay.model.values import iso

# options that each name a destination
_DESTINATION_OPTIONS: Final = {"webhook_url": "--webhook", "smtp": "--smtp", "mail_from": "--from", "mail_to": "--to"}


@dataclass(frozen=True, slots=True)
class _Destination:
    """The destination of a card: channels of the relay, mailboxes, or a webhook.

    Without any of them the policy says it: the request's rule and its stages have channels.
    """

    channels: tuple[str, ...] = ()
    mailing: Mailing | None = None
    webhook_url: str = ""

    @property
    def form(self) -> str:
        """Return the usual form of a card there."""
        if self.mailing:
            return "outlook-email"
        return webhook.form_for(self.webhook_url, DEFAULT) if self.webhook_url else DEFAULT

    def deliver(self, drawn: Drawn, context: Context) -> None:
        """Mail or post the card, and print the state of the cards that the relay posts itself. Raises Failure."""
        if self.mailing and drawn.card.letter:
            from relay.cli.mail.smtp import send_mail  # noqa: PLC0415 - most cards are not mailed

            send_mail(self.mailing, drawn.card.letter, context)
        elif self.webhook_url:
            webhook.post(self.webhook_url, drawn.card.card, context)
        elif not self.channels and not drawn.cards:
            raise Failure("Nobody has got its card: its rule in the policy has no channels. Name one by --channel.")
        _report_cards(drawn.cards)


@click.command(
    cls=Command,
    short_help="Ask for an approval, or send a notification.",
    epilog=examples(
        'relay send --channel ops --event-type deploy-api --environment production --title "Deploy 1.2"',
        'relay send --webhook https://hooks.example/x --title "The nightly build failed"',
    ),
)
@click.option(
    "--channel",
    "channels",
    multiple=True,
    metavar="NAME",
    help="The relay's channel that posts the card. Repeatable: it is one request, and all its cards change together.",
)
@click.option(
    "--policy-channels",
    is_flag=True,
    help="The card goes to the channels that the policy names for such requests, and to no others.",
)
@click.option(
    "--webhook",
    "webhook_url",
    envvar="RELAY_WEBHOOK_URL",
    show_envvar=True,
    callback=read_webhook,
    metavar="URL",
    help="Post the card to this webhook; better in the environment, since it is a secret.",
)
@click.option(
    "--format",
    "form_of_card",
    type=click.Choice(FORMATS),
    help="The form of the card. Default: that of the webhook's host (adaptive for Workflows, slack for Slack), "
    "outlook-email in a mail, else messagecard.",
)
@click.option("--offline", is_flag=True, help="Call no relay: the request travels in the card's ticket.")
@click.option("--wait", is_flag=True, help="Wait for the decision, as `relay wait` does. A signal cancels the request.")
@timeout_option
@smtp_options
@format_options
@request_options
@click.pass_obj
def send(
    context: Context,
    /,
    *,
    channels: tuple[str, ...],
    policy_channels: bool,
    form_of_card: str | None,
    offline: bool,
    wait: bool,
    **values: Any,
) -> None:
    """Register a request with the relay, and send its card to channels, a webhook or mailboxes.

    Without --event-type the card is a notification; for a webhook or a mailbox it needs no relay. A card that
    breaks a limit of its destination is not sent.

    With --wait the command prints a line at each change. It ends with 0 if the request is approved, and with 3 if it is
    rejected, expired, superseded or cancelled, or still waits after --timeout. The step's outputs gain decision and
    status. SIGINT and SIGTERM, by which a job is cancelled, cancel the request.
    """
    github_actions.mask(values["webhook_url"], values["smtp_password"] or "")
    destination = _Destination() if policy_channels else _destination(channels, values)
    if (destination.channels or policy_channels) and offline:
        raise click.UsageError("--offline: a channel is the relay's, so the relay must be called; use --webhook")
    if policy_channels and (channels or _asked()):
        raise click.UsageError("--policy-channels: the policy says where the card goes; leave the other places out")
    card_format = _card_format(destination, form_of_card, values)
    form = read_request(values) | ({"channels": [*dict.fromkeys(destination.channels)]} if destination.channels else {})
    also = {
        "--offline": offline,
        "--wait": wait,
        "--policy-channels": policy_channels,
        "--api-key": not destination.channels and _is_asked("api_key"),
    }
    need_event_type(form, also)
    _check_wait(wait=wait, offline=offline)
    request = read_options(form, context, values["relay"])
    relay, api_key = values["relay"], values["api_key"]
    with Interrupts() if wait else nullcontext() as interrupts:
        if not request.event_type and not destination.channels:
            drawn = draw_notification(request, card_format)
        elif offline:
            drawn = draw_offline(request, card_format, relay=relay, ticket_key=values["ticket_key"], cure="--offline")
        else:
            drawn = draw_registered(form, request, card_format, relay=relay, api_key=api_key, context=context)
        if interrupts is None:
            _deliver(drawn, destination, context, registered=not offline)
            return
        caller = Caller(relay, drawn.request.id, api_key, context)
        waiting = Wait(caller, drawn.review_url, values["timeout"])
        waiting.run_or_cancel(interrupts, lambda: _deliver(drawn, destination, context))


def _check_wait(*, wait: bool, offline: bool) -> None:
    if wait and offline:
        raise click.UsageError("--wait: the relay learns of an offline request at its first press; leave --offline out")
    if not wait and _is_asked("timeout"):
        raise click.UsageError("--timeout: is how long --wait waits; add --wait, or leave it out")


def _deliver(drawn: Drawn, destination: _Destination, context: Context, *, registered: bool = True) -> None:
    """Deliver the card, and print the request's id. Raises Failure, which names the cure if it is registered."""
    try:
        destination.deliver(drawn, context)
    except Failure as failure:
        if not registered or not drawn.request.event_type:
            raise
        cancel = f"It is registered all the same; `relay cancel {drawn.request.id}` withdraws it."
        raise Failure(f"{failure.message} {cancel}") from None
    report(drawn, context)
    click.echo("Sent." if not drawn.request.event_type else f"Sent. Request {drawn.request.id}")
    if drawn.request.event_type:
        click.echo(f"It waits for approval until {iso(drawn.request.expires_at)}.")


def _asked() -> list[str]:
    return [option for name, option in _DESTINATION_OPTIONS.items() if _is_asked(name)]


def _destination(channels: tuple[str, ...], values: Mapping[str, Any]) -> _Destination:
    """Return the destination. Options of the command line win over the environment."""
    asked = _asked()
    if channels and asked:
        raise click.UsageError(f"{asked[0]}: the relay posts the cards of --channel itself; leave one of them out")
    if channels:
        return _Destination(channels)
    if asked[1:] and "--webhook" in asked:
        raise click.UsageError("--webhook: the card goes to one place; leave it or --smtp, --from and --to out")
    if asked and "--webhook" not in asked:
        return _Destination(mailing=read_mailing(values))
    if not values["webhook_url"]:
        raise click.UsageError(
            "--webhook: say where the card goes, here or in RELAY_WEBHOOK_URL, or by --channel, or by --smtp and --to"
        )
    return _Destination(webhook_url=values["webhook_url"])


def _is_asked(name: str) -> bool:
    return click.get_current_context().get_parameter_source(name) is ParameterSource.COMMANDLINE


def _report_cards(cards: Sequence[CardState]) -> None:
    """Print the state of the cards that the relay posts. Raises Failure if one was refused."""
    refused = []
    for card in dict.fromkeys(cards):  # direct messages of one channel are told once
        reason = f": {card.error}" if card.error else ""
        match card.status:
            case "delivered":
                click.echo(f"The card is in {card.channel}.")
            case "owed":
                note = f"Note: the card is not in {card.channel} yet{reason}. The relay keeps trying for a day."
                click.echo(note, err=True)
            case _:
                refused.append(f"The card for {card.channel} was refused{reason}.")
    if refused:
        raise Failure(f"{' '.join(refused)} The operator finds the cure in `relay outbox list`.")


def _card_format(destination: _Destination, form: str | None, values: Mapping[str, Any]) -> CardFormat:
    if destination.channels and form:
        raise click.UsageError("--format: the relay draws the card of its channel, as the policy says; leave it out")
    if form and (form == "outlook-email") != (destination.mailing is not None):
        raise click.UsageError(
            "--format: outlook-email is for mails (--smtp, --from, --to), the others for a webhook; leave it out"
        )
    return read_format(values, form or destination.form)
