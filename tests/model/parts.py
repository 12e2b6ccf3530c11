"""Parts of the relay, each made for the actor that works with it: on its store, and with its nonces."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from relay.api.proofs import Proofs
from relay.api.register import Registration
from relay.api.status import RequestStatus
from relay.chats.contract.outgoing import Posting
from relay.chats.conversations import Conversations
from relay.chats.notices import Notices
from relay.chats.posting import Cards
from relay.commands.road import Commands
from relay.identity.key_sets import KeySets
from relay.model.request import ApiKey
from relay.net.client import make_client
from relay.outbox.new_case import NewCases
from relay.outbox.operator import Outbox
from relay.outbox.pay import Payer
from relay.outbox.supersede import Supersession
from relay.outbox.timer import TimerRun
from relay.press import Presses
from relay.signed.receipt_keys import parse_key
from tests.model.actors import Actor
from tests.model.chat import Drawing, Messages
from tests.model.rules import POLICY
from tests.support import road
from tests.support.chaos.port import Dispatches
from tests.support.memory_store import MemoryStore

API_KEYS: Final = (ApiKey("ci", road.API_KEY, "octo/*"),)
KEEP: Final = 7 * 86_400.0
RECEIPT_KEY: Final = parse_key(road.RECEIPT_KEY)


@dataclass(frozen=True)
class Parts:
    """The real parts over stores in memory. Several stores stand for several processes."""

    stores: Sequence[MemoryStore]
    dispatches: Dispatches
    chat: Messages
    clock: Callable[[], float]
    pause: Callable[[float], None]

    def outbox(self, actor: Actor) -> Outbox:
        return Outbox(self.store(actor), self.clock, actor.nonce)

    def store(self, actor: Actor) -> MemoryStore:
        return self.stores[actor.number % len(self.stores)]

    def payer(self, actor: Actor) -> Payer:
        return Payer(
            store=self.store(actor),
            dispatches=self.dispatches,
            cards=self.cards(),
            notices=lambda: Notices({}, self.cards().places, POLICY, road.ORIGIN),
            policy=POLICY,
            receipt_key=RECEIPT_KEY,
            issuer=road.ORIGIN,
            clock=self.clock,
            jitter=lambda: 0.5,
            nonce=actor.nonce,
            pause=self.pause,
        )

    def cards(self) -> Cards:
        return Cards(
            chats={"teams": Posting(Drawing(), self.chat)},
            policy=POLICY,
            ticket_keys=[road.MASTER],
            public_url=road.ORIGIN,
            clock=self.clock,
        )

    def supersession(self, actor: Actor) -> Supersession:
        return Supersession(self.store(actor), POLICY, self.clock, actor.nonce)

    def presses(self, actor: Actor) -> Presses:
        return Presses(
            store=self.store(actor),
            key_sets=KeySets(make_client, self.clock),
            payer=self.payer(actor),
            supersession=self.supersession(actor),
            conversations=Conversations(self.store(actor), self.clock),
            cards=self.cards(),
            policy=POLICY,
            ticket_keys=[road.MASTER],
            public_url=road.ORIGIN,
            clock=self.clock,
            commands=lambda: self.commands(actor),
        )

    def commands(self, actor: Actor) -> Commands:
        cases = self.new_cases(actor)
        return Commands(self.store(actor), cases, POLICY, road.ORIGIN, self.clock, actor.nonce)

    def registration(self, actor: Actor) -> Registration:
        return Registration(
            store=self.store(actor),
            new_cases=self.new_cases(actor),
            supersession=self.supersession(actor),
            policy=POLICY,
            proofs=self.proofs(),
            ticket_keys=[road.MASTER],
            public_url=road.ORIGIN,
            github_url="https://github.com",
            clock=self.clock,
            nonce=actor.nonce,
        )

    def new_cases(self, actor: Actor) -> NewCases:
        store, supersession = self.store(actor), self.supersession(actor)
        return NewCases(store, self.payer(actor), supersession, self.cards(), POLICY, self.clock)

    def proofs(self) -> Proofs:
        return Proofs(API_KEYS, (), KeySets(make_client, self.clock), self.clock)  # no issuer, so no keys are fetched

    def request_status(self, actor: Actor) -> RequestStatus:
        return RequestStatus(self.store(actor), self.payer(actor), POLICY, self.proofs(), self.clock)

    def timer(self, actor: Actor) -> TimerRun:
        return TimerRun(
            store=self.store(actor),
            payer=self.payer(actor),
            policy=POLICY,
            keep=KEEP,
            clock=self.clock,
            nonce=actor.nonce,
        )
