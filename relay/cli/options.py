"""Options of `card` and `send`: the fields of POST /api/requests, with defaults from GitHub Actions."""

import os
from collections.abc import Callable, Mapping
from typing import Any, Final

import click
from click.core import ParameterSource

from relay.cli import job_token
from relay.cli.built_commit import read_built_commit
from relay.cli.failures import option_for
from relay.cli.inputs import read_inline, read_pairs
from relay.cli.pasted_text import tidy
from relay.cli.relay_options import api_key_option, relay_option
from relay.signed import canonical_json
from relay.signed.request import undecided_field

_OPTIONS: Final = (
    click.option(
        "--repository",
        envvar="GITHUB_REPOSITORY",
        show_envvar=True,
        metavar="OWNER/NAME",
        help="The repository of the workflow to release.",
    ),
    click.option(
        "--event-type",
        metavar="NAME",
        help="The repository_dispatch that an approval sends. Without it the card is a notification.",
    ),
    click.option("--title", help="The title of the card. Default: the summary."),
    click.option("--summary", help="The text of the card in lists and pop-ups. Default: the title."),
    click.option("--text", help="The text of the card, in Markdown."),
    click.option("--theme-color", metavar="RRGGBB", help="The colour of the card."),
    click.option(
        "--payload",
        metavar="JSON|@FILE|-",
        help="The client_payload that the released workflow gets: a JSON object, @FILE, or - for standard input.",
    ),
    click.option(
        "--field",
        "payload_fields",
        multiple=True,
        metavar="K=V",
        help="One more key of the payload, as a string. Repeatable.",
    ),
    click.option("--fact", "facts", multiple=True, metavar="N=V", help="A line of the card. Repeatable."),
    click.option("--link", "links", multiple=True, metavar="N=URL", help="A link on the card. Repeatable."),
    click.option(
        "--sections", metavar="JSON|@FILE", help="Sections of your own: a JSON list, drawn after the relay's."
    ),
    click.option(
        "--actions",
        metavar="JSON|@FILE",
        help="Actions of your own: a JSON list, drawn after Approve and Reject. A card has four at most.",
    ),
    click.option("--environment", metavar="NAME", help="The environment that the policy judges by."),
    click.option("--ref", envvar="GITHUB_REF", show_envvar=True, help="The ref that would be released."),
    click.option("--sha", envvar="GITHUB_SHA", show_envvar=True, help="The commit that would be released."),
    click.option(
        "--run-url", metavar="URL", help="The run that asks for approval. Default: the current run of GitHub Actions."
    ),
    click.option("--requested-by", envvar="GITHUB_ACTOR", show_envvar=True, metavar="LOGIN", help="The requester."),
    click.option(
        "--requested-by-id",
        envvar="GITHUB_ACTOR_ID",
        show_envvar=True,
        type=int,
        metavar="NUMBER",
        help="The numeric GitHub id of the requester.",
    ),
    click.option(
        "--requested-by-also",
        metavar="LOGIN",
        help="A second requester, who ran the workflow again. Default: GITHUB_TRIGGERING_ACTOR, if another.",
    ),
    click.option(
        "--expires-in",
        metavar="DURATION",
        help="The lifetime of the request: 90s, 45m, 24h, 7d. Default: from the rule; offline 24h.",
    ),
    click.option(
        "--reject-event-type", metavar="NAME", help="The repository_dispatch that a rejection sends. Default: none."
    ),
    click.option("--require-comment", is_flag=True, help="Ask for a comment with each press."),
    click.option(
        "--approver",
        "approver_list",
        multiple=True,
        metavar="NAME",
        help="A person or group:NAME of the policy; narrows the approvers. Repeatable.",
    ),
    click.option("--approvers", metavar="A,B", help="The same, separated by commas or line breaks."),
    click.option("--approve-label", metavar="TEXT", help='The text of the approve button, as in "Approve: TEXT".'),
    click.option("--reject-label", metavar="TEXT", help='The text of the reject button, as in "Reject: TEXT".'),
    click.option("--confirm", metavar="TEXT", help="A note for approvers, shown before they press."),
    relay_option(required=False),
    api_key_option("The key for registering; better in the environment. Default: the token of this job."),
    click.option(
        "--ticket-key",
        envvar="RELAY_TICKET_KEY",
        show_envvar=True,
        metavar="KID:KEY",
        help="The key for working offline; better in the environment.",
    ),
)
_AS_THEY_ARE: Final = (
    *("repository", "event_type", "summary", "text", "theme_color", "environment", "ref", "sha", "requested_by"),
    *("requested_by_id", "expires_in", "reject_event_type", "approve_label", "reject_label", "confirm"),
)

