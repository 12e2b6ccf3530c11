"""The routes of an operator, as `relay outbox` and `relay messages` call them."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import click
from click.core import ParameterSource

from relay.cli import github_actions
from relay.cli.context import Context
from relay.cli.failures import Failure
from relay.cli.http import fetch
from relay.cli.local_settings import with_local_values
from relay.cli.relay_api import CALLEE, CURE, proof, read_object
from relay.cli.relay_options import api_key_option, relay_option

_NEEDS: Final = "is needed besides the key: the relay's public origin, or RELAY_URL"


@dataclass(frozen=True, slots=True)
class OperatorApi:
    """The API of a relay under an operator's key."""

    relay: str
    api_key: str
    context: Context

    def get(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return the JSON object at a path below /api. Raises Failure with the relay's reason."""
        asked = urlencode({name: value for name, value in (query or {}).items() if value})
        return self._call("GET", f"{path}?{asked}" if asked else path, None)

    def post(self, path: str, body: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Change something, and return the answer. Raises Failure with the relay's reason."""
        return self._call("POST", path, dict(body or {}))

    def _call(self, method: str, path: str, body: Mapping[str, str] | None) -> dict[str, Any]:
        headers = proof(self.relay, self.api_key, self.context) | {"Accept": "application/json"}
        url = f"{self.relay}/api/{path}"
        return read_object(fetch(method, url, self.context, callee=CALLEE, cure=CURE, headers=headers, body=body))


def operator_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the relay's address and its key to a command."""
    key = api_key_option("A key of the relay with the scope operator; better in the environment.")
    relay = relay_option("The relay's public origin, to ask it over HTTP.", required=False)
    return relay(key(command))


def api_of(ctx: click.Context, relay: str, api_key: str | None) -> OperatorApi | None:
    """Return the API if an address is given or a key is there, or None for the store itself. Raises UsageError."""
    named = ctx.get_parameter_source("relay") == ParameterSource.COMMANDLINE
    if not (named or api_key):
        return None
    if not relay:
        raise click.UsageError(f"--relay: {_NEEDS}")
    if not api_key:
        raise click.UsageError("--api-key: is needed besides --relay: a key with the scope operator, or RELAY_API_KEY")
    github_actions.mask(api_key)
    return OperatorApi(relay, api_key, ctx.obj)


def relay_of_this_folder() -> tuple[str, str]:
    """Return the origin of this folder's relay and an operator's key of it, each "" if it is missing.

    Raises Failure for an address that is none.
    """
    from relay.net.addresses import origin  # noqa: PLC0415 - most calls name the relay
    from relay.settings.values import read_api_key  # noqa: PLC0415 - as above

    values = with_local_values(os.environ)
    public_url = values.get("RELAY_PUBLIC_URL", "").strip()
    try:
        relay = origin(public_url) if public_url else ""
    except ValueError as error:
        raise Failure(f"RELAY_PUBLIC_URL {error}") from None
    for entry in values.get("RELAY_API_KEYS", "").split(","):
        with suppress(ValueError):
            key = read_api_key(entry.strip())
            if key.scope == "operator":
                return relay, key.key
    return relay, ""
