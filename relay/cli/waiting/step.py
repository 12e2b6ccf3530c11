"""The wait of a command: follow the request to its end, and cancel it if the command is interrupted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import click

from relay.cli import relay_api
from relay.cli.failures import Failure, NotReached
from relay.cli.waiting.caller import Caller
from relay.cli.waiting.ending import end
from relay.cli.waiting.follow import follow
from relay.cli.waiting.interrupts import Interrupted, Interrupts
from relay.cli.waiting.state import State, read_state

_DECIDED: Final = 409


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait for one request. `link` is its review page, `timeout` in seconds."""

    caller: Caller
    link: str
    timeout: float

    def run(self) -> None:
        """Wait for the end. Raises NotApproved unless it is an approval, and Failure if the end is not known."""
        self._end(follow(self.caller, self.link, self.timeout))

    def run_or_cancel(self, interrupts: Interrupts, first: Callable[[], None] = lambda: None) -> None:
        """Do `first`, then wait as `run` does. A signal in either cancels the request."""
        try:
            interrupts.release()
            first()
            state = follow(self.caller, self.link, self.timeout)
        except Interrupted as signal:
            state = self._cancel(str(signal), interrupts)
        self._end(state)

    def _end(self, state: State) -> None:
        end(state, self.caller.request_id, self.link, self.caller.context)

    def _cancel(self, signal: str, interrupts: Interrupts) -> State:
        """Cancel the request, and return its state then. Nothing is printed before: the pipe may be closed already."""
        request_id = self.caller.request_id
        try:
            interrupts.resume()
            answer = self.caller.cancel()
            if answer.status == _DECIDED:
                answer = self.caller.show_at_once()
            state = read_state(relay_api.read_object(answer))
        except NotReached as failure:
            raise Failure(_unknown(f"Interrupted ({signal}). {failure.reason}", request_id)) from None
        except Interrupted as again:
            raise Failure(_unknown(f"Interrupted ({signal}), and again ({again})", request_id)) from None
        except Failure as failure:
            raise Failure(f"Interrupted ({signal}). The request is not cancelled: {failure.message}") from None
        if state.status == "cancelled":
            click.echo(f"Interrupted ({signal}): the request is cancelled.", err=True)
        else:
            click.echo(f"Interrupted ({signal}), but the request had ended before: {state.status}.", err=True)
        return state


def _unknown(reason: str, request_id: str) -> str:
    return (
        f"{reason}: whether the request is cancelled is not known here. `relay status {request_id}` shows it, and "
        f"`relay cancel {request_id}` withdraws it."
    )
