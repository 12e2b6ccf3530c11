"""A workspace of Slack: its conversations, the messages in them, and its health."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from relay.dev.simulator.slack_limits import Pace


@dataclass
class Channel:
    """A conversation. `app_is_in`: the app may post there; `person` is the one of a direct message."""

    id: str
    name: str
    app_is_in: bool = True
    archived: bool = False
    person: str = ""


@dataclass
class Message:
    """A message as it is now; `by_app` tells one of the bot token from one of a webhook.

    `thread` is the message that it replies to, by its `ts`.
    """

    channel: str
    ts: str
    text: str
    blocks: list[Any]
    by_app: bool = True
    edits: int = 0
    thread: str = ""


@dataclass
class Ephemeral:
    """Words that one person alone reads."""

    channel: str
    person: str
    text: str


@dataclass
class Workspace:
    """`url` is where it is reached; `clock` returns Unix seconds. `mode` is up, down, limited or lost.

    `lost`: a message is taken and its answer never comes. `next_errors` are codes that the Web API answers next.
    """

    url: str
    clock: Callable[[], float]
    token: str = "xoxb-made-up"  # noqa: S105 - of no app
    secret: str = "8f742231b10e8888abcd99yyyzzz85a5"  # noqa: S105 - Slack publishes it as its example
    channels: dict[str, Channel] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    ephemerals: list[Ephemeral] = field(default_factory=list)
    next_errors: list[str] = field(default_factory=list)
    mode: str = "up"
    limited_for: int = 60
    team: str = "T111"
    on_message: Callable[[Message], None] = lambda _message: None
    on_words: Callable[[Ephemeral, Message], None] = lambda _words, _message: None

    def __post_init__(self) -> None:
        self.pace = Pace(self.clock)
        self._count = 0

    def add_channel(self, identifier: str, name: str, *, app_is_in: bool = True, archived: bool = False) -> None:
        """Open a channel."""
        self.channels[identifier] = Channel(identifier, name, app_is_in=app_is_in, archived=archived)

    def add_person(self, identifier: str, name: str) -> str:
        """Let a person be written to; return the id of their conversation with the app."""
        direct = f"D{identifier[1:]}"
        self.channels[direct] = Channel(direct, name, person=identifier)
        return direct

    def shown(self, channel: str) -> Message:
        """Return the one message of a channel."""
        (message,) = (each for each in self.messages if each.channel == channel)
        return message

    def message(self, channel: str, ts: object) -> Message | None:
        """Return the message of a channel with this `ts`."""
        return next((each for each in self.messages if (each.channel, each.ts) == (channel, ts)), None)

    def post(self, channel: str, given: Mapping[str, Any], *, by_app: bool) -> Message:
        """Put a new message into a channel."""
        ts = f"{int(self.clock())}.{self.count():06}"
        blocks, thread = list(given.get("blocks") or []), str(given.get("thread_ts", ""))
        message = Message(channel, ts, str(given.get("text", "")), blocks, by_app, thread=thread)
        self.messages.append(message)
        self.on_message(message)
        return message

    def change(self, message: Message, given: Mapping[str, Any]) -> None:
        """Put other words and blocks into a message."""
        message.text, message.blocks = str(given.get("text", "")), list(given.get("blocks") or [])
        message.edits += 1
        self.on_message(message)

    def count(self) -> int:
        """Return a number that was not returned before."""
        self._count += 1
        return self._count