_MAX_DEPTH: Final = canonical_json.MAX_DEPTH - 1  # the ticket and the form of a request are one level themselves


def request_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of a request to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def read_request(values: Mapping[str, Any]) -> dict[str, object]:
    """Return the form of POST /api/requests, with the given options alone.

    Raises UsageError naming the option for malformed JSON or pairs. `read_form` checks the fields.
    """
    form: dict[str, object] = {name: values[name] for name in _AS_THEY_ARE}
    if form["event_type"] and _is_default("sha"):
        built = read_built_commit()
        form |= {name: value for name, value in built.items() if _is_default(name)}
    form["title"] = values["title"] or values["summary"]
    form["client_payload"] = _payload(values["payload"], values["payload_fields"])
    # A card has no line for a fact that says nothing.
    facts = [(name, value) for name, value in read_pairs(values["facts"], "--fact") if value.strip()]
    form["facts"] = [{"name": name, "value": value} for name, value in facts]
    form["links"] = [{"name": name, "url": url} for name, url in read_pairs(values["links"], "--link", "NAME=URL")]
    for name in ("sections", "actions"):
        form[name] = _list_of(values[name], f"--{name}")
    form["run_url"] = values["run_url"] or _run_url()
    form["requested_by_also"] = values["requested_by_also"] or _run_again_by(
        values["requested_by"] or "", keyless=not values["api_key"] and job_token.is_there()
    )
    form["require_comment"] = values["require_comment"] or None
    form["approvers"] = [*values["approver_list"], *_listed(values["approvers"])]
    for name in ("client_payload", "sections", "actions"):
        if canonical_json.is_deeper(form[name], _MAX_DEPTH):
            raise click.UsageError(f"{option_for(name)}: takes at most {_MAX_DEPTH} levels, one within another")
    return tidy({name: value for name, value in form.items() if value not in (None, "", [], {})})


def need_event_type(form: Mapping[str, object], also: Mapping[str, object]) -> None:
    """Raise UsageError for a notification with options of a decision; `also` has more of these, by their options.

    Such a card looks like a gate, and asks for nothing.
    """
    if form.get("event_type"):
        return
    given = [option_for(name) for name in (undecided_field(form),) if name]
    given += [option for option, value in also.items() if value]
    if given:
        raise click.UsageError(
            f"--event-type: is missing: without it the card is a notification that asks nobody, and {given[0]} is "
            "given. Usually the event type is misspelt, or a variable that is not set here"
        )


def _is_default(name: str) -> bool:
    """Tell whether the value of an option is that of GitHub Actions, and none that the sender gave."""
    context = click.get_current_context(silent=True)
    return context is None or context.get_parameter_source(name) is not ParameterSource.COMMANDLINE


def _listed(names: str | None) -> list[str]:
    """Return the names between commas and line breaks. Raises UsageError if there is none."""
    if names is None:
        return []
    found = [name.strip() for name in names.replace("\n", ",").split(",") if name.strip()]
    if not found:
        raise click.UsageError("--approvers: names nobody; usually a variable that is not set here")
    return found


def _list_of(given: str | None, option: str) -> object:
    """Return a list that is written as JSON, or None. Raises UsageError, for an empty object too."""
    found = read_inline(given, option) if given else None
    if given and not isinstance(found, list):
        raise click.UsageError(f"{option}: must be a list of objects")
    return found


def _payload(given: str | None, fields: tuple[str, ...]) -> dict[str, object]:
    payload = read_inline(given, "--payload") if given else {}
    if not isinstance(payload, dict):
        raise click.UsageError('--payload: must be a JSON object, as in {"version": "1.2"}')
    for name, value in read_pairs(fields, "--field"):
        if name in payload:
            raise click.UsageError("--field: a key is given twice, here or in --payload")
        payload[name] = value
    return payload


def _run_again_by(requested_by: str, *, keyless: bool) -> str:
    """Return the triggering actor of a re-run, or an empty string. GITHUB_ACTOR stays the first one."""
    actor, again = (os.environ.get(name, "") for name in ("GITHUB_ACTOR", "GITHUB_TRIGGERING_ACTOR"))
    # Without a key the relay sees that the run was started again, and asks by whom, even if it was the same person.
    if keyless and os.environ.get("GITHUB_RUN_ATTEMPT", "1") != "1":
        return again
    return "" if again.lower() in (actor.lower(), requested_by.lower()) else again


def _run_url() -> str:
    parts = [os.environ.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID")]
    return "{}/{}/actions/runs/{}".format(*parts) if all(parts) else ""
