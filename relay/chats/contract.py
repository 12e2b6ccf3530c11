"""The contract of a chat: one folder beside this file, and one line in table.py.

A folder's chat.py holds `CHAT`, an instance of a subclass of `Chat`. It imports nothing of its folder at the top: a
press loads the chat.py of every chat, and of the other chats nothing else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, Protocol

from relay.model import (
    Answer,
    ApprovalRequest,
    ChatSignal,
    Delivery,
    Interaction,
    Json,
    Outcome,
    Proof,
    Refresh,
    Reply,
    Verified,
)

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    from relay.approval.policy import ChatChannel, Policy
    from relay.chats.conversations import Conversations
    from relay.chats.drawn import CardFormat, DrawnCard, Links
    from relay.chats.settings_reader import SettingsReader
    from relay.net.client import Client
    from relay.policy_toml.channels import Destination, Named
    from relay.policy_toml.toml_table import Table

MAX_BODY: Final = 1024 * 1024  # bytes


class Budget(NamedTuple):
    """Seconds from arrival: until when GitHub is waited for, and until when everything is answered.

    Of the latter `for_asides` are kept for what an HTTP answer cannot bring.
    """

    github_until: float
    all_until: float
    for_asides: float = 0.0


class Clicks(Protocol):
    """The presses of a chat. Every method is pure; `verify` is handed the keys that it may need."""

    @property
    def budget(self) -> Budget:
        """Return how long a press may take."""

    @property
    def max_body(self) -> int:
        """Return the largest body taken, in bytes."""

    def keys_needed(self, delivery: Delivery) -> tuple[str, str] | None:
        """Return address and id of the public key that may prove a delivery, or None if a shared secret proves it.

        Raises Refusal, never anything else.
        """

    def verify(self, delivery: Delivery, keys: "Mapping[str, RSAPublicKey]", now: float) -> Verified:
        """Prove a delivery and its person. Raises Refusal, never anything else."""

    def read(self, verified: Verified) -> Interaction | Refresh | ChatSignal:
        """Read a press, a wish to see the case, or an event that needs no judging. Raises Refusal."""

    def reply(self, answer: Answer, delivery: Delivery) -> Reply:
        """Answer with the outcome of a press, or with the state of the case, in the form of the pressed card."""

    def refuse(self, code: str, check: str = "", delivery: Delivery | None = None, /) -> Reply:
        """Answer a press that was not taken; `check` names the failed check, for the chat alone."""


class Drawing(Protocol):
    """The cards of a chat that the relay posts itself."""

    def draw(self, answer: Answer, channel: "ChatChannel") -> Json:
        """Return the whole message that shows a case, as the chat's API takes it."""

    def fits(self, request: ApprovalRequest, proof: Proof, channel: "ChatChannel") -> str:
        """Return why the chat cannot show a request's card, or an empty text if it can."""


class Posted(NamedTuple):
    """A message where the chat put it: a person's id may stand for a conversation that only the chat knows."""

    place: str
    message: str


class Sending(Protocol):
    """The API of a chat that takes messages, and lets the relay change its own."""

    def post(self, place: str, message: Json, *, deadline: float) -> tuple[Posted | None, Outcome]:
        """Post a message, once. Return where it is, or None unless it was delivered. Raises Outage."""

    def update(self, place: str, message_id: str, message: Json, *, deadline: float) -> Outcome:
        """Put a message in the place of one posted before. Raises Outage."""

    def say(self, thread: str, message: Json, *, deadline: float) -> Outcome:
        """Send an aside, once. Raises Outage."""


def own_place(channel: "ChatChannel") -> tuple[str, ...]:
    """Return the one place of a channel: the channel's own, which is read when the card is posted."""
    del channel
    return ("",)


class Posting(NamedTuple):
    """A chat where the relay posts: its cards, and its API. `places` are those of a channel, a card in each."""

    cards: Drawing
    api: Sending
    places: "Callable[[ChatChannel], tuple[str, ...]]" = own_place


