"""How a command ends early: what failed, what it usually means, and the cure, with the exit code of the contract."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import click

from relay.errors import Refusal

_SHOWN: Final = 400  # characters of somebody else's words that a message repeats
_OPTIONS: Final = MappingProxyType(
    {
        "client_payload": "--payload",
        "facts": "--fact",
        "links": "--link",
        "approvers": "--approver",
        "channels": "--channel",
    }
)


class Failure(click.ClickException):
    """The outside refused or failed."""

    exit_code = 1


class NotApproved(click.ClickException):
    """Not approved, not genuine, or no rule."""

    exit_code = 3


def option_for(field: str) -> str:
    """Return the option that sets a field of POST /api/requests."""
    return _OPTIONS.get(field, f"--{field.replace('_', '-')}")


def wrong_usage(refusal: Refusal, instead: Mapping[str, str] = MappingProxyType({})) -> click.UsageError:
    """Return a refusal of a request as wrong usage, by the option's name; `instead` renames fields without one."""
    field = refusal.field
    message = refusal.message.removeprefix(f"{field}: ") or refusal.check
    return click.UsageError(f"{instead.get(field) or option_for(field)}: {message}")


def plain(text: str) -> str:
    """Return somebody else's words on one line, without control characters or a runner's command, and not endless."""
    printable = "".join(char if char.isprintable() else " " for char in text[: _SHOWN + 1]).replace("##[", "# #[")
    return printable if len(printable) <= _SHOWN else printable[:_SHOWN] + "..."
