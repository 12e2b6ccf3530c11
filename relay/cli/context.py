"""Time, randomness and the outbox: arguments of the commands, so that tests can replace them."""

import getpass
import os
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import click

from relay.cli.failures import Failure
from relay.cli.local_settings import with_local_values
from relay.model.case import Case
from relay.signed.canonical_json import base64url


class Outbox(Protocol):
    """The outbox as `relay outbox` uses it. Raises Refusal unknown-request, being-paid or overtaken, and Outage."""

    def owed(self) -> list[tuple[Case, int]]:
        """Return each debt that is owed, refused or dead, as its case and its index there."""
        ...

    def replay(self, case_id: str, *, card: str = "", anyway: bool = False) -> Case:
        """Make a refused or dead debt owed again."""
        ...

    def replay_all(self, cause: str = "") -> int:
        """Make every refused or dead debt owed again, or all of one cause, and return how many."""
        ...

    def drop(self, case_id: str, *, card: str = "") -> Case:
        """Cancel a debt."""
        ...


def _outbox() -> Outbox:
    from relay.app import open_outbox  # noqa: PLC0415 - as above
    from relay.settings import SettingsError  # noqa: PLC0415 - only this command needs the relay's settings and adapters

    try:
        outbox, store = open_outbox(with_local_values(os.environ), f"command:{_login()}")
    except SettingsError as error:
        problems = [f"{name} {problem}" for name, problem in error.problems.items()]
        raise Failure("\n".join(["The store of the relay cannot be found by these settings:", *problems])) from None
    click.echo(f"Store: {store}", err=True)
    return outbox


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a process of a user that the machine does not know
        return "unknown"


def _terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


@dataclass(frozen=True, slots=True)
class Context:
    """The surroundings of a command: `now` in Unix seconds, a monotonic `clock`, `random(n)` for n random bytes.

    `terminal` tells whether a person can be asked.
    """

    now: Callable[[], float] = time.time
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[int], bytes] = secrets.token_bytes
    outbox: Callable[[], Outbox] = _outbox
    terminal: Callable[[], bool] = _terminal

    def token(self) -> str:
        """Return 128 random bits, safe in addresses: a nonce, an idempotency key or a delimiter."""
        return base64url(self.random(16))
