"""Time, randomness and the outbox, which the commands get as arguments so that tests can give them others."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from relay.cli.failures import Failure
from relay.model import Case
from relay.signed.canonical_json import base64url


class Outbox(Protocol):
    """What `relay outbox` needs. Raises Refusal unknown-request, being-paid, overtaken, and Outage."""

    def owed(self) -> list[tuple[Case, int]]:
        """Return the cases with the index of a debt that is owed, refused or dead."""
        ...

    def replay(self, case_id: str, *, card: str = "", anyway: bool = False) -> Case:
        """Make what was refused or is dead owed anew."""
        ...

    def drop(self, case_id: str, *, card: str = "") -> Case:
        """Give up what is owed."""
        ...


def _outbox() -> Outbox:
    from relay.app import relay  # noqa: PLC0415 - as above
    from relay.settings import SettingsError  # noqa: PLC0415 - only this command needs the relay's settings and adapters

    try:
        return relay().outbox()
    except SettingsError as error:
        problems = [f"{name} {problem}" for name, problem in error.problems.items()]
        raise Failure("\n".join(["The outbox is the relay's, and its settings are wrong here:", *problems])) from None


@dataclass(frozen=True, slots=True)
class Context:
    """`now` is in Unix seconds, `clock` in seconds of whatever origin, `random` gives that many bytes."""

    now: Callable[[], float] = time.time
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[int], bytes] = secrets.token_bytes
    outbox: Callable[[], Outbox] = _outbox

    def token(self) -> str:
        """Return 128 random bits, safe in addresses: a nonce, a key of idempotency, a delimiter."""
        return base64url(self.random(16))
