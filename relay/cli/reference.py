"""The reference page of the command, made from the help texts: `python -m relay.cli.reference`."""

from collections.abc import Iterator

import click

from relay.cli.main import main

_HEAD = """\
# The command `relay`

[Workflows](workflows.md#from-another-ci) says how to install it from a commit; `python -m relay` is the same. This
page is made from the help of each command by `make docs`.

Exit codes: 0 done; 1 the outside refused or failed; 2 wrong usage or a limit broken, with the option's name; 3 not
approved, not genuine, or no rule (`verify`, `wait`, `send --wait`, `policy explain`).

An option with an `env var` takes its value from there when it is not given; secrets are better kept there. In a step
of GitHub Actions the command also writes the step's outputs and summary, shows why it failed as an error of the run,
and has the secrets it was given or received hidden from the log.
"""


def render() -> str:
    """Return the reference as Markdown."""
    pages = [
        f"## {path}\n\n```text\n{text}\n```\n"
        for path, text in _helps(main, click.Context(main, info_name="relay", **main.context_settings))
    ]
    return "\n".join([_HEAD, *pages])


def _helps(command: click.Command, ctx: click.Context) -> Iterator[tuple[str, str]]:
    ctx.terminal_width = ctx.max_content_width = 100
    yield ctx.command_path, command.get_help(ctx)
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            child = command.get_command(ctx, name)
            if child is not None:
                yield from _helps(child, click.Context(child, info_name=name, parent=ctx))


if __name__ == "__main__":
    click.echo(render(), nl=False)
