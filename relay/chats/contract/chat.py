"""A chat: one folder in relay/chats/, and one line in table.py.

A folder's chat.py holds `CHAT`, whose class is derived from the abilities below: a chat can do what its class says. A
class that lacks a method of its abilities cannot be instantiated. The chat.py imports nothing of its folder at the
top: a press loads the chat.py of every chat, and of the other chats nothing else.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from relay.chats.contract.incoming import Clicks, Typed
from relay.model.debts import Outcome
from relay.model.delivery import Reply
from relay.model.request import ApprovalRequest, Proof

if TYPE_CHECKING:
    from relay.approval.policy import Policy
    from relay.chats.contract.outgoing import Posting, Telling
    from relay.chats.conversations import Conversations
    from relay.chats.drawn import CardFormat, DrawnCard, Links
    from relay.chats.settings_reader import SettingsReader
    from relay.model.findings import Finding, LeftOut
    from relay.net.client import Client
    from relay.policy_toml.channels import Destination, Named
    from relay.policy_toml.toml_table import Table


class Entra(NamedTuple):
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


class ChatCheck(NamedTuple):
    """A check of the doctor for one chat. `look` gets the chat's parts, and the time until which it may call.

    `needs` are checks whose failure makes it impossible, `settings` those that it uses.
    """

    name: str
    look: "Callable[[Setup, float], Iterable[Finding | LeftOut]]"
    needs: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()


class Chat(ABC):
    """A chat. Its class is derived from the abilities that it has."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Return the name of the chat's folder and of its line in the table."""

    def read_settings(self, read: "SettingsReader") -> object:  # noqa: ARG002 - a chat without settings
        """Read the chat's own settings; `read` keeps the problems."""
        return None

    def unset(self, own: Any, channels: Sequence[str]) -> Iterator[str]:  # noqa: ARG002 - a chat without such settings
        """Yield each setting that is missing beside the chat's others, or for the policy's channels of this kind."""
        yield from ()

    def checks(self) -> tuple[ChatCheck, ...]:
        """Return the checks of the doctor for this chat."""
        return ()


class TakesPresses(Chat):
    """The ability to take presses, at the chat's address under /api/interactions/."""

    @abstractmethod
    def proves(self, own: Any) -> tuple[str, ...]:
        """Return the identities that presses prove under the chat's own settings: `entra`, `slack`."""

    def own_teams(self, own: Any) -> tuple[str, ...]:  # noqa: ARG002 - a chat whose people Microsoft Entra knows
        """Return the teams in which the chat itself proves people, without Microsoft Entra."""
        return ()

    @abstractmethod
    def refuse(self, code: str) -> Reply:
        """Answer a press where the relay cannot start."""

    @abstractmethod
    def clicks(self, setup: Setup) -> Clicks:
        """Return the reader of presses."""


class TakesCommands(Chat):
    """The ability to take commands at an address of their own, under /api/commands/."""

    @abstractmethod
    def typed(self, setup: Setup) -> Typed:
        """Return the reader of commands."""


class HasChannels(Chat):
    """The ability to be the kind of a channel: the relay posts cards there, or notices of events, or both."""

    @property
    @abstractmethod
    def cure(self) -> str:
        """Return the operator's next step where the chat is not configured."""

    @abstractmethod
    def read_channel(self, table: "Table", people: "Named") -> "Destination":
        """Read the rest of a channel of this kind; `people` reads a list of names. The table keeps the problems."""

    def posting(self, setup: Setup) -> "Posting | None":  # noqa: ARG002 - a chat without cards
        """Return the poster of cards, or None if the operator has not configured it."""
        return None

    def telling(self, setup: Setup, posting: "Posting | None") -> "Telling | None":  # noqa: ARG002 - a chat without notices
        """Return the teller of notices, by the poster if there is one, or None if the operator has not set it up."""
        return None


class HasLimits(Chat):
    """The ability to say which limits of its platform a card breaks."""

    @property
    @abstractmethod
    def platform(self) -> str:
        """Return the words of `relay lint` for the platform."""

    @abstractmethod
    def recognizes(self, found: Mapping[str, object]) -> bool:
        """Tell whether a JSON object may be meant for this chat."""

    @abstractmethod
    def breaches(self, found: object) -> tuple[str, ...]:
        """Return each limit that a card breaks, with its place and the cure."""


class DrawsForAskers(HasLimits):
    """The ability to draw a card that the asker posts or mails."""

    webhook_hosts: ClassVar[tuple[str, ...]] = ()  # where an asker's webhook takes this card without being asked for it

    @property
    @abstractmethod
    def card_format(self) -> str:
        """Return the name of the card in `relay card --format`."""

    @abstractmethod
    def draw_for_asker(self, request: ApprovalRequest, links: "Links", wanted: "CardFormat") -> "DrawnCard":
        """Return the card of a request in `card_format`. The relay does not send it: a workflow posts or mails it."""

    def fits(self, request: ApprovalRequest, proof: Proof) -> str:  # noqa: ARG002 - a chat that is asked when it draws
        """Return why a card that the asker posts cannot show a request, or an empty text if it can."""
        return ""

    def webhook_fault(self, path: str, query: Mapping[str, object]) -> str:  # noqa: ARG002 - any address of its hosts is one
        """Return why an address of the chat's `webhook_hosts` is no webhook for cards, or an empty text."""
        return ""

    def webhook_outcome(self, status: int, body: bytes) -> Outcome | None:  # noqa: ARG002 - most webhooks say it by status
        """Return the meaning of a webhook's answer to a card, or None if its status says it."""
        return None


class ChecksMails(HasLimits):
    """The ability to check the HTML of a mail that holds a card."""

    @abstractmethod
    def lint_html(self, html: str, relay: str) -> tuple[str, ...]:
        """Return each problem of a mail that holds a card. `relay` is the relay's origin, or empty."""


class IsPressedElsewhere(Chat):
    """The ability to draw its cards anew where another chat takes their presses."""

    @property
    @abstractmethod
    def pressed_format(self) -> str:
        """Return the header Relay-Card that the buttons of its cards send."""

    @abstractmethod
    def redraw(self, *given: Any, **named: Any) -> dict[str, object]:
        """Draw a case anew, for the chat that takes the presses of these cards."""
