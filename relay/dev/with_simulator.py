"""The simulator of `relay dev`, and the settings that make the relay use it."""

import os
import secrets
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from relay import app
from relay.approval.policy import Policy
from relay.chats.messagecard.chat import ACTIONS_APP
from relay.cli.context import Outbox
from relay.cli.failures import Failure
from relay.cli.local_settings import fill
from relay.dev import settings, simulator
from relay.dev.simulator import github_sign_in, hooks, slack_look
from relay.dev.simulator.app import GITHUB, Simulator
from relay.dev.simulator.bot_framework import METADATA
from relay.dev.simulator.chats import ENTRA
from relay.dev.simulator.choosing import Client
from relay.dev.simulator.environments import CLIENT_ID
from relay.dev.simulator.people import TEAM, people_of
from relay.dev.simulator.relay_settings import Bot, Relay, SlackApp
from relay.errors import Outage
from relay.github.app_key import read_private_key
from relay.pages.addresses import CALLBACK
from relay.settings import ENTRA as ENTRA_SIGN_IN
from relay.settings import GITHUB as GITHUB_SIGN_IN
from relay.settings import SQLITE, SettingsError, is_policy_text

AUDIENCE: Final = "api://relay-simulator"
BOT: Final = "6f1d0c5e-2b8a-4c37-9e64-d05b7a13c2f8"
SIGN_IN: Final = "a4e1b7d2-5c38-4f60-8b9d-2e7c1f0a6d53"
_POLICY: Final = "policy.toml"


def make(origin: str) -> tuple[Simulator, str]:
    """Fill in the settings that make the relay use the simulator. Return the simulator and the address of its page."""
    setting, text, policy = _read_policy(os.environ)
    fill(_defaults(origin, policy, setting, settings.SIMULATED))
    if _signs_in_at_github():
        fill(_github_defaults(origin))
    token = secrets.token_urlsafe(24)
    public_url = os.environ.get("RELAY_PUBLIC_URL", "").strip().rstrip("/") or origin
    relay = Relay(
        public_url=public_url,
        policy=policy,
        policy_text=text,
        audience=os.environ["RELAY_CARD_AUDIENCE"].partition(",")[0].strip(),
        caller=os.environ.get("RELAY_CARD_CALLER", "").partition(",")[0].strip() or ACTIONS_APP,
        bot=Bot(
            app_id=os.environ["RELAY_TEAMS_APP_ID"].strip().lower(),
            password=os.environ["RELAY_TEAMS_APP_PASSWORD"].strip(),
            tenant=os.environ["RELAY_TEAMS_TENANT_ID"].strip().lower(),
        ),
        sign_in=Client(
            client_id=os.environ["RELAY_ENTRA_SIGN_IN_CLIENT_ID"].strip().lower(),
            secret=os.environ["RELAY_ENTRA_SIGN_IN_CLIENT_SECRET"].strip(),
            redirect_uri=public_url + CALLBACK,
        ),
        slack=SlackApp(
            token=os.environ["RELAY_SLACK_BOT_TOKEN"].strip(),
            secret=os.environ["RELAY_SLACK_SIGNING_SECRET"].partition(",")[0].strip(),
        ),
        github_token=os.environ["RELAY_GITHUB_TOKEN"].strip(),
        webhook_secret=os.environ["RELAY_GITHUB_WEBHOOK_SECRET"].partition(",")[0].strip(),
        api_key=_api_key(os.environ["RELAY_API_KEYS"]),
        hooks=dict(entry.strip().split(":", 2)[:2] for entry in os.environ.get("RELAY_HOOKS", "").split(",") if entry),
        owed=lambda: _outbox().owed(),
        replay=lambda case_id: _outbox().replay(case_id),
        github_sign_in=_github_client(public_url) if _signs_in_at_github() else None,
        github_app_key=read_private_key(os.environ["RELAY_GITHUB_APP_PRIVATE_KEY"]).public_key(),
    )
    return Simulator(int(origin.rpartition(":")[2]), token=token, relay=relay), f"{origin}/#{token}"


def _signs_in_at_github() -> bool:
    return GITHUB_SIGN_IN in map(str.strip, os.environ.get("RELAY_SIGN_IN", "").split(","))


def _github_client(public_url: str) -> Client:
    return Client(
        client_id=os.environ["RELAY_GITHUB_SIGN_IN_CLIENT_ID"].strip(),
        secret=os.environ["RELAY_GITHUB_SIGN_IN_CLIENT_SECRET"].strip(),
        redirect_uri=public_url + CALLBACK,
    )


