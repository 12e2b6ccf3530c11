"""Stand-ins for `az` and `azd`: Azure and Entra, whose one app is `relay serve` on this machine."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.start.relay_here import environ, serving
from tests.start.walk_folder import KNOWN, WALK, fail, keep, options, say

# https://learn.microsoft.com/cli/azure/reference-index
AZ: Final = {
    "account show": {"--query", "--output"},
    "ad signed-in-user show": {"--query", "--output"},
    "ad app create": {"--display-name", "--sign-in-audience", "--web-redirect-uris", "--query", "--output"},
    "ad app credential reset": {"--id", "--query", "--output"},
    "ad app federated-credential create": {"--id", "--parameters", "--output"},
    "ad sp create": {"--id", "--output"},
    "bot create": {
        *("--resource-group", "--name", "--app-type", "--appid", "--tenant-id", "--endpoint", "--output"),
    },
    "bot msteams create": {"--resource-group", "--name", "--output"},
}
KEYS: Final = ("RELAY_TICKET_KEYS", "RELAY_RECEIPT_KEYS", "RELAY_API_KEYS")


def az(arguments: list[str]) -> None:
    """Answer as Azure and Entra do."""
    words = arguments[: next((number for number, word in enumerate(arguments) if word[0] == "-"), len(arguments))]
    command = " ".join(words)
    if command not in AZ:
        fail("no such command")
    given = options(arguments[len(words) :], AZ[command])
    if command == "ad app federated-credential create":
        made = json.loads(given["--parameters"])
        assert {"name", "issuer", "subject", "audiences"} == set(made), made
        assert (KNOWN["subject"], ["api://AzureADTokenExchange"]) == (made["subject"], made["audiences"])
        assert f"https://login.microsoftonline.com/{KNOWN['tenant']}/v2.0" == made["issuer"]
    if command == "ad app create" and "--web-redirect-uris" in given:
        assert f"{KNOWN['origin']}/api/sign-in/callback" == given["--web-redirect-uris"]
    if command == "bot create":
        assert f"{KNOWN['origin']}/api/interactions/teams" == given["--endpoint"]
        assert ("SingleTenant", KNOWN["tenant"]) == (given["--app-type"], given["--tenant-id"])
    said = {
        "account show": ("tenantId", KNOWN["tenant"]),
        "ad signed-in-user show": ("id", KNOWN["person"]),
        "ad app create": ("appId", KNOWN["app"]),
        "ad app credential reset": ("password", KNOWN["secret"]),
    }.get(command, ("", ""))
    assert (said[0], "tsv" if said[0] else "none") == (given.get("--query", ""), given["--output"]), arguments
    if said[0]:
        say(said[1])


def azd(arguments: list[str]) -> None:
    """Keep values, provision and deploy as azd does; the app is `relay serve` on this machine."""
    match arguments:
        case ["env", "new", _]:
            keep("azd", {"AZURE_ENV_NAME": "approvals"})
        case ["env", "set", "--file", path]:
            lines = Path(path).read_text("utf-8").splitlines()
            keep("azd", {name: value.strip('"') for name, _, value in (line.partition("=") for line in lines)})
        case ["env", "set", name, value]:
            keep("azd", {name: value})
        case ["env", "get-value", name]:
            say(keep("azd", {})[name])
        case ["up"] | ["provision"]:
            provision()
            deploy()
        case ["deploy"]:
            deploy()
        case _:
            fail("no such command")


def provision() -> None:
    """Run the hooks of azure.yaml, and fill the vault between them."""
    hook("make")
    values = keep("azd", {})
    vault = keep("vault", {})
    secret = {name: value for name, value in values.items() if name.endswith(("TOKEN", "PASSWORD", "SECRET")) and value}
    made = {name: values[name] for name in KEYS if values.get(name) and name not in vault}
    keep("vault", secret | made)
    outputs = {"RELAY_KEYS_KEPT": "in the vault", "RELAY_URL": KNOWN["origin"], "SIGN_IN_SUBJECT": KNOWN["subject"]}
    keep("azd", {**outputs, "AZURE_RESOURCE_GROUP": "rg-approvals"})
    hook("forget")


def hook(name: str) -> None:
    command = [sys.executable, "infra/hooks/keys.py", name]
    subprocess.run(command, env=dict(os.environ) | keep("azd", {}), check=True, timeout=60)


def deploy() -> None:
    """Start the app anew, with the settings that the template gives it."""
    values = {name: value for name, value in keep("azd", {}).items() if name.startswith("RELAY_") and value}
    settings = {
        **{name: value for name, value in values.items() if name not in {"RELAY_URL", "RELAY_KEYS_KEPT"}},
        **keep("vault", {}),
        "RELAY_PUBLIC_URL": KNOWN["origin"],
        "RELAY_ENTRA_TENANTS": KNOWN["tenant"],
        "RELAY_POLICY": str(Path("policy.toml").resolve()),
        "RELAY_STORE": f"sqlite:///{WALK}/azure.db",
    }
    if "RELAY_ENTRA_SIGN_IN_CLIENT_ID" in values:  # in the place of the app's identity
        settings |= {"RELAY_SIGN_IN": "entra", "RELAY_ENTRA_SIGN_IN_CLIENT_SECRET": KNOWN["secret"]}
    pid = WALK / "pid"
    if pid.exists():
        os.kill(int(pid.read_text("ascii")), 15)
    with (WALK / "azure.log").open("a") as log:
        started = subprocess.Popen(
            serving(), env=environ() | settings, cwd=WALK, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    pid.write_text(str(started.pid), "ascii")
