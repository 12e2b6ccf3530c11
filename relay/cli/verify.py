"""`relay verify`: the proof, in the released workflow, of the approval and its approvers."""

import os
from collections.abc import Mapping
from contextlib import suppress

import click

from relay.cli import github_actions, relay_api
from relay.cli.command import Command, examples
from relay.cli.context import Context
from relay.cli.failures import NotApproved, WrongContent, plain
from relay.cli.http import USUAL
from relay.cli.inputs import read_json
from relay.cli.relay_options import api_key_option, relay_option
from relay.errors import Refusal
from relay.signed import canonical_json
from relay.signed.durations import parse_duration
from relay.signed.receipts import LIFETIME
from relay.signed.released_event import (
    REPOSITORY_DISPATCH,
    Expected,
    carries_inputs,
    newest_counts,
    prove,
    receipt_of,
)
from relay.signed.workflow_inputs import TARGET as WORKFLOW_DISPATCH

_PRINTED = ("id", "decision", "requested-by", "reviewers", "approved-by")


def _read_age(_ctx: click.Context, _param: click.Parameter, value: str | None) -> int:
    """Return the seconds of a duration up to a day, or 0 for no value."""
    if value is None:
        return 0
    with suppress(ValueError):
        seconds = parse_duration(value)
        if seconds <= LIFETIME:
            return seconds
    raise click.BadParameter("takes a duration from 1s to 24h, such as 10m: a receipt lives one day")


@click.command(
    cls=Command,
    short_help="Prove the approval in the released workflow.",
    epilog=examples("relay verify --relay https://relay.example --environment production --once"),
)
@relay_option("The relay that signed the receipt; no other is trusted.")
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
@click.option(
    "--max-age",
    callback=_read_age,
    metavar="DURATION",
    help="The greatest age of the receipt: 90s, 10m, 24h. It is made at each dispatch. Default: one day.",
)
@click.option("--latest", is_flag=True, help="Refuse an overtaken release, even if its rule does not say supersede.")
@click.option("--allow-rerun", is_flag=True, help="Take a run that was started again: GITHUB_RUN_ATTEMPT above 1.")
@click.option("--offline", is_flag=True, help="Do not ask the relay whether a newer approval was released since.")
@click.option("--once", is_flag=True, help="Redeem the approval: of all runs that it started, one passes.")
@api_key_option("A key of the relay's API, for --once in a job that has no token.")
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
    max_age: int,
    latest: bool,
    allow_rerun: bool,
    offline: bool,
    once: bool,
    api_key: str | None,
    as_json: bool,
) -> None:
    """Prove that the event which started this workflow is a decision of the relay, unchanged.

    Prints the decision, and writes it as outputs of the step: id, decision, environment, ref, sha, requested-by,
    reviewers, approved-by, comment, payload; and once, with --once. Deploy only the values in these outputs. Ends
    with 3 if anything is wrong, if the run was started again, or if a newer approval of the same was released since
    and the rule says supersede.
    """
    if offline and (latest or once):
        option = "--latest" if latest else "--once"
        raise click.UsageError(f"{option}: asks the relay; leave it or --offline out")
    if once:
        _check_once(api_key)
    repository = os.environ.get("GITHUB_REPOSITORY", "")
    if not repository:
        raise click.UsageError("GITHUB_REPOSITORY is not set: run this in the released workflow")
    event_name = _check_run(allow_rerun=allow_rerun)
    event = _read_event(event_file)
    workflow = _workflow(repository, event) if event_name == WORKFLOW_DISPATCH else ""
    expected = Expected(relay, repository, decision, environment or "", max_age, event_name, workflow)
    try:
        receipt = receipt_of(event, event_name)  # first, since no relay is needed to see that there is none
        # A run that may have more to ask waits for its relay as long as for those answers.
        keys = relay_api.fetch_keys(relay, context, USUAL if offline else relay_api.PATIENT)
        outputs = prove(event, keys, expected, now=context.now())
    except Refusal as refusal:
        raise NotApproved(f"Release nothing. {refusal.message}") from None
    _check_newest(relay, receipt, context, latest=latest, offline=offline)
    if once:  # last, so that a run which does not pass redeems nothing
        relay_api.redeem(relay, api_key, receipt, context)
        outputs["once"] = "true"
    else:
        click.echo("replay not checked: without --once, more than one run may pass", err=True)
    github_actions.outputs(outputs, context)
    github_actions.summary(f"Verified: {outputs['decision']}", _facts(outputs))
    if as_json:
        click.echo(github_actions.as_json(outputs))
        return
    for name, value in outputs.items():
        if name in _PRINTED or not github_actions.running():  # the runner takes commands from the output of a step
            # people choose their names, and the runner looks for its command `##[` in the middle of a line too
            click.echo(f"{name}: {value.replace('##[', '# #[') if github_actions.running() else value}")


