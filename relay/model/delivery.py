"""A delivery of a chat, what is read in it, and the reply."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from relay.model.people import Act, Actor
from relay.model.values import Json


@dataclass(frozen=True, slots=True)
class Delivery:
    """A request as it arrived, unread: header names in lower case, the body as bytes."""

    channel: str
    headers: Mapping[str, str]
    body: bytes
    arrived_at: float


class Verified(NamedTuple):
    """A delivery with a checked proof of its platform, and the person that it proves."""

    delivery: Delivery
    actor: Actor


@dataclass(frozen=True, slots=True)
class Interaction:
    """A proven person's click. The ticket is still unopened.

    `pressed` is the place and the id of the message with the button, in a chat that says them.
    """

    ticket: str
    verdict: Act
    comment: str
    actor: Actor
    pressed: tuple[str, str] | None = None


class Refresh(NamedTuple):
    """A proven person's look at a case, such as a card's refresh. It carries no verdict."""

    ticket: str
    actor: Actor


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation where the relay may post: its chat's `kind`, its `id` there, and the `address` of the chat's API.

    `tenant` owns the chat. `name` is for display only.
    """

    kind: str
    id: str
    address: str
    tenant: str
    name: str


class Aside(NamedTuple):
    """A message that an HTTP answer cannot bring. It is sent once to a `thread` of the chat, and never owed."""

    thread: str
    message: Json


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer: status, headers with their case, body; and asides, where the chat shows more than that.

    `cookies` are values of Set-Cookie, for an answer that sets more than one.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    asides: tuple[Aside, ...] = ()
    cookies: tuple[str, ...] = ()


class ChatSignal(NamedTuple):
    """A verified delivery that needs no judging: its answer, and the conversation of the chat that it names."""

    reply: Reply
    place: Conversation | None = None
