"""What the simulator knows of the relay that it plays around."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from relay.approval.policy import Policy
from relay.model import Case


@dataclass(frozen=True, slots=True)
class Bot:
    """The relay's bot in Teams, as its settings are: the app, its secret, and the tenant that gives it tokens."""

    app_id: str
    password: str = field(repr=False)
    tenant: str


@dataclass(frozen=True, slots=True)
class Relay:
    """The relay as its settings are; `owed` and `replay` are of its payer, and raise Refusal and Outage.

    With `takes_hand_made_headers` who calls it may say by a header of their own who they are.
    """

    public_url: str
    policy: Policy
    policy_text: str
    audience: str
    caller: str
    bot: Bot
    github_token: str = field(repr=False)
    api_key: str = field(repr=False)
    owed: Callable[[], Sequence[tuple[Case, int]]]
    replay: Callable[[str], Case]
    takes_hand_made_headers: bool = False
