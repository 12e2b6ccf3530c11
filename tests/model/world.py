"""Relay of its real parts over a store in memory. Its people, workflows and timers are actors."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from hypothesis import note

from relay.api.proofs import Proofs
from relay.api.register import Registration
from relay.api.status import RequestStatus
from relay.chats.contract import Posting
from relay.chats.conversations import Conversations
from relay.chats.posting import Cards
from relay.errors import Outage, Refusal
from relay.identity.key_sets import KeySets
from relay.model import Actor as Person
from relay.model import Answer, ApiKey, Delivery, Interaction, Reply
from relay.net.client import make_client
from relay.outbox.operator import Outbox
from relay.outbox.pay import Payer
from relay.outbox.supersede import Supersession
from relay.outbox.timer import TimerRun
from relay.press import Presses
from relay.signed.receipts import parse_key
from tests.model.actors import Actor, Crashed, Fate
from tests.model.chat import Chat, Drawing, Messages
from tests.model.rules import POLICY, POSTED
from tests.model.watch import Watch, Watched
from tests.support import entra_tokens, example_policy, road
from tests.support.chaos.github import Dispatches, GitHub
from tests.support.memory_store import MemoryStore, Tables

BEGIN: Final = 1_790_000_000.0
HOST_LIMIT: Final = 600.0  # seconds for which any work may last: host.json says less
PATIENCE: Final = 250  # pauses that fit into the longest budget
TICK: Final = 0.02  # seconds that an outside call takes
API_KEYS: Final = (ApiKey("ci", road.API_KEY, "octo/*"),)
KEEP: Final = 7 * 86_400.0


RECEIPT_KEY: Final = parse_key(road.RECEIPT_KEY)


class World:
    """Clock, tables, GitHub and all actors, checked by a watch.

    `cards` are the tickets that people can press.
    """

    def __init__(self) -> None:
        self.now = BEGIN
        self.actors: list[Actor] = []
        self.acting: Actor | None = None
        self.cards: list[str] = []
        self.asked = 0
        self.begun = 0
        self.broken = False
        self.tables = Tables(BEGIN - 86_400)
        self.github = GitHub(lambda _sender: self.now)
        self.watch = Watch(self.tables, self.github, self.clock, lambda: self.acting)
        self.dispatches = Dispatches(self.github, self.clock, self.step, self.watch.taken)
        self.stores: list[MemoryStore] = [Watched(self.tables, self.step, self.watch) for _ in range(2)]
        self.chat = Messages(self.clock, self.step)

    def clock(self) -> float:
        return self.now

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Stop before a step, then do it, or cut it off before or after."""
        fate = self._acting().stop(what)
        self.watch.stepped(what)
        if fate == "cut before":
            raise Outage("cut")
        yield
        if fate == "cut after":
            raise Outage("cut")

    def pause(self, seconds: float) -> None:
        actor, until = self._acting(), self.now + seconds
        actor.pauses += 1
        assert actor.pauses < PATIENCE or self.watch.is_bewildered(actor), "waits longer than its budget"
        if actor.pauses > PATIENCE:
            raise Crashed  # the host ends who waits for a time that went back
        actor.stop("pause")
        self.now = max(self.now, until)

    def let_go(self, actor: Actor, fate: Fate = "go") -> None:
        """Let an actor do one call and run until its next."""
        self.now += TICK
        self.acting = actor
        note(f"{self.now - BEGIN:10.2f} {actor.name}: {actor.at} {'' if fate == 'go' else fate}")
        try:
            actor.let_go(fate)
            self.watch.everything()
        except BaseException:
            self.broken = True
            raise
        finally:
            self.acting = None
            if not actor.at:
                self.actors.remove(actor)

    def wait(self, seconds: float) -> None:
        """Let time pass. The host ends each actor that takes too long."""
        self.now += seconds
        for actor in tuple(self.actors):
            actor.waited += seconds
            if actor.waited > HOST_LIMIT:
                self.let_go(actor, "crash")

    def end(self) -> None:
        """End every actor at once."""
        for actor in tuple(self.actors):
            self.acting = actor
            actor.let_go("crash")
        self.actors.clear()

    def act(self, kind: str, work: Callable[[Actor], object], noted: Callable[[Actor, Any], None]) -> Actor:
        """Begin a piece of work, up to its first outside call."""
        self.begun += 1
        actor = Actor(self.begun, kind, lambda actor: _unless_refused(actor, work, noted))
        self.acting = actor
        self.watch.began(actor)
        try:
            actor.start()
        except BaseException:
            self.broken = True
            raise
        finally:
            self.acting = None
        if actor.at:
            self.actors.append(actor)
        return actor

    def ask(self, environment: str, key: str) -> Actor:
        """Let a workflow register a request. The same `key` gives the same request."""
        form = {"repository": "octo/api", "environment": environment, "event_type": "deploy", "title": "Registered"}
        form |= {"reject_event_type": "undo"} if environment == "ordered" else {}
        channels = {"channels": ["ops"]} if environment in POSTED else {}
        key = key and f"{key} {environment}"
        headers = {"x-relay-key": road.API_KEY, "idempotency-key": key}
        delivery = Delivery("", headers, json.dumps(form | channels).encode(), self.now)

        def noted(actor: Actor, reply: Reply) -> None:
            said = json.loads(reply.body)
            if reply.status in {200, 201}:
                self.watch.acknowledged(actor, said["id"], key)
                self.cards.append(said["ticket"])

        return self.act("ask", lambda actor: self._intake(actor).register(delivery), noted)

    def ask_offline(self, environment: str, age: int) -> None:
        """Let a workflow make a request by itself, some seconds ago, and post its card."""
        self.asked += 1
        fields = {"reject_event_type": "undo"} if environment == "ordered" else {}
        request = road.offline(
            environment,
            event_type="deploy",
            title=f"Offline {self.asked}",
            issued_at=int(self.now) - age,
            nonce=f"{self.asked:022}",
            **fields,
        )
        self.cards.append(road.ticket(request))

    def click(self, card: str, person: str, *, approves: bool) -> Actor:
        """Let a person press a button."""
        presser = Person(f"entra:{entra_tokens.TENANT}/{example_policy.PEOPLE[person]}", person)
        chat = Chat(Interaction(card, "approve" if approves else "reject", "", presser))
        delivery = Delivery("chat", {}, b"", self.now)

        def noted(actor: Actor, _reply: Reply) -> None:
            if isinstance(chat.said, Answer):
                self.watch.answered(actor, chat.said, chat.interaction)
                if chat.said.ticket:
                    self.cards.append(chat.said.ticket)

        return self.act("click", lambda actor: self._presses(actor).answer(chat, delivery), noted)

    def cancel(self, case_id: str) -> Actor:
        """Let a workflow withdraw its request."""
        delivery = Delivery("", {"x-relay-key": road.API_KEY}, b"", self.now)

        def noted(_actor: Actor, reply: Reply) -> None:
            if reply.status == 200:
                self.watch.is_cancelled(case_id)

        return self.act("cancel", lambda actor: self._asked(actor).cancel(delivery, case_id), noted)

    def round(self) -> Actor:
        """Let the timer run."""
        return self.act("round", lambda actor: self._round(actor).run(), lambda _actor, _tried: None)

    def operate(self, work: str, case_id: str) -> Actor:
        """Let the operator look at what is owed, or replay or drop what a case owes."""

        def run(actor: Actor) -> object:
            outbox = Outbox(self._store(actor), self.clock, actor.nonce)
            if work == "look":
                return outbox.owed()
            if work == "drop":
                return outbox.drop(case_id)
            return outbox.replay(case_id, anyway=work == "replay anyway")

        return self.act(f"operator {work}", run, lambda _actor, _case: None)

    def _acting(self) -> Actor:
        assert self.acting is not None
        return self.acting

    def _store(self, actor: Actor) -> MemoryStore:
        return self.stores[actor.number % len(self.stores)]

    def _payer(self, actor: Actor) -> Payer:
        return Payer(
            store=self._store(actor),
            dispatches=self.dispatches,
            cards=self._cards(),
            policy=POLICY,
            receipt_key=RECEIPT_KEY,
            issuer=road.ORIGIN,
            clock=self.clock,
            jitter=lambda: 0.5,
            nonce=actor.nonce,
            pause=self.pause,
        )

    def _cards(self) -> Cards:
        return Cards(
            chats={"teams": Posting(Drawing(), self.chat)},
            policy=POLICY,
            ticket_keys=[road.MASTER],
            public_url=road.ORIGIN,
            clock=self.clock,
        )

    def _succession(self, actor: Actor) -> Supersession:
        return Supersession(self._store(actor), POLICY, self.clock, actor.nonce)

    def _presses(self, actor: Actor) -> Presses:
        return Presses(
            store=self._store(actor),
            key_sets=KeySets(make_client, self.clock),
            payer=self._payer(actor),
            supersession=self._succession(actor),
            conversations=Conversations(self._store(actor), self.clock),
            cards=self._cards(),
            policy=POLICY,
            ticket_keys=[road.MASTER],
            public_url=road.ORIGIN,
            clock=self.clock,
        )

    def _intake(self, actor: Actor) -> Registration:
        return Registration(
            store=self._store(actor),
            payer=self._payer(actor),
            supersession=self._succession(actor),
            cards=self._cards(),
            policy=POLICY,
            proofs=self._proofs(),
            ticket_keys=[road.MASTER],
            public_url=road.ORIGIN,
            github_url="https://github.com",
            clock=self.clock,
            nonce=actor.nonce,
        )

    def _proofs(self) -> Proofs:
        return Proofs(API_KEYS, (), KeySets(make_client, self.clock), self.clock)  # no issuer, so no keys are fetched

    def _asked(self, actor: Actor) -> RequestStatus:
        return RequestStatus(self._store(actor), self._payer(actor), POLICY, self._proofs(), self.clock)

    def _round(self, actor: Actor) -> TimerRun:
        return TimerRun(
            store=self._store(actor),
            payer=self._payer(actor),
            policy=POLICY,
            keep=KEEP,
            clock=self.clock,
            nonce=actor.nonce,
        )


def _unless_refused(actor: Actor, work: Callable[[Actor], object], noted: Callable[[Actor, Any], None]) -> None:
    try:
        result = work(actor)
    except (Outage, Refusal):
        return
    noted(actor, result)
