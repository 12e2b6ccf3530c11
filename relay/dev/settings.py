"""Settings that `relay dev` fills in if neither the environment nor local.settings.json has them."""

import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relay.cli.failures import Failure
from relay.net.addresses import is_loopback
from relay.settings import SQLITE, sqlite_path
from relay.signed import receipt_keys, tickets
from relay.signed.tickets import TicketKey

KEPT: Final = Path(".relay")
SIMULATED: Final = KEPT / "simulator"
_SERVICE_URLS: Final = (
    *("RELAY_PUBLIC_URL", "RELAY_GITHUB_API_URL", "RELAY_GITHUB_URL", "RELAY_TEAMS_OPENID_URL"),
    *("RELAY_ENTRA_AUTHORITY", "RELAY_ENTRA_V1_ISSUER"),
    "RELAY_SLACK_API_URL",
)
_APP: Final = ("RELAY_GITHUB_APP_CLIENT_ID", "RELAY_GITHUB_APP_PRIVATE_KEY")
_CURE: Final = "unset it to use the simulator, or leave the simulator out with --no-simulator"


def kept(path: Path, make: Callable[[], str]) -> str:
    """Return the secret stored at `path`, readable by its owner alone. It is made on the first use."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    with os.fdopen(file, "w") as opened:
        text = make()
        opened.write(text + "\n")
    return text


def own_defaults(origin: str, folder: Path) -> dict[str, str]:
    """Return the settings of every run: its address, and keys that are made once and stored in `folder`."""
    return {
        "RELAY_PUBLIC_URL": origin,
        "RELAY_TICKET_KEYS": kept(folder / "ticket-key", _ticket_key),
        "RELAY_RECEIPT_KEYS": kept(
            folder / "receipt-key", lambda: receipt_keys.format_key(Ed25519PrivateKey.generate())
        ),
    }


def real_service_setting(environ: Mapping[str, str], origin: str) -> str:
    """Return the first setting that names a real service, or an empty text if there is none."""
    # the simulator can mint identities, so it never runs beside a real service
    for name in _SERVICE_URLS:
        if not _is_loopback(environ.get(name, "").strip() or origin):
            return name
    hooks = (entry.strip().split(":", 2)[-1] for entry in environ.get("RELAY_HOOKS", "").split(",") if entry.strip())
    if not all(map(_is_loopback, hooks)):
        return "RELAY_HOOKS"
    return next((name for name in _APP if environ.get(name, "").strip()), "")


def check_store(store: str, *, simulated: bool, github: str) -> None:
    """Raise Failure if a store would serve both the simulator and the real GitHub.

    A file beside the store marks which one it serves. A GitHub on this machine counts as neither.
    """
    # a debt of one would be paid at the other
    if not simulated and _is_loopback(github):
        return
    if not store.startswith(SQLITE):
        if simulated:
            raise Failure(f"The simulator keeps its requests apart. RELAY_STORE is shared: {_CURE}.")
        return
    path = Path(sqlite_path(store))
    ours, theirs = (path.with_name(f"{path.name}.{mark}") for mark in _marks(simulated=simulated))
    if theirs.exists():
        contents = "requests for the real GitHub" if simulated else "the simulator's requests"
        raise Failure(
            f"RELAY_STORE holds {contents}, and one file never serves both: name another, "
            f"or delete it and {theirs.name} beside it."
        )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    ours.touch(mode=0o600)


def _marks(*, simulated: bool) -> tuple[str, str]:
    return ("simulated", "real") if simulated else ("real", "simulated")


def _is_loopback(url: str) -> bool:
    try:
        return is_loopback(urlsplit(url).hostname or "")
    except ValueError:
        return False


def _ticket_key() -> str:
    return tickets.format_key(TicketKey(f"dev{secrets.token_hex(3)}", secrets.token_bytes(32)))
