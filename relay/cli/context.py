"""Time, randomness and the outbox: arguments of the commands, so that tests can replace them."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from relay.cli.failures import Failure
from relay.model import Case
from relay.signed.canonical_json import base64url


class Outbox(Protocol):
    """The outbox as `relay outbox` uses it. Raises Refusal unknown-request, being-paid or overtaken, and Outage."""

    def owed(self) -> list[tuple[Case, int]]:
        """Return each debt that is owed, refused or dead, as its case and its index there."""
        ...

    def replay(self, case_id: str, *, card: str = "", anyway: bool = False) -> Case:
        """Make a refused or dead debt owed again."""
        ...

    def drop(self, case_id: str, *, card: str = "") -> Case:
        """Cancel a debt."""
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
    """The surroundings of a command: `now` in Unix seconds, a monotonic `clock`, `random(n)` for n random bytes."""

    now: Callable[[], float] = time.time
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[int], bytes] = secrets.token_bytes
    outbox: Callable[[], Outbox] = _outbox

    def token(self) -> str:
        """Return 128 random bits, safe in addresses: a nonce, an idempotency key or a delimiter."""
        return base64url(self.random(16))
