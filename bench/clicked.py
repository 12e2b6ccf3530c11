"""A click on the relay taken apart: each piece as the road calls it, with fresh tokens and fresh requests."""

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import cycle
from typing import Final, TypeVar, cast

from bench import tenant
from bench.run import Run
from bench.tenant import Click
from relay.app import build, read_all
from relay.approval import judge
from relay.model.answer import Answer
from relay.model.case import Case
from relay.model.debts import Delivered, Outcome
from relay.model.delivery import Delivery, Interaction
from relay.model.request import ApprovalRequest
from relay.model.values import Json
from relay.signed import dispatch_payload, tickets
from relay.signed.request import read_form
from relay.store import codec

COMMITS: Final = 4_000  # more than are measured; each request is decided once
PRESSES: Final = 1_000  # the same
FAR: Final = 60.0  # seconds
T = TypeVar("T")


class Clicked:
    """The pieces of a click, each of which can be called many times."""

    def __init__(self, run: Run) -> None:
        relay = build(*read_all(tenant.environ(run.outside, run.folder / "pieces.db")))
        self._relay, self._presses, self._channel = relay, relay.presses, relay.channels["messagecard"]
        clicks = [tenant.relay_click(run.tenant.token(run.outside)) for _ in range(200)]
        self._deliveries = turning([_delivery(click) for click in clicks])
        needed = self._channel.keys_needed(next(self._deliveries))
        if needed is None:
            raise ValueError("the chat needs no key")
        self._keys = self._presses.key_sets.keys(*needed, timeout=FAR)
        self._whole = iter([_delivery(tenant.relay_click(run.tenant.token(run.outside))) for _ in range(PRESSES)])
        self._in_slack = iter([_delivery(tenant.slack_click(), "slack") for _ in range(PRESSES)])
        self._interactions = turning([self._read(_delivery(click)) for click in clicks])
        self._pending = Case(self.ticket(), "offline")
        self._decided = self._judged(self._pending)
        self._payload = self.receipt()
        self._fresh = [
            read_form(tenant.FORM, issued_at=0, nonce=os.urandom(12).hex(), lifetime=1) for _ in range(COMMITS)
        ]

    def token(self) -> None:
        """Verify the token of the person."""
        delivery = next(self._deliveries)
        self._channel.keys_needed(delivery)
        self._channel.verify(delivery, self._keys, time.time())

    def ticket(self) -> ApprovalRequest:
        """Open the ticket: a whole request, whose id is its digest."""
        text, now = next(self._interactions).ticket, time.time()
        opened = tickets.open_ticket(text, self._presses.ticket_keys, tenant.ORIGIN, now=now, born_at=0)
        if opened.request is None:
            raise ValueError("the ticket is not self-contained")
        return opened.request

    def policy(self) -> None:
        """Judge the review by the policy."""
        self._judged(self._pending)

    def encode(self) -> None:
        """Make the bytes that are stored."""
        codec.encode(self._decided)

    def commit(self) -> None:
        """Commit the decision and its debts."""
        case = replace(self._decided, request=self._fresh.pop())
        before = Case(case.request, "offline")
        if not self._relay.payer.commit(before, case, deadline=time.time() + FAR):
            raise ValueError("not committed")

    def dispatch(self) -> None:
        """Send the dispatch to GitHub."""
        payer = self._relay.payer
        outcome: Outcome = payer.dispatches.send(
            tenant.REPOSITORY, tenant.EVENT, self._payload, deadline=time.time() + FAR
        )
        if not isinstance(outcome, Delivered):
            raise ValueError("not delivered")

    def receipt(self) -> Json:
        """Make the payload of the dispatch, with a signed receipt."""
        case = self._decided
        key, now = self._relay.payer.receipt_key, time.time()
        return dispatch_payload.dispatch_payload(
            case, case.debts[0], key, issuer=tenant.ORIGIN, policy_sha256=self._relay.policy.sha256, now=now
        )

    def card(self) -> None:
        """Draw the decided card into the answer."""
        self._channel.reply(
            Answer("released", "Approved. GitHub has taken it.", self._decided, "approved"), next(self._deliveries)
        )

    def press(self) -> None:
        """Take a whole press on a MessageCard, from bytes to answer."""
        self._released(next(self._whole))

    def press_in_slack(self) -> None:
        """Take a whole press in Slack, from bytes to answer."""
        self._released(next(self._in_slack))

    def payload(self) -> Json:
        """Return the payload of this click's dispatch."""
        return self._payload

    def decided(self) -> Case:
        """Return the case as decided."""
        return self._decided

    def close(self) -> None:
        """Close the store and the connections."""
        self._relay.close()

    def _released(self, delivery: Delivery) -> None:
        delivery = replace(delivery, arrived_at=time.time())
        reply = self._presses.answer(self._relay.channels[delivery.channel], delivery)
        if reply.headers["Relay-Outcome"] != "released":
            raise ValueError(f"not released: {reply.headers}")

    def _read(self, delivery: Delivery) -> Interaction:
        wanted = self._channel.read(self._channel.verify(delivery, self._keys, time.time()))
        return cast("Interaction", wanted)

    def _judged(self, case: Case) -> Case:
        return judge.take(case, next(self._interactions), self._relay.policy, now=time.time()).case


def turning(values: Sequence[T]) -> Iterator[T]:
    """Return the values again and again: more of them than anything in the relay remembers."""
    return cycle(values)


def _delivery(click: Click, chat: str = "messagecard") -> Delivery:
    return Delivery(chat, click.headers, click.body, time.time())
