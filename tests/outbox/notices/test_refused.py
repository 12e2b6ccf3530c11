"""Notices that cannot be told now: each reason, and its cure."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest

from relay.approval.policy import ChatChannel
from relay.chats.contract.outgoing import OutgoingNotice, Posted
from relay.chats.notices import Notices
from relay.chats.webhook.post import Hooks, Receiver
from relay.errors import Outage
from relay.model.case import Case
from relay.model.debts import Debt, Delivered, Outcome, Refused, RetryAfter
from relay.model.events import CaseEvent, Notice
from relay.net.client import make_client
from relay.outbox.kinds.notice import NoticeKind
from tests.approval.two_stages import POLICY, REQUEST

EVENTS: Final = ChatChannel("events", "webhook", "", takes_cards=False)
OWNERS: Final = ChatChannel("owners", "slack", "", people=("ada",))
NOW: Final = 1_000.0


class Teller:
    """A teller whose answer is given."""

    def __init__(self, answer: Callable[[], tuple[Posted | None, Outcome]]) -> None:
        self._answer = answer

    def tell(self, outgoing: OutgoingNotice, *, deadline: float) -> tuple[Posted | None, Outcome]:
        """Answer."""
        assert (outgoing.case.request, deadline) == (REQUEST, NOW + 5)
        return self._answer()


def notices(
    answer: Callable[[], tuple[Posted | None, Outcome]] = lambda: (None, Delivered()), **changes: Any
) -> Notices:
    policy = replace(POLICY, channels={"events": EVENTS, "owners": OWNERS})
    tellings = {"webhook": Teller(answer), "slack": None}
    made = Notices(tellings, lambda channel: channel.people, policy, "https://relay.example")
    return replace(made, **changes)


def owing(channel: str = "events", **notice: Any) -> Case:
    made = Notice(CaseEvent("requested", 1, 5), "e", **notice)
    return Case(REQUEST, "key", debts=(Debt(channel, 5, 5.0, kind="notice", notice=made),))


def told_once(case: Case, **changes: Any) -> tuple[Notice | None, Outcome]:
    return notices(**changes).tell(case, 0, deadline=NOW + 5)


def test_a_channel_that_the_policy_lost_is_refused() -> None:
    cure = "add [channels.events] to the policy and replay"
    assert (None, Refused("the policy has no such channel", cure)) == told_once(owing(), policy=POLICY)


def test_an_origin_that_is_not_known_is_refused() -> None:
    assert isinstance(told_once(owing("origin"))[1], Refused)


def test_a_chat_that_is_not_set_up_is_refused_with_its_cure() -> None:
    notice, outcome = told_once(owing("owners", person="ada"))
    assert (None, "the relay is not set up for this channel") == (notice, getattr(outcome, "phrase", ""))
    assert "RELAY_SLACK_BOT_TOKEN" in getattr(outcome, "cure", "")


@pytest.mark.parametrize("person", ["lin", "ada"])
def test_a_person_who_left_the_channel_is_refused(person: str) -> None:
    teller = Teller(lambda: (Posted("D1", "1"), Delivered()))
    tellings = {"slack": teller}
    found = told_once(owing("owners", person=person), tellings=tellings, places=lambda _channel: ())
    assert (None, "the channel no longer has this person") == (found[0], getattr(found[1], "phrase", ""))
    notice, outcome = told_once(owing("owners", person="ada"), tellings=tellings)
    assert (Delivered(), ("D1", "1")) == (outcome, notice and (notice.place, notice.message))


def test_an_outage_of_the_store_is_no_try() -> None:
    def out() -> tuple[Posted | None, Outcome]:
        raise Outage("the disk is full")

    assert (None, RetryAfter("the disk is full", tried=False)) == told_once(owing(), answer=out)


def test_a_notice_of_old_cards_finds_its_own_persons_card_or_none() -> None:
    teller = Teller(lambda: (Posted("D1", "1"), Delivered()))
    case = owing("owners", person="ada", style="thread")
    assert Delivered() == told_once(case, tellings={"slack": teller})[1]


def test_a_posted_notice_keeps_of_its_event_the_name_and_the_number() -> None:
    case = owing(text="{{title}}")
    notice, _ = told_once(case)
    assert Notice(CaseEvent("requested", 1, 5), "e") == notice


def test_without_time_nothing_is_tried() -> None:
    attempt = NoticeKind(notices(), lambda: NOW).send(owing(), 0, NOW + 0.4)
    assert (RetryAfter("there was no time left", tried=False), None) == (attempt.outcome, attempt.notice)


def hooks(url: str) -> Hooks:
    return Hooks({"events": Receiver((b"k" * 24,), url)}, make_client, time.time, "https://relay.example", "cure")


def event() -> OutgoingNotice:
    return OutgoingNotice(Case(REQUEST, "key"), Notice(CaseEvent("requested", 1, 5), "e"), EVENTS, (), "")


def test_a_receiver_that_cannot_be_reached_is_asked_again() -> None:
    outcome = hooks("http://127.0.0.1:9/x").tell(event(), deadline=time.time() + 2)[1]
    assert RetryAfter("the receiver cannot be reached") == outcome


def test_without_time_a_receiver_is_not_asked() -> None:
    outcome = hooks("http://127.0.0.1:9/x").tell(event(), deadline=time.time() + 0.01)[1]
    assert RetryAfter("no time was left to ask it", tried=False) == outcome
