"""`relay outbox`: debts of the relay, which are dispatches and cards that are not delivered yet."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from relay.cli import github_actions
from relay.cli.command import Group
from relay.cli.context import Context
from relay.cli.failures import Failure, plain
from relay.cli.requests import read_id
from relay.errors import Outage, Refusal
from relay.model import Case, iso

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_card = click.option("--card", default="", metavar="CHANNEL", help="Only the card in this channel.")
_id = click.argument("request_id", metavar="ID", callback=read_id)


@click.group(cls=Group, short_help="Show, replay and drop debts: work that the relay still owes.")
def outbox() -> None:
    """Show, replay and drop debts: dispatches to GitHub and cards for chats that are not delivered.

    It works on the store itself, and reads the settings of the store from the environment, then from Values of
    ./local.settings.json. It makes no store.
    """


@outbox.command("list")
@_json
@click.pass_obj
def list_debts(context: Context, /, *, as_json: bool) -> None:
    """List every dispatch and every card that is waiting, refused or dead."""
    with _explaining_failures():
        debts = context.outbox().owed()
    _show(debts, as_json=as_json)
    if not debts and not as_json:
        click.echo("Nothing is owed.")


@outbox.command()
@_id
@_json
@click.pass_obj
def show(context: Context, /, *, request_id: str, as_json: bool) -> None:
    """Show the debts of the request ID."""
    with _explaining_failures():
        debts = [(case, index) for case, index in context.outbox().owed() if case.request.id == request_id]
    if not debts:
        raise Failure("The outbox has nothing of this id. `relay outbox list` shows what it has.")
    _show(debts, as_json=as_json)


@outbox.command()
@_id
@click.option("--anyway", is_flag=True, help="Replay it even if a newer approval was delivered since.")
@_card
@_json
@click.pass_obj
def replay(context: Context, /, *, request_id: str, anyway: bool, card: str, as_json: bool) -> None:
    """Try refused or dead debts again: the timer of the relay sends them, for another day.

    Dispatches go before cards. A card is replayed if no dispatch was refused or is dead, or if --card names it. An
    older approval is refused if a newer one of the same repository, environment and event type was delivered since:
    sending it now would undo the newer one.
    """
    with _explaining_failures():
        case = context.outbox().replay(request_id, card=card, anyway=anyway)
    _show(_unpaid(case), as_json=as_json)


@outbox.command()
@_id
@click.option("--yes", is_flag=True, help="Do not ask.")
@_card
@_json
@click.pass_obj
def drop(context: Context, /, *, request_id: str, yes: bool, card: str, as_json: bool) -> None:
    """Cancel a debt of the request ID for good: it is never sent, and cannot be replayed.

    Refused or dead debts go before debts that are still tried, and dispatches before cards.
    """
    if not yes and not _is_asked():
        raise click.UsageError("--yes: is needed where nobody can be asked: a dropped debt is never sent.")
    if not yes:
        click.confirm("It is never sent, and cannot be replayed. Drop it?", abort=True, err=True)
    with _explaining_failures():
        case = context.outbox().drop(request_id, card=card)
    _show(_unpaid(case), as_json=as_json)


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


def _unpaid(case: Case) -> list[tuple[Case, int]]:
    return [(case, index) for index, debt in enumerate(case.debts) if debt.status not in ("delivered", "cancelled")]


def _show(debts: list[tuple[Case, int]], *, as_json: bool) -> None:
    rows = [_row(case, index) for case, index in debts]
    if as_json:
        click.echo(github_actions.as_json(rows))
        return
    for row in rows:
        subject = f"card in {row['event_type']}" if row["kind"] == "card" else row["event_type"]
        click.echo(plain(f"{row['id']}: {row['status']}, {row['repository']} {subject}: {row['title']}"))
        attempts = row["attempts"]
        tried = "not tried yet" if not attempts else "tried once" if attempts == 1 else f"tried {attempts} times"
        following = f", next attempt {row['next_attempt']}" if row["next_attempt"] else ""
        click.echo(f"  {tried}{following}")
        whose = "" if row["kind"] == "card" else " of GitHub"
        for label, text in ((f"last error{whose}", row["last_error"]), ("cure", row["cure"])):
            if text:
                click.echo(f"  {label}: {plain(str(text))}")


def _row(case: Case, index: int) -> dict[str, object]:
    debt = case.debts[index]
    return {
        "id": case.request.id,
        "title": case.request.title,
        "repository": case.request.repository,
        "kind": debt.kind,
        "event_type": debt.event_type,
        "status": debt.status,
        "attempts": debt.attempts,
        "next_attempt": iso(debt.due_at) if debt.status == "owed" else None,
        "last_error": debt.last_error or None,
        "cure": debt.cure or None,
    }
