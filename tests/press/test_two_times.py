"""The two times of a chat: GitHub is waited for until the first, everything is answered until the second."""

import time
from dataclasses import replace
from typing import ClassVar

import pytest

from relay.chats.contract.incoming import Budget
from relay.chats.messagecard.clicks import MessageCardClicks
from relay.model.debts import Delivered, Outcome
from relay.model.delivery import Delivery
from relay.model.values import Json
from tests.support import clicks, road
from tests.support.dispatches_only import DispatchesOnly
from tests.support.fake_chat import Chat, joined

FORM = {"repository": "octo/api", "event_type": "deploy-api", "environment": "production", "title": "Deploy"}


class Impatient(MessageCardClicks):
    """A chat that shows no outcome of GitHub after 0.7 s, and no answer after 1.2 s."""

    budget: ClassVar[Budget] = Budget(0.7, 1.2)


class GitHub(DispatchesOnly):
    """A GitHub that keeps until when it was waited for."""

    def __init__(self) -> None:
        self.until = 0.0

    def identity(self, repository: str) -> str:
        return repository

    def send(self, repository: str, event_type: str, dispatch_payload: Json, *, deadline: float) -> Outcome:
        assert (repository, event_type, bool(dispatch_payload)) == ("octo/api", "deploy-api", True)
        self.until = deadline
        return Delivered()


@pytest.fixture
def chat(here: road.Road) -> Chat:
    return joined(here)


def test_github_is_waited_for_until_the_first_and_the_cards_until_the_second(here: road.Road, chat: Chat) -> None:
    ticket = road.said(here.ask({**FORM, "channels": ["ops"]}))["ticket"]
    github, cards = GitHub(), list[float]()
    chat.asked = cards.append
    made = here.world.channels["messagecard"]
    assert isinstance(made, MessageCardClicks)
    impatient = Impatient(made.profiles, made.target, made.redraws)
    now = time.time()  # it stands still, so that a slow machine has as much time as a fast one
    payer = replace(here.payer(), dispatches=github, clock=lambda: now)
    presses = replace(here.presses(), payer=payer, clock=lambda: now)
    delivery = Delivery("messagecard", clicks.headers("ada", "approve", ticket), b"", now)
    assert (200, "released") == road.outcome(presses.answer(impatient, delivery))
    assert [now + 0.7, now + 1.2] == [github.until, *cards]
