"""Relay of its real parts over a store in memory. Its people, workflows and timers are actors."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from hypothesis import note

from relay.errors import Outage, Refusal
from relay.model.answer import Answer
from relay.model.delivery import Delivery, Interaction, Reply
from relay.model.people import Actor as Person
from tests.model.actors import Actor, Crashed, Fate
from tests.model.chat import Chat, Messages
from tests.model.parts import Parts
from tests.model.rules import POSTED
from tests.model.watch import Watch, Watched
from tests.support import entra_tokens, example_policy, road
from tests.support.chaos.github import GitHub
from tests.support.chaos.port import Dispatches
from tests.support.memory_tables import Tables

BEGIN: Final = 1_790_000_000.0
HOST_LIMIT: Final = 600.0  # seconds for which any work may last: host.json says less
PATIENCE: Final = 250  # pauses that fit into the longest budget
TICK: Final = 0.02  # seconds that an outside call takes


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
        self.chat = Messages(self.clock, self.step)
        self.parts = Parts(
            stores=[Watched(self.tables, self.step, self.watch) for _ in range(2)],
            dispatches=Dispatches(self.github, self.clock, self.step, self.watch.taken),
            chat=self.chat,
            clock=self.clock,
            pause=self.pause,
        )

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

        return self.act("ask", lambda actor: self.parts.registration(actor).register(delivery), noted)

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

        return self.act("click", lambda actor: self.parts.presses(actor).answer(chat, delivery), noted)

    def cancel(self, case_id: str) -> Actor:
        """Let a workflow withdraw its request."""
        delivery = Delivery("", {"x-relay-key": road.API_KEY}, b"", self.now)

        def noted(_actor: Actor, reply: Reply) -> None:
            if reply.status == 200:
                self.watch.is_cancelled(case_id)

        return self.act("cancel", lambda actor: self.parts.request_status(actor).cancel(delivery, case_id), noted)

    def round(self) -> Actor:
        """Let the timer run."""
        return self.act("round", lambda actor: self.parts.timer(actor).run(), lambda _actor, _tried: None)

    def operate(self, work: str, case_id: str) -> Actor:
        """Let the operator look at what is owed, or replay or drop what a case owes."""

        def run(actor: Actor) -> object:
            outbox = self.parts.outbox(actor)
            if work == "look":
                return outbox.owed()
            if work == "drop":
                return outbox.drop(case_id)
            return outbox.replay(case_id, anyway=work == "replay anyway")

        return self.act(f"operator {work}", run, lambda _actor, _case: None)

    def _acting(self) -> Actor:
        assert self.acting is not None
        return self.acting


def _unless_refused(actor: Actor, work: Callable[[Actor], object], noted: Callable[[Actor, Any], None]) -> None:
    try:
        result = work(actor)
    except (Outage, Refusal):
        return
    noted(actor, result)
