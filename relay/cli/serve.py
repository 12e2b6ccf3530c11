"""`relay serve`: the relay on one machine for real, behind a proxy."""

import json
import os
import signal
import sqlite3
import sys
import time
from contextlib import closing
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

import relay
from relay import app
from relay.cli.command import Command
from relay.cli.failures import Failure
from relay.cli.local_settings import LOCAL, fill, local_values
from relay.cli.misspelt import warn_of_misspelt_names
from relay.errors import Outage
from relay.health import tell_of_settings
from relay.serve import log_lines
from relay.serve.function_timers import FunctionTimers
from relay.serve.functions_host import FunctionsHost
from relay.settings import APP_SERVICE, Settings, SettingsError, sqlite_path

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from azure.functions.decorators.function_app import Function

    from relay.serve.server import Server

DRAIN: Final = 8.5  # seconds that requests under way may take after SIGTERM; the page waits for GitHub for eight
END_OF_LOG: Final = 0.4  # seconds that the last messages may take then
END: Final = 9.0  # seconds after SIGTERM at which the process ends
STORE_TIME: Final = 5.0  # seconds that another process may hold the store
_ROOM: Final = 1024 * 1024  # bytes above the largest body, which the route itself refuses in its own words
_PACKAGE: Final = Path(relay.__file__).parent.parent


class WrongSettings(click.ClickException):
    """The settings are wrong or missing."""

    exit_code = 2


@click.command(cls=Command, short_help="Serve the relay on this machine, behind a proxy.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
@click.option(
    "--threads", default=32, show_default=True, type=click.IntRange(1, 256), help="Calls that are answered at once."
)
@click.option("--no-timer", is_flag=True, help="Run no timer; something else calls for the rounds.")
def serve(*, host: str, port: int, threads: int, no_timer: bool) -> None:
    """Serve the relay on this machine, behind a proxy that ends TLS.

    Settings come from the environment, then from Values of ./local.settings.json. The command ends with exit code 2 if
    they are wrong, and with 1 if the store cannot be written. There is no simulator. SIGTERM ends it within nine
    seconds: it answers the calls that have come in, and pays what they owe or leaves it to the next start.
    """
    log_lines.set_up()
    fill(local_values(LOCAL))
    settings = _settings()
    _check_store(settings)
    functions, prefix = _functions()
    with closing(_listen(host, port, threads)) as server:
        host_of_functions = FunctionsHost(functions, prefix=prefix, keys=settings.function_keys, guarded=True)
        timers = None if no_timer else FunctionTimers(functions)
        ends = _end_on_signals(server, timers)
        if timers:
            timers.start()
        click.echo(log_lines.line(f"Serving {settings.public_url} at {server.origin}"))
        server.run(log_lines.with_access_log(host_of_functions))
        if timers:
            timers.stop(max(0.0, ends[0] - time.monotonic()) if ends else END)
    app.relay().messages.flush(END_OF_LOG)
    sys.stdout.flush()
    sys.stderr.flush()
    # A call that still hangs, at GitHub or in the timer, keeps its lease. It ends by itself, and is then paid anew.
    os._exit(0)


def _settings() -> Settings:
    """Return the checked settings, and tell of those that are missing or have no effect.

    Raises WrongSettings with every problem.
    """
    try:
        settings, policy = app.read_all(os.environ)
        problems: dict[str, str] = {}
    except SettingsError as error:
        problems = error.problems
    if APP_SERVICE in os.environ.get("RELAY_SIGN_IN", ""):
        problems["RELAY_SIGN_IN"] = (
            "has app-service, whose headers any caller could write here: use entra or github, which need no App Service"
        )
    if problems:
        warn_of_misspelt_names()
        raise WrongSettings("\n".join(f"{name} {problem}" for name, problem in problems.items()))
    tell_of_settings(settings, policy)
    return settings


def _check_store(settings: Settings) -> None:
    """Raise Failure unless the store can be written within five seconds."""
    if settings.storage is None:
        path = Path(sqlite_path(settings.store))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(path, timeout=STORE_TIME, isolation_level=None)) as file:
                file.execute("BEGIN IMMEDIATE")
                file.execute("CREATE TABLE IF NOT EXISTS tried (at)")
                file.execute("ROLLBACK")
        except (sqlite3.Error, OSError) as error:
            locked = "locked" in str(error)
            why = "another process holds its lock" if locked else f"{type(error).__name__}: {error}"
            cure = (
                "End the program that has the file open for writing."
                if locked
                else "Make the folder, and let this user write in it."
            )
            raise Failure(f"The store cannot be written: {why}. {cure}") from None
    try:
        app.relay().store.born_at()
    except Outage as outage:
        raise Failure(f"The store cannot be used: {outage.what}.") from None
    except SettingsError as error:
        raise WrongSettings(str(error)) from None


def _functions() -> "tuple[Sequence[Function], str]":
    """Return the functions of the package's own function_app, and the prefix of their routes."""
    path = _PACKAGE / "function_app.py"
    spec = spec_from_file_location("function_app", path)
    if spec is None or spec.loader is None or not path.exists():
        raise Failure("This installation has no function_app.py: install the package anew.")
    module = sys.modules["function_app"] = module_from_spec(spec)
    spec.loader.exec_module(module)
    host = _PACKAGE / "host.json"
    described = json.loads(host.read_text("utf-8-sig")) if host.exists() else {}
    return tuple(module.app.get_functions()), described.get("extensions", {}).get("http", {}).get("routePrefix", "api")


def _listen(host: str, port: int, threads: int) -> "Server":
    from relay.github.webhook import MAX_BODY  # noqa: PLC0415 - `relay serve --help` needs no server
    from relay.serve.server import Server  # noqa: PLC0415 - as above

    # No route takes more than GitHub's webhooks. Each thread holds a whole body before anything of it is proven.
    largest = MAX_BODY + _ROOM
    try:
        return Server(port, host=host, threads=threads, hands_on_proxy_headers=False, largest=largest)
    except (OSError, ValueError) as error:
        raise Failure(
            f"{host}:{port} cannot be used ({getattr(error, 'strerror', None) or error}). Most often another program "
            "is using the port: end that one, or choose another with --port."
        ) from None


def _end_on_signals(server: "Server", timers: FunctionTimers | None) -> list[float]:
    """Make SIGTERM and SIGINT end the server in order. Return a list that then has the time of the end."""
    ends = list[float]()

    def end(_number: int, _frame: "FrameType | None") -> None:
        if not ends:
            ends.append(time.monotonic() + END)
            app.end()
            if timers:
                timers.end()
            server.drain(DRAIN)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    return ends
