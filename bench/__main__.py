"""Measures, prints a table, and keeps it as JSON: `make bench`, `make bench ARGS="a b --write-docs"`."""

import json
import os
import platform
import tempfile
import time
from pathlib import Path
from typing import Final

import click

from bench import tenant
from bench.figures import Line, as_json, as_markdown, as_text
from bench.limits import lift
from bench.parts import APART, PARTS
from bench.processes import ROOT, outside
from bench.run import Run

PAGE: Final = ROOT / "docs" / "performance.md"
BEGIN: Final = "<!-- begin: make bench ARGS=--write-docs -->"
END: Final = "<!-- end -->"
BEGIN_APART: Final = '<!-- begin: make bench ARGS="scale --write-docs" -->'
END_APART: Final = "<!-- end of scale -->"


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice([*PARTS, *APART]))
@click.option("--json", "path", type=click.Path(path_type=Path), default=ROOT / "build" / "bench.json")
@click.option("--write-docs", is_flag=True, help="Put the table into docs/performance.md too.")
@click.option("--logs", is_flag=True, help="Show what the measured processes said to standard error.")
def main(*, parts: tuple[str, ...], path: Path, write_docs: bool, logs: bool) -> None:
    """Measure the PARTS, or all of them but scale, in one run of at most four minutes."""
    if write_docs and set(parts) & set(APART) and set(parts) - set(APART):
        raise click.UsageError(f"measure {' and '.join(APART)} alone: it has its own table in the docs")
    lines: list[Line] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        signer = tenant.create(folder)
        with outside(folder) as address:
            try:
                for part in parts or PARTS:
                    begun = time.perf_counter()
                    found = (PARTS | APART)[part](Run(folder, signer, address))
                    lines += found
                    click.echo(f"({part}) took {time.perf_counter() - begun:.0f} s", err=True)
            finally:
                if logs:
                    click.echo((folder / "log").read_text("utf-8"), err=True)
    click.echo(as_text(lines))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"machine": machine(), "lines": as_json(lines)}, indent=2) + "\n", "utf-8")
    if write_docs:
        markers = (BEGIN_APART, END_APART) if set(parts) & set(APART) else (BEGIN, END)
        table = f"{machine()}\n\n{as_markdown(lines)}"
        PAGE.write_text(with_table(PAGE.read_text("utf-8"), table, *markers), "utf-8")


def machine() -> str:
    """Describe the machine, on which the figures depend."""
    return f"{platform.system()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def with_table(page: str, table: str, begin: str = BEGIN, end: str = END) -> str:
    """Return the page with the table between its markers."""
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n\n{table}\n\n{end}{after}"


if __name__ == "__main__":
    lift()
    main()
