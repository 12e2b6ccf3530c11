"""Follow a request to its end: look, print each change, pause; and outlast an outage of the relay."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import click

from relay.cli import relay_api
from relay.cli.failures import Failure, NotReached
from relay.cli.http import asked_pause, is_busy
from relay.cli.waiting.caller import Caller
from relay.cli.waiting.changes import changes
from relay.cli.waiting.state import OWED, State, read_state

FIRST_PAUSE: Final = 2.0  # seconds
LONGEST_PAUSE: Final = 15.0
LONGEST_AWAY: Final = 30.0  # seconds between two attempts while the relay is away
PATIENCE: Final = 600.0  # seconds for which the relay may be away
LINGER: Final = 20.0  # seconds after the end, in which the dispatch of the decision usually leaves
_GROWTH: Final = 1.5
_OK: Final = 200


class _Away(NamedTuple):
    """The reason why there is no answer of the relay, and the pause that was asked for."""

    reason: str
    pause: float = 0.0


@dataclass(slots=True)
class _Pauses:
    """The pause after each look: longer from look to look, and longer still while the relay is away."""

    _next: float = FIRST_PAUSE
    _away: float = FIRST_PAUSE

    def after(self, look: State | _Away) -> float:
        if isinstance(look, _Away):
            pause, self._away = max(self._away, look.pause), min(self._away * 2, LONGEST_AWAY)
            return pause
        pause, self._next = self._next, min(self._next * _GROWTH, LONGEST_PAUSE)
        self._away = FIRST_PAUSE
        return pause


def follow(caller: Caller, link: str, timeout: float) -> State:
    """Print a line at each change, until the request has ended or `timeout` seconds are over. Return the last state.

    After the end the dispatch gets some seconds more to leave. Raises NotReached if the relay is away for ten minutes
    or when the time is over, and Failure if it refuses to tell.
    """
    clock, pauses = caller.context.clock, _Pauses()
    end = clock() + timeout
    left_at: float | None = None
    state: State | None = None
    while True:
        look, now = _look(caller, known=state is not None), clock()
        if isinstance(look, State):
            if left_at is not None:
                click.echo("The relay answers again.", err=True)
            for line in changes(state, look, link):
                click.echo(line)
            if look.is_over and not (state and state.is_over):
                end = min(end, now + LINGER)
            left_at, state = None, look
            if state.is_over and state.dispatch.status != OWED:
                return state
        elif left_at is None:
            left_at = now
            click.echo(f"Note: {look.reason}. It is asked again, for {PATIENCE / 60:.0f} minutes at most.", err=True)
        if now >= end and state and (state.is_over or left_at is None):
            return state
        if isinstance(look, _Away) and left_at is not None and (now >= end or now - left_at >= PATIENCE):
            raise _lost(look.reason, now - left_at, caller.request_id)
        caller.context.sleep(min(pauses.after(look), end - now))


def _look(caller: Caller, *, known: bool) -> State | _Away:
    """Look once. `known` tells whether this address has answered as a relay before."""
    try:
        answer = caller.show()
    except NotReached as failure:
        return _Away(failure.reason)
    found = relay_api.fields_of(answer) or {}
    if answer.status == _OK and isinstance(found.get("status"), str):
        return read_state(found)
    # What is no relay's answer is a proxy's, or the platform's while the relay is stopped or deployed.
    if is_busy(answer.status) or (known and (answer.status == _OK or not found.get("error"))):
        return _Away(f"The relay answered {answer.status}", asked_pause(answer, caller.context, 0.0))
    relay_api.read_object(answer)
    raise Failure(relay_api.NOT_A_RELAY)


def _lost(reason: str, seconds: float, request_id: str) -> NotReached:
    message = (
        f"{reason}, and gave no answer for {seconds:.0f} s. The request is not cancelled, and its state is not known "
        f"here: `relay status {request_id}` shows it, `relay cancel {request_id}` withdraws it. {relay_api.CURE}"
    )
    return NotReached(message, reason)
