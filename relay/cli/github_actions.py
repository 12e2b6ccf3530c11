"""What a step tells GitHub Actions: outputs, its summary, error lines, and the secrets to mask.

Commands go to standard error, which the runner reads as well, so that standard output stays what was asked for.
Reference: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
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
    """Tell whether this is a step of a workflow."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def mask(*secrets: str) -> None:
    """Have the runner hide these from its log."""
    for secret in secrets:
        if secret and running():
            click.echo(f"::add-mask::{_escape(secret)}", err=True)


def outputs(values: Mapping[str, str], context: Context) -> None:
    """Write a step's outputs, each between delimiters that nobody who chose a value could have known."""
    lines = []
    for name, value in values.items():
        delimiter = f"relay-{context.token()}"
        lines += [f"{name}<<{delimiter}", value, delimiter]
    _append("GITHUB_OUTPUT", lines)


def summary(title: str, facts: Mapping[str, str]) -> None:
    """Add a heading and a list to the summary of the step; nothing of it is Markdown."""
    items = [f"- {_plain(name)}: {_plain(value)}" for name, value in facts.items() if value]
    _append("GITHUB_STEP_SUMMARY", [f"### {_plain(title)}", "", *items, ""])


def error(message: str) -> None:
    """Show why the step failed, at the top of the run and in its summary."""
    if running():
        click.echo(f"::error title=relay::{_escape(message)}", err=True)
        summary("relay failed", {"Why": message})


def as_json(value: object) -> str:
    """Return JSON to print, in which the runner finds no command: it looks for `##[` in the midst of a line too."""
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
