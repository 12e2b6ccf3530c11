"""Commands that a chat brings to the relay."""

from collections.abc import Callable
from dataclasses import dataclass

from relay.model.delivery import Conversation, Reply
from relay.model.people import Actor


@dataclass(frozen=True, slots=True)
class CommandAnswer:
    """The answer to a command: its outcome, lines of plain text, and the address of the review page or nothing."""

    code: str
    lines: tuple[str, ...]
    url: str = ""


@dataclass(frozen=True, slots=True)
class TypedCommand:
    """A proven person's command: its text without the chat's own escapes, and where it was said.

    `delivery` is the same when the chat delivers it again. `reply` writes the answer in the form of the chat. One that
    `approves` may count as the person's own approval.
    """

    text: str
    actor: Actor
    conversation: Conversation | None
    delivery: str
    reply: Callable[[CommandAnswer], Reply]
    approves: bool = True
