"""`relay dev`: the functions of this folder on loopback, beside a simulated chat, tenant and GitHub."""

import json
import logging
import os
import secrets
import signal
import sys
from contextlib import closing
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import click

from relay.app.environment import read_anyway
from relay.cli.command import Command
from relay.cli.failures import Failure
from relay.cli.local_settings import LOCAL, fill, local_values
from relay.dev import settings as dev_settings
from relay.health import tell_of_settings
from relay.journal.log import LinesForPeople
from relay.serve.function_timers import FunctionTimers
from relay.serve.functions_host import FunctionsHost, http_routes
from relay.settings import APP_SERVICE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from azure.functions.decorators.function_app import Function

    from relay.dev.simulator.app import Simulator
    from relay.serve.server import Server

_APP: Final = Path("function_app.py")
_HOST: Final = Path("host.json")


@click.command(cls=Command, short_help="Serve the functions on this machine, with a simulator.")
@click.option(
    "--port", default=7071, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
@click.option("--no-simulator", is_flag=True, help="Serve the functions alone, with the real Entra and GitHub.")
@click.option(
    "--enable-auth",
    is_flag=True,
    help="Ask for the function key of /api/actions/run, as the host on Azure does.",
)
@click.option("--routes", is_flag=True, help="List every route at the start.")
def dev(*, port: int, no_simulator: bool, enable_auth: bool, routes: bool) -> None:
    """Serve the functions of ./function_app.py on this machine, and a simulator to try them with.

    The simulator is a workflow that asks, a chat with its own webhook, and a tenant that proves identities. Its
    GitHub shows each dispatch, and can be made to fail. Settings come from the environment, then from Values of
    ./local.settings.json. Missing ones get a default for this machine; its keys are made once and stored under
    .relay/. The simulator is left out if a setting names a real service.
    """
    lines = logging.StreamHandler()
    lines.setFormatter(LinesForPeople())
    logging.basicConfig(handlers=[lines], level=logging.INFO)
    for name in ("azure", "httpx", "httpcore", "waitress"):
        logging.getLogger(name).setLevel(logging.ERROR)
    functions, prefix = _functions(), _prefix()
    with closing(_listen(port)) as server:
        origin = server.origin
        fill(local_values(LOCAL))
        _warn_of_trusted_headers()
        simulator, page = (None, "") if no_simulator or _has_real_service(origin) else _simulator(origin)
        _own_settings(origin, simulated=simulator is not None, guarded=enable_auth)
        key = (
            dev_settings.kept(dev_settings.KEPT / "function-key", lambda: secrets.token_urlsafe(32))
            if enable_auth
            else ""
        )
        host = FunctionsHost(functions, prefix=prefix, keys=(key,) if key else (), others=simulator)
        if routes:
            for each in http_routes(functions, prefix):
                click.echo(f"{','.join(sorted(each.methods))} {origin}/{'/'.join(each.segments)}")
        _announce(origin, key, page)
        _serve(server, host, FunctionTimers(functions), simulator)


def _serve(server: "Server", host: FunctionsHost, timers: FunctionTimers, simulator: "Simulator | None") -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    timers.start()
    server.run(host, ending=simulator.end if simulator else None)
    timers.stop()
    if simulator:
        simulator.close()


def _end(_number: int, _frame: "FrameType | None") -> NoReturn:
    raise SystemExit(0)


def _warn_of_trusted_headers() -> None:
    if APP_SERVICE in os.environ.get("RELAY_SIGN_IN", ""):
        click.echo(
            "RELAY_SIGN_IN has app-service: every caller of this relay can choose an identity by the header "
            "X-MS-CLIENT-PRINCIPAL, since no App Service removes it here. Unset it to sign in on the simulator's page."
        )


def _has_real_service(origin: str) -> bool:
    name = dev_settings.real_service_setting(os.environ, origin)
    if name:
        click.echo(
            f"The simulator is left out: it can mint identities and never runs beside a real service, and {name} names "
            "one. Unset it to have the simulator."
        )
    return bool(name)


def _simulator(origin: str) -> "tuple[Simulator, str]":
    from relay.dev import with_simulator  # noqa: PLC0415 - --no-simulator does not wait for it

    return with_simulator.make(origin)


def _own_settings(origin: str, *, simulated: bool, guarded: bool) -> None:
    folder = dev_settings.SIMULATED if simulated else dev_settings.KEPT
    fill(dev_settings.own_defaults(origin, folder))
    settings, policy, problems = read_anyway(os.environ)
    for name, problem in problems.items():  # GET /api/health shows it too, so the functions are served all the same
        click.echo(f"{name} {problem}", err=True)
    if not problems:
        tell_of_settings(settings, policy)
    if not simulated and not guarded and any(rule.plain for rule in policy.rules):
        click.echo(
            "POST /api/actions/run asks for no function key here, and the policy has a plain rule. Start with "
            "--enable-auth to have a key asked for."
        )
    dev_settings.check_store(settings.store, simulated=simulated, github=settings.github_api_url)


def _functions() -> "Sequence[Function]":
    """Import function_app.py of this folder as the host does, and return its functions."""
    if not _APP.exists():
        raise Failure("There is no function_app.py in this folder. Change to the folder of the function app.")
    from azure.functions import FunctionApp  # noqa: PLC0415 - only `relay dev` has the package

    sys.path.insert(0, str(Path.cwd()))
    spec = spec_from_file_location(_APP.stem, _APP.resolve())
    if spec is None or spec.loader is None:
        raise Failure("function_app.py cannot be imported.")
    module = sys.modules[_APP.stem] = module_from_spec(spec)
    spec.loader.exec_module(module)
    app = getattr(module, "app", None)
    if not isinstance(app, FunctionApp):
        raise Failure("function_app.py has no app = azure.functions.FunctionApp(...), so it has no functions.")
    return tuple(app.get_functions())


def _prefix() -> str:
    try:
        host = json.loads(_HOST.read_text("utf-8-sig")) if _HOST.exists() else {}
        return str(host.get("extensions", {}).get("http", {}).get("routePrefix", "api"))
    except (OSError, ValueError, AttributeError):
        raise Failure("host.json cannot be read: it must be a JSON object of objects.") from None


def _listen(port: int) -> "Server":
    from relay.serve.server import Server  # noqa: PLC0415 - `relay dev --help` needs no server

    try:
        return Server(port)
    except OSError as error:
        raise Failure(
            f"Port {port} cannot be used ({error.strerror}). Most often another program, or another relay dev, is "
            "using it: end that one, or choose another port with --port, such as --port 0 for any free one."
        ) from None


def _announce(origin: str, key: str, page: str) -> None:
    if key:
        click.echo(f"Function key (x-functions-key): {key}")
    click.echo(f"Open {page}" if page else f"Serving {origin}")
    click.echo("End with Ctrl+C. To see every route, start it with --routes.")
