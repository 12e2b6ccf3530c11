"""The class of every command: an option, an argument or a variable that is set and empty is a mistake."""

import os
from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

import click

HELP_OPTIONS: Final = ("-h", "--help")
# An empty text says something here: nothing.
MAY_BE_EMPTY: Final = frozenset({"text", "summary", "comment", "payload_fields", "facts"})
_SECRETS: Final = frozenset({"api_key", "ticket_key", "key_text", "webhook_url", "smtp_password"})
_NO_VALUE: Final = (
    "secrets are empty in runs of forks and Dependabot, and those of an environment in jobs that do not name it"
)
_ORIGIN: Final = (
    "usually it is a secret and read as vars.RELAY_URL, or a variable of an environment that this job does not name"
)
_LEFT_OUT: Final = MappingProxyType(
    {
        ("verify", "environment"): "Leave the option out to take any environment",
        ("send", "environment"): "Leave the option out to ask for no environment",
        ("card", "environment"): "Leave the option out to ask for no environment",
        ("send", "event_type"): "Leave it out for a notification, which asks nobody",
        ("card", "event_type"): "Leave it out for a notification, which asks nobody",
        ("send", "approvers"): "Leave the option out to let all approvers of the rule press",
        ("card", "approvers"): "Leave the option out to let all approvers of the rule press",
    }
)


def examples(*lines: str) -> str:
    """Return the end of a help text: lines to type, each shown as it is."""
    return "\n".join(["\b", "Example:" if len(lines) == 1 else "Examples:", *(f"  {line}" for line in lines)])


class Command(click.Command):
    """A command that takes no empty value, and shows its help by the same options in every context."""

    def get_help_option_names(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the help options, made for each context: click would keep the ones of the first."""
        return list(HELP_OPTIONS)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments. Raises UsageError for an empty one, or for an empty variable in its place."""
        if not ctx.resilient_parsing and not set(args) & set(HELP_OPTIONS):
            # Later, click takes an empty variable for one that is not set, and callbacks may turn "" into a default.
            given, _, _ = self.make_parser(ctx).parse_args(args=[*args])
            for parameter in self.params:
                if parameter.name not in MAY_BE_EMPTY:
                    self._refuse_empty(parameter, given.get(str(parameter.name)), ctx)
        try:
            return super().parse_args(ctx, args)
        except click.MissingParameter as missing:
            if missing.param is not None and missing.param.name == "relay":
                cure = "In a workflow set it from vars.RELAY_URL, which is a variable and no secret"
                raise click.MissingParameter(cure, ctx, missing.param) from None
            raise

    def _refuse_empty(self, parameter: click.Parameter, given: object, ctx: click.Context) -> None:
        name, variable = str(parameter.name), parameter.envvar
        shown = parameter.opts[0] if isinstance(parameter, click.Option) else parameter.make_metavar(ctx).strip("[]")
        texts = [*_texts(given)]
        if any(not text.strip() for text in texts):
            usual = _usual(name, "usually a variable that is not set here")
            raise click.UsageError(f"{shown}: is empty; {usual}. {self._cure(parameter)}", ctx)
        if not texts and isinstance(variable, str) and not os.environ.get(variable, "-").strip():
            usual = _usual(name, "usually its source is not set here")
            raise click.UsageError(f"{shown}: {variable} is set and empty: {usual}. Set it, or do not name it", ctx)

    def _cure(self, parameter: click.Parameter) -> str:
        if parameter.required:
            return "It is required"
        return _LEFT_OUT.get((str(self.name), str(parameter.name)), "Leave it out if you mean none")


class Group(click.Group):
    """A group of such commands."""

    command_class = Command


def _usual(name: str, other: str) -> str:
    return _NO_VALUE if name in _SECRETS else _ORIGIN if name == "relay" else other


def _texts(given: object) -> Iterator[str]:
    for value in given if isinstance(given, list | tuple) else [given]:
        if isinstance(value, str):
            yield value
