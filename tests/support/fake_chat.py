"""Fake chat: it takes messages, lets only their author change them, and can be made to fail."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from relay.approval.policy import ChatChannel
from relay.chats.contract.outgoing import Posted, Posting
from relay.chats.posting import Cards
from relay.errors import Outage
from relay.model.answer import Answer
from relay.model.debts import Delivered, Outcome, RetryAfter
from relay.model.request import ApprovalRequest, Proof
from relay.model.values import Json
from tests.support.road import Road

DELIVERED: Final = Delivered()
MAX_TEXT: Final = 2_000


class Drawn:
    """Draws a case as its status, its reviews, the status of its dispatches, and its ticket if it has buttons."""

    def draw(self, answer: Answer, channel: ChatChannel) -> Json:
        case = answer.case
        github = [debt.status for debt in case.debts if debt.kind == "dispatch"]
        reviews = [f"{review.by.name} {review.verdict}" for review in case.reviews]
        return {
            "id": case.request.id,
            "form": channel.card,
            "status": answer.status,
            "needs": answer.needs,
            "reviews": reviews,
            "github": github,
            "ticket": answer.ticket,
        }

    def fits(self, request: ApprovalRequest, proof: Proof, channel: ChatChannel) -> str:
        assert proof
        assert channel.name in request.channels
        return "the text is too long" if len(request.text) > MAX_TEXT else ""


@dataclass
class Chat:
    """Fake chat with its messages in `posts`, by place and id. It gives the `answers` first, then takes everything.

    A place that is `closed` takes nothing. `before` is called before each answer, `asked` with each deadline.
    """

    posts: dict[tuple[str, str], Json] = field(default_factory=dict)
    answers: list[Outcome | Outage] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)
    before: Callable[[], object] = lambda: None
    asked: Callable[[float], object] = lambda _deadline: None

    def post(self, place: str, message: Json, *, deadline: float) -> tuple[Posted | None, Outcome]:
        self.asked(deadline)
        outcome = RetryAfter("closed") if place in self.closed else self._answer("post")
        if not isinstance(outcome, Delivered):
            return None, outcome
        name = f"message-{len(self.posts)}"
        self.posts[place, name] = message
        return Posted(place, name), outcome

    def say(self, thread: str, message: Json, *, deadline: float) -> Outcome:
        return self.post(thread, message, deadline=deadline)[1]

    def update(self, place: str, message_id: str, message: Json, *, deadline: float) -> Outcome:
        self.asked(deadline)
        assert (place, message_id) in self.posts
        outcome = self._answer("update")
        if isinstance(outcome, Delivered):
            self.posts[place, message_id] = message
        return outcome

    def shown(self, place: str) -> Json:
        """Return the one message of a place."""
        (message,) = (message for (where, _), message in self.posts.items() if where == place)
        return message

    def _answer(self, call: str) -> Outcome:
        self.before()
        self.calls.append(call)
        answer = self.answers.pop(0) if self.answers else DELIVERED
        if isinstance(answer, Outage):
            raise answer
        return answer


def joined(here: Road) -> Chat:
    """Replace the relay's bot with a fake chat."""
    chat = Chat()
    settings = here.world.settings
    cards = Cards(
        chats={"messagecard": None, "teams": Posting(Drawn(), chat)},
        policy=here.world.policy,
        ticket_keys=settings.ticket_keys,
        public_url=settings.public_url,
        clock=here.now,
    )
    here.world = replace(here.world, cards=cards, payer=replace(here.world.payer, cards=cards))
    return chat
