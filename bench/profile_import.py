"""A profile of importing the functions, module by module: `make profile`."""

import re
import subprocess
import sys
from typing import Final, NamedTuple

import click

from bench.processes import ROOT, environment

_LINE: Final = re.compile(r"import time: +([0-9]+) \| +([0-9]+) \| ( *)(\S+)")


class Module(NamedTuple):
    """One import, in microseconds: its own time, and the time with all that it was the first to import."""

    name: str
    own: int
    whole: int


@click.command()
@click.option("--rows", default=25, show_default=True, help="How many lines of each table to show.")
@click.option("--module", default="function_app", show_default=True, help="The module to import.")
def main(*, rows: int, module: str) -> None:
    """Import twice, each time in a new process, and show the slow modules of the second run, whose bytecode is warm."""
    for _ in range(2):
        modules = imports_of(module)
    whole = sum(each.own for each in modules) / 1_000
    packages: dict[str, int] = {}
    for each in modules:
        top = ".".join(each.name.split(".")[: 2 if each.name.startswith(("relay.", "azure.")) else 1])
        packages[top] = packages.get(top, 0) + each.own
    click.echo(f"import {module}: {len(modules)} modules, {whole:.0f} ms\n\n     ms  of package")
    for name, own in sorted(packages.items(), key=lambda item: -item[1])[:rows]:
        click.echo(f"{own / 1_000:7.1f}  {name}")
    click.echo("\n     ms  with all that it was the first to import")
    for each in sorted(modules, key=lambda found: -found.whole)[:rows]:
        click.echo(f"{each.whole / 1_000:7.1f}  {each.name}")


def imports_of(module: str) -> list[Module]:
    """Return every import that importing a module makes."""
    command = [sys.executable, "-X", "importtime", "-c", f"import {module}"]
    ran = subprocess.run(command, cwd=ROOT, env=environment({}), capture_output=True, text=True, check=True)  # noqa: S603 - ours
    _, _, ours = ran.stderr.rpartition("| site\n")
    return [Module(name, int(own), int(whole)) for own, whole, _, name in _LINE.findall(ours)]


if __name__ == "__main__":
    main()
