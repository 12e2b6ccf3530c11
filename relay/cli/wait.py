"""`relay wait`: wait for the decision of a request that exists."""

import click

from relay.cli import relay_api
from relay.cli.command import Command, examples
from relay.cli.context import Context
from relay.cli.requests import id_options
from relay.cli.waiting.caller import Caller
from relay.cli.waiting.interrupts import Interrupts
from relay.cli.waiting.options import timeout_option
from relay.cli.waiting.step import Wait


@click.command(
    cls=Command,
    short_help="Wait for the decision of a request.",
    epilog=examples("relay wait ID --timeout 30m --cancel-on-interrupt"),
)
@id_options
@timeout_option
@click.option("--cancel-on-interrupt", is_flag=True, help="Cancel the request if SIGINT or SIGTERM ends the wait.")
@click.pass_obj
def wait(
    context: Context, /, *, request_id: str, relay: str, api_key: str | None, timeout: int, cancel_on_interrupt: bool
) -> None:
    """Wait for the request ID to end, with a line at each change.

    Ends with 0 if it is approved, and with 3 if it is rejected, expired, superseded or cancelled, or if the time is
    over and it still waits. Ends with 1 if the relay cannot be reached for ten minutes. In a step of GitHub Actions
    the outputs are decision (approved or rejected) and status. No call lasts longer than 30 seconds.
    """
    relay_api.need_proof(api_key)
    waiting = Wait(Caller(relay, request_id, api_key, context), f"{relay}/api/review/{request_id}", timeout)
    if not cancel_on_interrupt:
        waiting.run()
        return
    with Interrupts() as interrupts:
        waiting.run_or_cancel(interrupts)
