"""A profile of the click: `make profile`. Many clicks on fresh requests take the whole road under cProfile."""

import cProfile
import pstats
import re
import tempfile
import time
from pathlib import Path
from typing import Final

import click

from bench import tenant
from bench.limits import lift
from bench.processes import outside
from relay.app import Relay, build, read_all
from relay.model.delivery import Delivery

WARM_UP: Final = 100
_FOLDERS: Final = re.compile(r"^.*/(?:site-packages|lib/python3\.\d+)/|^" + re.escape(f"{Path.cwd()}/"))


@click.command()
@click.option("--clicks", default=1_000, show_default=True, help="How many clicks to run.")
@click.option("--rows", default=40, show_default=True, help="How many functions to show.")
@click.option("--sort", default="tottime", show_default=True, type=click.Choice(["tottime", "cumtime", "ncalls"]))
def main(*, clicks: int, rows: int, sort: str) -> None:
    """Run clicks and show the functions that took most time."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        signer = tenant.create(folder)
        with outside(folder) as address:
            relay = build(*read_all(tenant.environ(address, folder / "profile.db")))
            pressed = [tenant.relay_click(signer.token(address)) for _ in range(clicks + WARM_UP)]
            take(relay, pressed[:WARM_UP])
            begun = time.perf_counter()
            with cProfile.Profile() as profile:
                take(relay, pressed[WARM_UP:])
            whole = time.perf_counter() - begun
            relay.close()
    click.echo(f"{clicks} clicks, {1e6 * whole / clicks:.0f} us each under the profiler; microseconds of one click:\n")
    click.echo(table(pstats.Stats(profile), clicks, rows, sort))


def take(relay: Relay, clicks: list[tenant.Click]) -> None:
    """Run every click, and check that it was released."""
    channel = relay.channels["messagecard"]
    for each in clicks:
        reply = relay.presses.answer(channel, Delivery("messagecard", each.headers, each.body, time.time()))
        if reply.headers["Relay-Outcome"] != "released":
            raise RuntimeError(f"not released: {reply.headers['Relay-Outcome']}")


def table(stats: pstats.Stats, clicks: int, rows: int, sort: str) -> str:
    """Return a table of the functions, per click: calls, own time, and time with all that they call."""
    found = stats.get_stats_profile().func_profiles
    key = {"tottime": "tottime", "cumtime": "cumtime", "ncalls": "ncalls"}[sort]
    ordered = sorted(found.items(), key=lambda item: -_number(getattr(item[1], key)))
    lines = [f"{'calls':>7} {'own':>7} {'whole':>7}  function"]
    for name, each in ordered[:rows]:
        position = f"{_FOLDERS.sub('', each.file_name)}:{each.line_number} " if each.line_number else ""
        calls, own, whole = _number(each.ncalls) / clicks, 1e6 * each.tottime / clicks, 1e6 * each.cumtime / clicks
        lines.append(f"{calls:7.1f} {own:7.1f} {whole:7.1f}  {position}{name}")
    return "\n".join(lines)


def _number(value: str | float) -> float:
    """Return a figure of pstats, which writes the calls of a recursive function as all/outermost."""
    return float(str(value).partition("/")[0])


if __name__ == "__main__":
    lift()
    main()
