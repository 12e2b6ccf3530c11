"""The settings of the relay that the simulator serves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from relay.approval.policy import Policy
from relay.dev.simulator.choosing import Client
from relay.model.case import Case


@dataclass(frozen=True, slots=True)
class Bot:
    """The relay's bot in Teams: its app, its secret, and the tenant that issues its tokens."""

    app_id: str
    password: str = field(repr=False)
    tenant: str


@dataclass(frozen=True, slots=True)
class SlackApp:
    """The relay's app in Slack: its bot token, and its signing secret."""

    token: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Relay:
    """The settings of the relay. `hooks` are the keys of its webhooks by the name of their channel.

    `owed` and `replay` belong to its outbox, and raise Refusal and Outage.
    """

    public_url: str
    policy: Policy
    policy_text: str
    audience: str
    caller: str
    bot: Bot
    sign_in: Client
    slack: SlackApp
    github_token: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    api_key: str = field(repr=False)
    hooks: Mapping[str, str] = field(repr=False)
    owed: Callable[[], Sequence[tuple[Case, int]]]
    replay: Callable[[str], Case]
    github_app_key: RSAPublicKey
    github_sign_in: Client | None = None  # where RELAY_SIGN_IN has github
