"""Errors that end a command: the failure, its usual meaning, the cure, and the exit code."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import click

from relay.errors import Refusal

_SHOWN: Final = 400  # characters of foreign text that a message repeats
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
    """An outside system refused or failed."""

    exit_code = 1


class NotReached(Failure):
    """An outside system gave no answer. `reason` is a clause of the message that says no more than that."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class NotApproved(click.ClickException):
    """The request is not approved, not genuine, or without a rule."""

    exit_code = 3


class WrongContent(click.ClickException):
    """A file that the command was given has wrong content. The command line itself is right, so no usage is shown."""

    exit_code = 2


def option_for(field: str) -> str:
    """Return the option that sets a field of POST /api/requests."""
    return _OPTIONS.get(field, f"--{field.replace('_', '-')}")


def wrong_usage(refusal: Refusal, instead: Mapping[str, str] = MappingProxyType({})) -> click.UsageError:
    """Return a refusal of a request as a usage error of an option. `instead` renames fields without an option."""
    field = refusal.field
    message = refusal.message.removeprefix(f"{field}: ") or refusal.check
    return click.UsageError(f"{instead.get(field) or option_for(field)}: {message}")


def plain(text: str) -> str:
    """Return foreign text on one line of limited length, without control characters or runner commands."""
    printable = "".join(char if char.isprintable() else " " for char in text[: _SHOWN + 1]).replace("##[", "# #[")
    return printable if len(printable) <= _SHOWN else printable[:_SHOWN] + "..."
