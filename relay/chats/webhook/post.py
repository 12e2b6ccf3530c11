"""Posting an event to a receiver, signed as Standard Webhooks, and the meaning of its answer.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import hmac
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from relay.chats.contract.outgoing import OutgoingNotice, Posted
from relay.chats.webhook.event import body_of, event_id
from relay.model.debts import Delivered, Outcome, Refused, RetryAfter
from relay.net import client as http_client
from relay.net.call import CallError, HttpResponse, UnreachedError
from relay.net.retry_after import retry_after

CONTENT_TYPE: Final = "application/cloudevents+json"
LEAST_TIME: Final = 0.1  # seconds
MAX_ANSWER: Final = 64 * 1024  # bytes
_LATER: Final = frozenset({408, 429})
_REDIRECT: Final = range(300, 400)
_GONE: Final = 410


@dataclass(frozen=True, slots=True, repr=False)
class Receiver:
    """A receiver: the keys that sign for it, and its address. It has no repr, since it holds secrets."""

    keys: tuple[bytes, ...]
    url: str


@dataclass(frozen=True, slots=True)
class Hooks:
    """The receivers by the names of their channels; `clock` returns Unix seconds, `cure` is for a missing one."""

    receivers: Mapping[str, Receiver]
    client: Callable[[], http_client.Client]
    clock: Callable[[], float]
    public_url: str
    cure: str

    def tell(self, outgoing: OutgoingNotice, *, deadline: float) -> tuple[Posted | None, Outcome]:
        """Post an event, once. A receiver knows one that it got before by its id."""
        receiver, now = self.receivers.get(outgoing.channel.name), self.clock()
        if receiver is None:
            return None, Refused(f"RELAY_HOOKS has no entry of the name {outgoing.channel.name}", self.cure)
        if deadline - now < LEAST_TIME:
            return None, RetryAfter("no time was left to ask it", tried=False)
        content = body_of(outgoing, self.public_url)
        try:
            answer = http_client.ask(
                self.client(),
                "POST",
                receiver.url,
                headers=headers_of(event_id(outgoing), int(now), content, receiver.keys),
                content=content,
                deadline=deadline,
                clock=self.clock,
                max_body=MAX_ANSWER,
            )
        except UnreachedError as error:
            return None, RetryAfter(f"the receiver {error.phrase}")
        except CallError:
            return None, RetryAfter("the receiver did not answer in time")
        return None, outcome_of(answer, self.clock())


def headers_of(identifier: str, timestamp: int, body: bytes, keys: Sequence[bytes]) -> dict[str, str]:
    """Return the headers of an event, with one signature for each key."""
    signed = b"%s.%d.%s" % (identifier.encode(), timestamp, body)
    signatures = (b64encode(hmac.digest(key, signed, "sha256")).decode() for key in keys)
    return {
        "Content-Type": CONTENT_TYPE,
        "webhook-id": identifier,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def outcome_of(answer: HttpResponse, now: float) -> Outcome:
    """Return the outcome of a receiver's answer, by its status alone."""
    status = answer.status
    if 200 <= status < 300:  # noqa: PLR2004 - 2xx
        return Delivered()
    if status in _LATER or status >= 500:  # noqa: PLR2004 - 5xx
        return RetryAfter(f"the receiver answers {status}", retry_after(answer.headers, now), answered=True)
    phrase = f"the receiver answers {status}"
    if status in _REDIRECT:
        return Refused(phrase, "redirects are not followed: put the receiver's last address into RELAY_HOOKS, replay")
    if status == _GONE:
        return Refused(phrase, "the receiver wants no more events: take the channel out of [[notify]], or replay")
    return Refused(phrase, "look at the receiver: it checks the key in RELAY_HOOKS and the body as it came; replay")
