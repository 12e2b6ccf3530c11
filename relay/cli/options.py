"""Options of `card` and `send`: the fields of POST /api/requests, with defaults from GitHub Actions."""

import os
from collections.abc import Callable, Mapping
from typing import Any, Final

import click

from relay.cli.addresses import read_origin
from relay.cli.inputs import read_inline, read_pairs
from relay.cli.pasted_text import tidy

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
    click.option("--approvers", metavar="A,B", help="The same, separated by commas."),
    click.option("--approve-label", metavar="TEXT", help='The text of the approve button, as in "Approve: TEXT".'),
    click.option("--reject-label", metavar="TEXT", help='The text of the reject button, as in "Reject: TEXT".'),
    click.option("--confirm", metavar="TEXT", help="A note for approvers, shown before they press."),
    click.option(
        "--relay",
        envvar="RELAY_URL",
        show_envvar=True,
        callback=read_origin,
        metavar="URL",
        help="The relay's public origin.",
    ),
    click.option(
        "--api-key",
        envvar="RELAY_API_KEY",
        show_envvar=True,
        metavar="KEY",
        help="The key for registering; better in the environment.",
    ),
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
    form["title"] = values["title"] or values["summary"]
    form["client_payload"] = _payload(values["payload"], values["payload_fields"])
    form["facts"] = [{"name": name, "value": value} for name, value in read_pairs(values["facts"], "--fact")]
    form["links"] = [{"name": name, "url": url} for name, url in read_pairs(values["links"], "--link")]
    for name in ("sections", "actions"):
        form[name] = read_inline(values[name], f"--{name}") if values[name] else None
    form["run_url"] = values["run_url"] or _run_url()
    form["require_comment"] = values["require_comment"] or None
    listed = (name.strip() for name in (values["approvers"] or "").split(","))
    form["approvers"] = [*values["approver_list"], *(name for name in listed if name)]
    return tidy({name: value for name, value in form.items() if value not in (None, "", [], {})})


def _payload(given: str | None, fields: tuple[str, ...]) -> dict[str, object]:
    payload = read_inline(given, "--payload") if given else {}
    if not isinstance(payload, dict):
        raise click.UsageError('--payload: must be a JSON object, as in {"version": "1.2"}')
    for name, value in read_pairs(fields, "--field"):
        if name in payload:
            raise click.UsageError("--field: a key is given twice, here or in --payload")
        payload[name] = value
    return payload


def _run_url() -> str:
    parts = [os.environ.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID")]
    return "{}/{}/actions/runs/{}".format(*parts) if all(parts) else ""
