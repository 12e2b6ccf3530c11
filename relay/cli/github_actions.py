"""The output of a step of GitHub Actions: its outputs, its summary, its error lines, and the secrets to mask.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from relay.cli.context import Context
from relay.cli.failures import Failure

_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]()#+\-!|<>~&])")


def running() -> bool:
    """Tell whether the command runs in a step of a workflow."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def mask(*secrets: str) -> None:
    """Have the runner hide these secrets in its log."""
    for secret in secrets:
        if secret and running():
            # the runner reads commands on standard error too, and standard output stays the result alone
            click.echo(f"::add-mask::{_escape(secret)}", err=True)


def outputs(values: Mapping[str, str], context: Context) -> None:
    """Write the outputs of the step."""
    lines = []
    for name, value in values.items():
        delimiter = f"relay-{context.token()}"  # random: a value that held it could write outputs of its own
        lines += [f"{name}<<{delimiter}", value, delimiter]
    _append("GITHUB_OUTPUT", lines)


def summary(title: str, facts: Mapping[str, str]) -> None:
    """Add a heading and a list to the summary of the step."""
    # every text is escaped, so that none of it is Markdown
    items = [f"- {_plain(name)}: {_plain(value)}" for name, value in facts.items() if value]
    _append("GITHUB_STEP_SUMMARY", [f"### {_plain(title)}", "", *items, ""])


def error(message: str) -> None:
    """Show the reason of a failure at the top of the run and in its summary."""
    if running():
        click.echo(f"::error title=relay::{_escape(message)}", err=True)
        summary("relay failed", {"Why": message})


def as_json(value: object) -> str:
    """Return a value as indented JSON to print."""
    # the runner looks for its command `##[` in the middle of a line too
    return json.dumps(value, ensure_ascii=False, indent=2).replace("##[", "#\\u0023[")


def _append(variable: str, lines: list[str]) -> None:
    path = os.environ.get(variable, "")
    if not running() or not path:
        return
    try:
        with Path(path).open("a", encoding="utf-8", newline="\n") as file:
            file.write("".join(f"{line}\n" for line in lines))
    except OSError:
        raise Failure(f"The file that {variable} names cannot be written; the runner sets this variable.") from None


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _plain(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))
