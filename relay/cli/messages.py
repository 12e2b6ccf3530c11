"""`relay messages`: the messages of the running relay, or the story of one request."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import click

from relay.cli import github_actions
from relay.cli.command import Command
from relay.cli.context import Context
from relay.cli.debts import show_debts
from relay.cli.failures import plain
from relay.cli.operator_api import OperatorApi, operator_options, relay_of_this_folder
from relay.cli.requests import read_optional_id

_FILTERS: Final = {
    "request": ("ID", "Only those of this request."),
    "repository": ("OWNER/REPO", "Only those of this repository."),
    "person": ("PERSON", "Only those of this person: the key in the policy, or an id."),
    "outcome": ("CODE", "Only those with this outcome, such as refused."),
    "channel": ("CHANNEL", "Only those of this channel, such as slack, page, api or github."),
    "since": ("TIME", "From this time on: a date or a time in ISO 8601, UTC unless it says another zone."),
    "until": ("TIME", "Up to this time, inclusive."),
    "cursor": ("CURSOR", "The next page, as the one before names it."),
}


def _filters(command: Any) -> Any:
    for name, (form, about) in reversed(_FILTERS.items()):
        command = click.option(f"--{name}", default="", metavar=form, help=about)(command)
    return command


@click.command(cls=Command, short_help="Show what came in and what went out.")
@click.argument("request_id", metavar="[ID]", required=False, callback=read_optional_id)
@_filters
@operator_options
@click.option("--json", "as_json", is_flag=True, help="Print the relay's answer as JSON.")
@click.pass_obj
def messages(
    context: Context, /, *, request_id: str, relay: str, api_key: str | None, as_json: bool, **filters: str
) -> None:
    """Show the messages of the running relay, newest first, fifty at a time; they are kept for 30 days.

    With ID it shows the whole story of that request, oldest first, with its stages and debts. It needs a key of the
    scope operator. Without --relay and --api-key it asks the relay of these settings: RELAY_PUBLIC_URL and
    RELAY_API_KEYS, from the environment, then from Values of ./local.settings.json.
    """
    if not (relay or api_key):  # never one without the other: a key of this relay is for no other
        relay, api_key = relay_of_this_folder()
    if not relay:
        here = "or run it in the folder of the relay's local.settings.json"
        raise click.UsageError(f"--relay: is required: the relay's public origin, or RELAY_URL; {here}")
    if not api_key:
        raise click.UsageError("--api-key: is required: a key with the scope operator, or RELAY_API_KEY")
    given = sorted(f"--{name}" for name, value in filters.items() if value)
    if request_id and given:
        raise click.UsageError(f"{given[0]}: is for the list, and not for the story of ID")
    github_actions.mask(api_key)
    api = OperatorApi(relay, api_key, context)
    found = api.get(f"messages/{request_id}") if request_id else api.get("messages", filters)
    if as_json:
        click.echo(github_actions.as_json(found))
    elif request_id:
        _tell(found)
    else:
        _list(found)


def _list(found: Mapping[str, Any]) -> None:
    shown = _objects(found.get("messages"))
    for message in shown:
        click.echo(plain(_line(message)))
    if not shown:
        click.echo("No message matches.")
    if found.get("next"):
        click.echo(f"There are more: --cursor {plain(str(found['next']))}", err=True)


def _tell(found: Mapping[str, Any]) -> None:
    for line in _story(found):
        click.echo(plain(line))
    show_debts(_objects(found.get("debts")), as_json=False)


def _story(found: Mapping[str, Any]) -> Iterator[str]:
    request = found.get("request")
    known: Mapping[str, Any] = request if isinstance(request, dict) else {}
    where = f", {known['repository']} {known.get('environment') or ''}".rstrip() if known.get("repository") else ""
    yield f"{known.get('id')}: {known.get('status') or 'no longer kept'}{where}"
    for stage in _objects(found.get("stages")):
        counted, required = stage.get("counted"), stage.get("required")
        if isinstance(counted, int) and isinstance(required, int):  # a milder policy may need fewer than there were
            counted = min(counted, required)
        count = f"{counted} of {required} approved"
        yield f"  stage {stage['name']}: {count}" if stage.get("name") else "  stages that the policy has no longer:"
        for review in _objects(stage.get("reviews")):
            why = "counts" if review.get("counts") else f"does not count: {review.get('because')}"
            yield f"    {review.get('verdict')} by {review.get('person')}, {why}"
    for message in _objects(found.get("story")):
        yield f"  {_line(message, of_a_story=True)}"


def _line(message: Mapping[str, Any], *, of_a_story: bool = False) -> str:
    names = ("channel", "what", "outcome", "check", "status", "attempt", "person")
    shown = names if of_a_story else (*names, "repository", "request")
    ms = f"{message['ms']} ms" if message.get("ms") is not None else ""
    facts = (_fact(name, message.get(name)) for name in shown)
    return " ".join(filter(None, (str(message.get("at")), str(message.get("direction")), *facts, ms)))


def _fact(name: str, value: object) -> str:
    if value is None:
        return ""
    match name:
        case "check":
            return f"({value})"
        case "status":
            return f"HTTP {value}"
        case "attempt":
            return f"try {value}"
        case _:
            return str(value)


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