def _outbox() -> Outbox:
    """Return the outbox of the relay, built on first use. Raises Outage if the settings are wrong."""
    try:
        return app.relay().outbox()
    except SettingsError:
        # `relay dev` has shown each problem at its start
        raise Outage("the relay's settings are wrong", permanent=True) from None


def _defaults(origin: str, policy: Policy, policy_setting: str, folder: Path) -> dict[str, str]:
    """Return the settings that make the simulator the relay's chat, tenant and GitHub."""
    people = people_of(policy)
    return {
        "RELAY_POLICY": policy_setting,
        "RELAY_STORE": f"{SQLITE}{folder / 'relay.db'}",
        "RELAY_ENTRA_AUTHORITY": origin + ENTRA,
        "RELAY_ENTRA_V1_ISSUER": f"{origin}/simulator/sts/",
        "RELAY_ENTRA_TENANTS": ",".join(sorted({person.tenant for person in people})),
        "RELAY_CARD_AUDIENCE": AUDIENCE,
        "RELAY_TEAMS_APP_ID": BOT,
        "RELAY_TEAMS_APP_PASSWORD": secrets.token_urlsafe(24),
        "RELAY_TEAMS_TENANT_ID": people[0].tenant,
        "RELAY_TEAMS_OPENID_URL": origin + METADATA,
        "RELAY_SIGN_IN": ENTRA_SIGN_IN,
        "RELAY_ENTRA_SIGN_IN_CLIENT_ID": SIGN_IN,
        "RELAY_ENTRA_SIGN_IN_CLIENT_SECRET": secrets.token_urlsafe(24),
        "RELAY_SLACK_SIGNING_SECRET": secrets.token_hex(16),
        "RELAY_SLACK_BOT_TOKEN": f"xoxb-simulated-{secrets.token_hex(16)}",
        "RELAY_SLACK_TEAMS": ",".join(sorted({person.slack_team for person in people[:-1]} or {TEAM})),
        "RELAY_SLACK_API_URL": f"{origin}{slack_look.PATH}api",
        "RELAY_HOOKS": ",".join(
            f"{channel.name}:whsec_{b64encode(secrets.token_bytes(32)).decode()}:{origin}{hooks.PATH}{quote(channel.name)}"
            for channel in policy.channels.values()
            if channel.kind == "webhook"
        ),
        "RELAY_GITHUB_API_URL": origin + GITHUB,
        "RELAY_GITHUB_WEBHOOK_SECRET": secrets.token_hex(16),
        "RELAY_GITHUB_TOKEN": f"simulated-{secrets.token_urlsafe(16)}",
        "RELAY_GITHUB_APP_CLIENT_ID": CLIENT_ID,
        "RELAY_GITHUB_APP_PRIVATE_KEY": _app_key(),
        "RELAY_API_KEYS": f"simulator:{secrets.token_urlsafe(24)}:*",
    }


def _github_defaults(origin: str) -> dict[str, str]:
    """Return the settings that make the simulator the GitHub of the sign-in. Runs have their addresses there too."""
    return {
        "RELAY_GITHUB_URL": origin + github_sign_in.PATH.rstrip("/"),
        "RELAY_GITHUB_SIGN_IN_CLIENT_ID": "Iv23.simulated",
        "RELAY_GITHUB_SIGN_IN_CLIENT_SECRET": secrets.token_urlsafe(24),
    }


def _app_key() -> str:
    """Return a new private key for the simulator's GitHub App, in PEM."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _read_policy(environ: Mapping[str, str]) -> tuple[str, str, Policy]:
    """Return RELAY_POLICY, the text of the policy, and the policy. The default is the simulator's own policy."""
    setting = environ.get("RELAY_POLICY", "").strip()
    paths = (Path(app.__file__).parent.parent.parent / _POLICY, Path(_POLICY))
    if not setting:
        found = any(path.exists() for path in paths)
        setting = _POLICY if found else str(Path(simulator.__file__).parent / _POLICY)
    try:
        policy = app.read_policy(setting)
    except SettingsError as error:
        raise Failure(f"{error}. Mend the policy, or leave the simulator out with --no-simulator.") from None
    return setting, _policy_text(setting), policy


def _policy_text(setting: str) -> str:
    """Return the text of a policy, found as the relay finds it."""
    if is_policy_text(setting):
        return setting
    beside_app = Path(app.__file__).parent.parent.parent / setting
    return (beside_app if beside_app.exists() else Path(setting)).read_text("utf-8")


def _api_key(keys: str) -> str:
    """Return a key of RELAY_API_KEYS (name:key:scope) that may make requests."""
    entries = [entry.strip().split(":", 1)[-1].rpartition(":") for entry in keys.split(",") if entry.strip()]
    return next((key for key, _, scope in entries if scope != "operator"), "")