def _read_event(path: str) -> object:
    """Return the event. Raises NotApproved for one that is nested deeper than the relay sends it."""
    try:
        return read_json(path, "--event")
    except WrongContent as wrong:
        if canonical_json.TOO_DEEP not in wrong.message:
            raise
        raise NotApproved("Release nothing. The event is not of the form that the relay sends.") from None


def _check_once(api_key: str | None) -> None:
    """Raise UsageError unless this job can redeem: with a token of its own, or with a key and the id of its run."""
    relay_api.need_proof(api_key)
    if api_key and not os.environ.get("GITHUB_RUN_ID"):
        raise click.UsageError("GITHUB_RUN_ID is not set: run --once in the released workflow")


def _check_run(*, allow_rerun: bool) -> str:
    """Return the event that started this run. Raises NotApproved if it is none of the relay, or was started again."""
    started_by = os.environ.get("GITHUB_EVENT_NAME") or REPOSITORY_DISPATCH
    if started_by not in (REPOSITORY_DISPATCH, WORKFLOW_DISPATCH):
        raise NotApproved(
            f"Release nothing. This run was started by {plain(started_by)}, and only a repository_dispatch or "
            "workflow_dispatch of the relay carries an approval."
        )
    if not allow_rerun and (os.environ.get("GITHUB_RUN_ATTEMPT") or "1") != "1":
        raise NotApproved(
            "Release nothing. This run was started again, and since then a newer release may have come: ask for a new "
            "approval. To take it all the same, give --allow-rerun."
        )
    return started_by


def _workflow(repository: str, event: object) -> str:
    """Return the name of this workflow's file: of GITHUB_WORKFLOW_REF, OWNER/NAME/.github/workflows/FILE@REF."""
    folder = f"{repository}/.github/workflows/".lower()
    path = os.environ.get("GITHUB_WORKFLOW_REF", "").partition("@")[0]
    if not path and carries_inputs(event):  # no other event is proven, whatever the workflow
        raise click.UsageError("GITHUB_WORKFLOW_REF is not set: run this in the released workflow")
    return path[len(folder) :] if path.lower().startswith(folder) else ""


def _check_newest(relay: str, receipt: str, context: Context, *, latest: bool, offline: bool) -> None:
    """Raise NotApproved if GitHub has since taken a newer approval of the same group."""
    if offline:
        click.echo("overtaken not checked: --offline", err=True)
        return
    if not latest and not newest_counts(receipt):
        return
    newer = relay_api.overtaken_by(relay, receipt, context)
    if newer:
        raise NotApproved(
            "Release nothing. A newer approval of the same repository, environment and event type was released since: "
            f"{plain(newer)}."
        )


def _facts(outputs: Mapping[str, str]) -> dict[str, str]:
    """Return the outputs for the summary: people by their names."""
    shown = {name: value for name, value in outputs.items() if name not in ("payload", "reviewers")}
    people = outputs["approved-by"]
    return {**shown, "reviewers": f"{people} ({outputs['reviewers']})" if people else outputs["reviewers"]}