@dataclass(frozen=True, slots=True)
class Entra:
    """Microsoft Entra, as several chats know it: tenants are lower-case GUIDs."""

    tenants: tuple[str, ...]
    authority: str
    v1_issuer: str


@dataclass(frozen=True, slots=True, repr=False)
class Setup:
    """The parts that a chat is made of. `own` is the result of its `read_settings`; `clock` returns Unix seconds.

    `redraws` draw a case anew in another chat's form of card, by the name of the form. It has no repr, since it holds
    secrets.
    """

    own: Any
    public_url: str
    entra: Entra
    policy: "Policy"
    conversations: "Conversations"
    client: "Callable[[], Client]"
    clock: Callable[[], float]
    redraws: Mapping[str, Callable[..., dict[str, object]]]


class Chat:
    """One chat. The defaults are those of a chat that takes no presses, posts nothing and has no cards of its own."""

    name: ClassVar[str]
    takes_presses: ClassVar[bool] = False
    posts: ClassVar[bool] = False
    cure: ClassVar[str] = ""  # the operator's next step where a chat that posts is not configured
    platform: ClassVar[str] = ""  # the words of `relay lint` for it, empty where it has no limits of its own
    takes_html: ClassVar[bool] = False  # `relay lint` reads a mail for it
    card_format: ClassVar[str] = ""  # its name in `relay card --format`
    webhook_hosts: ClassVar[tuple[str, ...]] = ()  # where an asker's webhook takes this card without being asked for it
    pressed_format: ClassVar[str] = ""  # the header Relay-Card of its buttons, where another chat takes its presses

    def read_settings(self, read: "SettingsReader") -> object:  # noqa: ARG002 - a chat without settings
        """Read the chat's own settings; `read` keeps the problems."""
        return None

    def proves(self, own: Any) -> tuple[str, ...]:  # noqa: ARG002 - a chat that takes no presses
        """Return the identities that presses prove under the chat's own settings: `entra`, `slack`."""
        return ()

    def read_channel(self, table: "Table", people: "Named") -> "Destination":
        """Read the rest of a channel of this kind; `people` reads a list of names. The table keeps the problems."""
        raise NotImplementedError

    def refuse(self, code: str) -> Reply:
        """Answer a press where the relay cannot start."""
        raise NotImplementedError

    def own_teams(self, own: Any) -> tuple[str, ...]:  # noqa: ARG002 - a chat whose people Microsoft Entra knows
        """Return the teams in which the chat itself proves people, without Microsoft Entra."""
        return ()

    def clicks(self, setup: Setup) -> Clicks:
        """Return the reader of presses."""
        raise NotImplementedError

    def posting(self, setup: Setup) -> Posting | None:  # noqa: ARG002 - a chat that posts nothing
        """Return the poster, or None if the operator has not configured it."""
        return None

    def redraw(self, *given: Any, **named: Any) -> dict[str, object]:
        """Draw a case anew, for the chat that takes the presses of these cards."""
        raise NotImplementedError

    def fits(self, request: ApprovalRequest, proof: Proof) -> str:  # noqa: ARG002 - a chat without limits
        """Return why a card that the asker posts cannot show a request, or an empty text if it can."""
        return ""

    def recognizes(self, found: Mapping[str, object]) -> bool:  # noqa: ARG002 - a chat without cards
        """Tell whether a JSON object may be meant for this chat."""
        return False

    def breaches(self, found: object) -> tuple[str, ...]:
        """Return each limit that a card breaks, with its place and the cure."""
        raise NotImplementedError

    def lint_html(self, html: str) -> tuple[str, ...]:
        """Return each problem of a mail that holds a card."""
        raise NotImplementedError

    def webhook_outcome(self, status: int, body: bytes) -> Outcome | None:  # noqa: ARG002 - most webhooks say it by status
        """Return the meaning of a webhook's answer to a card, or None if its status says it."""
        return None

    def draw_for_asker(self, request: ApprovalRequest, links: "Links", wanted: "CardFormat") -> "DrawnCard":
        """Draw a request in the chat's `card_format`, for an asker who posts or mails it."""
        raise NotImplementedError
