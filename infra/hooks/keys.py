"""Makes the relay's keys before the first provisioning, and forgets all secrets after it: the vault has them.

`python3 infra/hooks/keys.py make|forget`, called by azd with the values of its environment as variables. It needs
nothing but Python 3.9 and azd. azd keeps values in a plain file, `.azure/NAME/.env`; after `forget` no secret is there.
"""

import base64
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

KEPT = "RELAY_KEYS_KEPT"
MADE = ("RELAY_TICKET_KEYS", "RELAY_RECEIPT_KEYS", "RELAY_API_KEYS")
FORGOTTEN = (
    *MADE,
    "RELAY_GITHUB_TOKEN",
    "RELAY_GITHUB_APP_PRIVATE_KEY",
    "RELAY_TEAMS_APP_PASSWORD",
    "RELAY_GITHUB_SIGN_IN_CLIENT_SECRET",
    "RELAY_SLACK_SIGNING_SECRET",
    "RELAY_SLACK_BOT_TOKEN",
    "RELAY_TEAMS_WEBHOOK_KEYS",
    "RELAY_HOOKS",
    "RELAY_GITHUB_WEBHOOK_SECRET",
)
# No other value tells whether the vault has these, so azd keeps their names: else a later provisioning, which is given
# no secret, would take away the setting that refers to the vault.
GIVEN = "RELAY_SECRETS_GIVEN"
NAMED = ("RELAY_TEAMS_WEBHOOK_KEYS", "RELAY_HOOKS", "RELAY_GITHUB_WEBHOOK_SECRET")
ED25519 = bytes.fromhex(
    "302e020100300506032b657004220420"
)  # PKCS#8, RFC 8410 section 7, before the 32 bytes of the key


def make() -> None:
    """Give azd a key of each kind that it has not, unless the vault has all of them, and names of given secrets."""
    values = {}
    if not os.environ.get(KEPT):
        values = {name: value for name, value in new_keys().items() if not os.environ.get(name)}
    before = os.environ.get(GIVEN, "").split()
    given = [name for name in NAMED if name in before or os.environ.get(name)]
    if given != before:
        values[GIVEN] = " ".join(given)
    keep(values)


def forget() -> None:
    """Empty every secret of azd that is set, and note that the vault has the keys."""
    forgotten = {name: "" for name in FORGOTTEN if os.environ.get(name)}
    keep({**forgotten, KEPT: "in the vault"})


def new_keys() -> dict[str, str]:
    """Return a key of each kind, in the forms of `relay keys new`."""
    return {
        "RELAY_TICKET_KEYS": f"k{secrets.token_hex(4)}:{base64url(secrets.token_bytes(32))}",
        "RELAY_RECEIPT_KEYS": base64.b64encode(ED25519 + secrets.token_bytes(32)).decode(),
        "RELAY_API_KEYS": f"operator:{base64url(secrets.token_bytes(32))}:operator",
    }


def base64url(raw: bytes) -> str:
    """Return bytes as base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def keep(values: dict[str, str]) -> None:
    """Let azd keep values. They go by a file: arguments can be seen by other processes."""
    if not values:
        return
    with tempfile.TemporaryDirectory() as folder:  # for this account alone
        file = Path(folder) / "values.env"
        file.write_text("".join(f'{name}="{value}"\n' for name, value in values.items()), "utf-8")
        subprocess.run(["azd", "env", "set", "--file", str(file)], check=True, stdout=subprocess.DEVNULL)  # noqa: S603, S607 - azd is on the PATH


if __name__ == "__main__":
    {"make": make, "forget": forget}[sys.argv[1]]()
