"""`relay verify`: the proof, in the released workflow, of the approval and its approvers."""

import os

import click

from relay.cli import github_actions, relay_api
from relay.cli.addresses import read_origin
from relay.cli.command import Command
from relay.cli.context import Context
from relay.cli.failures import NotApproved
from relay.cli.inputs import read_json
from relay.errors import Refusal
from relay.signed.released_event import Expected, prove, receipt_of

_PRINTED = ("id", "decision", "requested-by", "reviewers")


@click.command(cls=Command, short_help="Prove the approval in the released workflow.")
@click.option(
    "--relay",
    envvar="RELAY_URL",
    show_envvar=True,
    required=True,
    callback=read_origin,
    metavar="URL",
    help="The relay that signed the receipt; no other is trusted.",
)
@click.option("--environment", metavar="NAME", help="Accept only an approval for this environment.")
@click.option(
    "--decision",
    type=click.Choice(["approved", "rejected", "requested"]),
    default="approved",
    show_default=True,
    help="The decision this workflow is for.",
)
@click.option(
    "--event",
    "event_file",
    envvar="GITHUB_EVENT_PATH",
    show_envvar=True,
    required=True,
    metavar="FILE",
    help="The event that started the workflow.",
)
@click.option("--once", is_flag=True, help="Redeem the approval: of all runs that it started, one passes.")
@click.option(
    "--api-key",
    envvar="RELAY_API_KEY",
    show_envvar=True,
    metavar="KEY",
    help="A key of the relay's API, for --once in a job that has no token.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the outputs as one JSON object.")
@click.pass_obj
def verify(  # noqa: PLR0913 - each is an option
    context: Context,
    /,
    *,
    relay: str,
    environment: str | None,
    decision: str,
    event_file: str,
    once: bool,
    api_key: str | None,
    as_json: bool,
) -> None:
    """Prove that the event which started this workflow is a decision of the relay, unchanged.

    Prints the decision, and writes it as outputs of the step: id, decision, environment, ref, sha, requested-by,
    reviewers, payload; and once, with --once. Deploy only the values in these outputs. Ends with 3 if anything is
    wrong.
    """
    run_id = os.environ.get("GITHUB_RUN_ID", "")
    if once:
        relay_api.need_proof(api_key)
        if api_key and not run_id:
            raise click.UsageError("GITHUB_RUN_ID is not set: run --once in the released workflow")
    repository = os.environ.get("GITHUB_REPOSITORY", "")
    if not repository:
        raise click.UsageError("GITHUB_REPOSITORY is not set: run this in the released workflow")
    event = read_json(event_file, "--event")
    keys = relay_api.fetch_keys(relay, context)
    expected = Expected(relay, repository, decision, environment or "")
    try:
        outputs = prove(event, keys, expected, now=context.now())
    except Refusal as refusal:
        raise NotApproved(f"Release nothing. {refusal.message}") from None
    if once:  # last, so that a run which does not pass redeems nothing
        relay_api.redeem(relay, api_key, receipt_of(event), run_id, context)
        outputs["once"] = "true"
    else:
        click.echo("replay not checked: without --once, more than one run may pass", err=True)
    github_actions.outputs(outputs, context)
    github_actions.summary(
        f"Verified: {outputs['decision']}", {name: outputs[name] for name in outputs if name != "payload"}
    )
    if as_json:
        click.echo(github_actions.as_json(outputs))
        return
    for name, value in outputs.items():
        if name in _PRINTED or not github_actions.running():  # the runner takes commands from the output of a step
            click.echo(f"{name}: {value}")
