"""`relay doctor`: whether the relay can do its work, and the cure of each fault."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Final

import click

from relay.cli import github_actions
from relay.cli.addresses import read_origin
from relay.cli.command import Command
from relay.cli.documentation import where
from relay.cli.failures import Failure, plain
from relay.cli.local_settings import with_local_values
from relay.settings import SettingsError

if TYPE_CHECKING:
    from relay.doctor.checkup import Report
    from relay.doctor.inside.subject import Inside

PAGE: Final = "docs/doctor.md"


@click.command(cls=Command, short_help="Find out why the relay cannot do its work.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--url", callback=read_origin, metavar="URL", help="Look at a running relay from outside.")
@click.option("--expect-version", metavar="VERSION", help="With --url: fail if another version answers.")
@click.option(
    "--api-key",
    envvar="RELAY_API_KEY",
    show_envvar=True,
    metavar="KEY",
    help="With --url: a key with the scope operator; the app then examines itself too.",
)
def doctor(*, as_json: bool, url: str, expect_version: str | None, api_key: str | None) -> None:
    """Examine the relay within 20 seconds. Nothing is dispatched and nothing is posted.

    Without --url it looks with the settings of the environment, then of Values of ./local.settings.json. With --url
    it needs no settings, and looks as anybody on the network. The exit code is 1 if a check failed.
    """
    if expect_version and not url:
        raise click.UsageError("--expect-version: is the version of a running relay; name it with --url")
    report = _outside(url, expect_version or "", api_key or "") if url else _inside()
    if as_json:
        click.echo(github_actions.as_json(report.as_json()))
    else:
        for line in _lines(report):
            click.echo(plain(line))
    if report.status == "failed":
        raise click.exceptions.Exit(1)


def _inside() -> "Report":
    from relay.cli.webhook_kind import webhook  # noqa: PLC0415 - as above
    from relay.doctor.checkup import Check, examine  # noqa: PLC0415 - `--help` needs no check
    from relay.doctor.inside.make import inside_of_environment  # noqa: PLC0415 - as above
    from relay.doctor.table import inside_checks  # noqa: PLC0415 - as above

    try:
        inside = inside_of_environment(with_local_values(os.environ))
    except SettingsError as error:
        raise Failure("; ".join(f"{name} {problem}" for name, problem in error.problems.items())) from None
    url = os.environ.get("RELAY_WEBHOOK_URL", "").strip()
    own: Check[Inside] = Check("webhook", lambda _inside: webhook(url))
    checks = (*inside_checks(), own)
    with closing(inside.store), closing(inside.web.client()):
        return examine(checks, inside, clock=time.time, wrong=inside.problems)


def _outside(url: str, expected: str, key: str) -> "Report":
    from relay.app.wiring import lazily  # noqa: PLC0415 - as above
    from relay.doctor.checkup import SPARE, TIME, Report, examine  # noqa: PLC0415 - as above
    from relay.doctor.outside.app import ask_app  # noqa: PLC0415 - as above
    from relay.doctor.outside.subject import Outside  # noqa: PLC0415 - as above
    from relay.doctor.table import outside_checks  # noqa: PLC0415 - as above
    from relay.doctor.web import Web  # noqa: PLC0415 - as above
    from relay.net.client import make_client  # noqa: PLC0415 - as above

    outside = Outside(url, expected, Web(lazily(make_client), time.time, time.time() + TIME - SPARE))
    with closing(outside.web.client()), ThreadPoolExecutor(1) as pool:
        own = pool.submit(ask_app, outside, key) if key else None
        report = examine(outside_checks(), outside, clock=time.time)
        app = own.result() if own else Report([], [])
    return Report([*report.findings, *app.findings], [*report.left_out, *app.left_out])


def _lines(report: "Report") -> Iterator[str]:
    for name, each in report.findings:
        cure = f"; {each.cure} ({PAGE}#{name})" if each.cure else ""
        yield f"{each.status:<8}  {name:<17}  {each.detail}{cure}"
    for name, left in report.left_out:
        yield f"left out  {name:<17}  {left.because}"
    if any(each.cure for _, each in report.findings):
        yield where()
