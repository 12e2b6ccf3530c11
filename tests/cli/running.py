"""Runs a command as a shell would, with a clock that only sleeping moves and randomness that repeats."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from click.testing import CliRunner, Result

from relay.cli.context import Context, Outbox
from relay.cli.main import main
from relay.signed import tickets
from tests.support.entra_tokens import NOW

RELAY = "https://relay.example"
TICKET_KEY = "main:" + "A" * 43
API_KEY = "sesame-sesame-sesame"
ASK = ("--repository", "octo/api", "--event-type", "deploy-api", "--title", "배포 승인")
OFFLINE = {"RELAY_URL": RELAY, "RELAY_TICKET_KEY": TICKET_KEY}
OPEN = {"@type": "OpenUri", "name": "Logs", "targets": [{"os": "default", "uri": "https://ci.example"}]}
_OURS = ("GITHUB_", "RELAY_", "ACTIONS_")


@dataclass
class Sleeper:
    """Time, and how long each sleep was."""

    at: float = NOW
    sleeps: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.at += seconds


@dataclass
class Dice:
    """Bytes that differ at each throw, and are the same in each test."""

    throws: int = 0

    def __call__(self, count: int) -> bytes:
        self.throws += 1
        return self.throws.to_bytes(count, "big")


def _no_outbox() -> NoReturn:
    raise AssertionError("this command has no business with the outbox")


def make_edges(sleeper: Sleeper | None = None, outbox: Callable[[], Outbox] = _no_outbox) -> Context:
    clock = sleeper or Sleeper()
    return Context(now=clock.now, clock=clock.now, sleep=clock.sleep, random=Dice(), outbox=outbox)


def run(
    *arguments: str,
    env: Mapping[str, str] | None = None,
    stdin: str | bytes | None = None,
    context: Context | None = None,
) -> Result:
    """Run `relay` with no variable of GitHub or the relay but those of `env`."""
    clean = {name: None for name in os.environ if name.startswith(_OURS)}
    runner = CliRunner(env={**clean, **(env or {})})
    result = runner.invoke(main, list(arguments), obj=context or make_edges(), input=stdin, prog_name="relay")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def opened(result: Result) -> tickets.Ticket:
    """Return the ticket of the card that a command printed."""
    headers = json.loads(result.stdout)["potentialAction"][0]["actions"][0]["headers"]
    ticket = next(header["value"] for header in headers if header["name"] == "Relay-Ticket")
    return tickets.open_ticket(ticket, [tickets.parse_key(TICKET_KEY)], RELAY, now=NOW, born_at=NOW)
