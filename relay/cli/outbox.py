"""`relay outbox`: debts of the relay, which are dispatches, cards and notices that are not delivered yet."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import click

from relay.cli import github_actions
from relay.cli.command import Group, examples
from relay.cli.context import Context
from relay.cli.debts import row, show_debts
from relay.cli.failures import Failure, plain
from relay.cli.operator_api import OperatorApi, api_of, operator_options
from relay.cli.requests import read_id, read_optional_id
from relay.errors import Outage, Refusal
from relay.model.case import Case

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_card = click.option("--card", default="", metavar="CHANNEL", help="Only the card, or the notices, in this channel.")
_id = click.argument("request_id", metavar="ID", callback=read_id)


@click.group(
    cls=Group,
    short_help="Show, replay and drop debts: work that the relay still owes.",
    epilog=examples("relay outbox list", "relay outbox replay ID"),
)
def outbox() -> None:
    """Show, replay and drop debts: dispatches to GitHub, cards and notices that are not delivered.

    With --relay, or with RELAY_API_KEY, they ask the running relay under a key of the scope operator. Otherwise they
    work on the store itself: its settings come from the environment, then from Values of ./local.settings.json, and no
    store is made.
    """


@outbox.command("list")
@operator_options
@_json
@click.pass_context
def list_debts(ctx: click.Context, /, *, relay: str, api_key: str | None, as_json: bool) -> None:
    """List every dispatch, card and notice that is waiting, refused or dead."""
    api = api_of(ctx, relay, api_key)
    debts = _debts(ctx.obj, api)
    show_debts(debts, as_json=as_json)
    if not debts and not as_json:
        click.echo("Nothing is owed.")


@outbox.command()
@_id
@operator_options
@_json
@click.pass_context
def show(ctx: click.Context, /, *, request_id: str, relay: str, api_key: str | None, as_json: bool) -> None:
    """Show the debts of the request ID."""
    api = api_of(ctx, relay, api_key)
    debts = [debt for debt in _debts(ctx.obj, api) if debt.get("id") == request_id]
    if not debts:
        raise Failure("The outbox has nothing of this id. `relay outbox list` shows what it has.")
    show_debts(debts, as_json=as_json)


@outbox.command()
@click.argument("request_id", metavar="[ID]", required=False, callback=read_optional_id)
@click.option("--all", "all_", is_flag=True, help="Replay every debt that was refused or is dead.")
@click.option("--cause", default="", metavar="CODE", help="With --all: only those that failed of this cause.")
@click.option("--anyway", is_flag=True, help="Replay it even if a newer approval was delivered since.")
@_card
@operator_options
@_json
@click.pass_context
def replay(  # noqa: PLR0913 - each goes by its name
    ctx: click.Context,
    /,
    *,
    request_id: str,
    all_: bool,
    cause: str,
    anyway: bool,
    card: str,
    relay: str,
    api_key: str | None,
    as_json: bool,
) -> None:
    """Try refused or dead debts again: the timer of the relay sends them, for another day.

    Dispatches go before cards, and cards before notices. A card is replayed if no dispatch was refused or is dead, or
    if --card names it. An older approval is refused if a newer one of the same repository, environment and event type
    was delivered since: sending it now would undo the newer one. After a credential has expired, --all replays all.
    """
    if all_ == bool(request_id):
        raise click.UsageError("ID: name a request, or replay every failed debt by --all")
    if all_ and (anyway or card):
        raise click.UsageError("--all: takes neither --anyway nor --card")
    if cause and not all_:
        raise click.UsageError("--cause: is for --all")
    api = api_of(ctx, relay, api_key)
    if api is not None and anyway:
        raise click.UsageError("--anyway: works on the store itself alone, without --relay and RELAY_API_KEY")
    if all_:
        moved_all = _replay_all(ctx.obj, api, cause)
        if cause and not moved_all:
            raise Failure(f"No failed debt has the cause {plain(cause)}. `relay outbox list` shows the causes.")
        _show_count("replayed", moved_all, as_json=as_json)
    elif api is not None:
        moved = api.post(_path(request_id, "replay", card))
        _show_count("replayed", int(moved.get("replayed", 0)), as_json=as_json)
    else:
        with _explaining_failures():
            case = ctx.obj.outbox().replay(request_id, card=card, anyway=anyway)
        show_debts(_unpaid(case), as_json=as_json)


@outbox.command()
@_id
@click.option("--yes", is_flag=True, help="Do not ask.")
@_card
@operator_options
@_json
@click.pass_context
def drop(
    ctx: click.Context, /, *, request_id: str, yes: bool, card: str, relay: str, api_key: str | None, as_json: bool
) -> None:
    """Cancel a debt of the request ID for good: it is never sent, and cannot be replayed.

    Refused or dead debts go before debts that are still tried, dispatches before cards, and cards before notices.
    """
    api = api_of(ctx, relay, api_key)
    if not yes and not _is_asked():
        raise click.UsageError("--yes: is needed where nobody can be asked: a dropped debt is never sent.")
    if not yes:
        click.confirm("It is never sent, and cannot be replayed. Drop it?", abort=True, err=True)
    if api is not None:
        moved = api.post(_path(request_id, "drop", card))
        _show_count("dropped", int(moved.get("dropped", 0)), as_json=as_json)
        return
    with _explaining_failures():
        case = ctx.obj.outbox().drop(request_id, card=card)
    show_debts(_unpaid(case), as_json=as_json)


def _debts(context: Context, api: OperatorApi | None) -> Sequence[Mapping[str, Any]]:
    """Return the debts as the relay tells them over HTTP, or as the store has them."""
    if api is not None:
        found = api.get("outbox").get("debts")
        return [debt for debt in found if isinstance(debt, dict)] if isinstance(found, list) else []
    with _explaining_failures():
        return [row(case, index) for case, index in context.outbox().owed()]


def _replay_all(context: Context, api: OperatorApi | None, cause: str) -> int:
    if api is not None:
        return int(api.post("outbox/replay", {"cause": cause} if cause else {}).get("replayed", 0))
    with _explaining_failures():
        return context.outbox().replay_all(cause)


def _path(request_id: str, work: str, card: str) -> str:
    return f"outbox/{request_id}/{work}" + (f"?{urlencode({'card': card})}" if card else "")


def _show_count(done: str, number: int, *, as_json: bool) -> None:
    debts = "one debt" if number == 1 else f"{number} debts"
    click.echo(github_actions.as_json({done: number}) if as_json else f"{debts} {done}".capitalize())


def _is_asked() -> bool:
    return sys.stdin.isatty()


@contextmanager
def _explaining_failures() -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        cure = "`relay outbox list` shows what the outbox has."
        raise Failure(f"{refusal.message or 'The outbox has nothing of this id.'} {cure}") from None
    except Outage as outage:
        cure = "Look at the settings of the relay." if outage.permanent else "Try again; nothing may have changed."
        raise Failure(f"The store cannot be used: {plain(outage.what)}. {cure}") from None


def _unpaid(case: Case) -> list[dict[str, object]]:
    return [row(case, index) for index, debt in enumerate(case.debts) if debt.status not in ("delivered", "cancelled")]
