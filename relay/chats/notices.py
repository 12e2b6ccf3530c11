"""Notices of events in the channels: the place of each, and the message that it follows or replaces."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final, NamedTuple

from relay.approval.notice_text import pieces_of
from relay.approval.notices import lane_of, posted
from relay.approval.policy import ChatChannel, Policy
from relay.chats.contract.outgoing import OutgoingNotice, Posted, Telling
from relay.chats.table import with_channels
from relay.errors import Outage
from relay.model.case import Case
from relay.model.debts import Debt, Delivered, Outcome, Refused, RetryAfter
from relay.model.events import Notice

CARD_FIRST: Final = "the card in this channel is posted first"


class _Found(NamedTuple):
    """A notice that may be told now, where, and by which teller."""

    notice: Notice
    channel: ChatChannel
    place: str
    telling: Telling


@dataclass(frozen=True, slots=True)
class Notices:
    """The notices of all requests: `tellings` by the kind of a channel, None where a chat is not configured.

    `places` returns the ids of a channel's people in its chat.
    """

    tellings: Mapping[str, Telling | None]
    places: Callable[[ChatChannel], tuple[str, ...]]
    policy: Policy
    public_url: str

    def tell(self, case: Case, index: int, *, deadline: float) -> tuple[Notice | None, Outcome]:
        """Tell a notice, once. Return it with its message, or None if it was not told, and the outcome."""
        found = self._find(case, index)
        if not isinstance(found, _Found):
            return None, found
        notice, channel, place, telling = found
        outgoing = OutgoingNotice(
            case=case,
            notice=notice,
            channel=channel,
            pieces=pieces_of(case, notice, f"{self.public_url}/api/review/{case.request.id}"),
            place=place,
            below=self._first_message(case, index, channel, place) if notice.style == "thread" else None,
            shown=_announcement(case, index) if notice.style == "edit" else None,
        )
        try:
            at, outcome = telling.tell(outgoing, deadline=deadline)
        except Outage as outage:
            return None, RetryAfter(outage.what, tried=False)
        if not isinstance(outcome, Delivered):
            return None, outcome
        where = at or outgoing.shown or Posted(place, "")
        return posted(notice, where.place, where.message), outcome

    def _find(self, case: Case, index: int) -> _Found | Refused | RetryAfter:
        """Return a notice with its channel, its place and its teller, or the reason why it is not told now."""
        debt = case.debts[index]
        notice, channel = debt.notice, self.policy.channel(debt.event_type, case.conversation)
        if notice is None or channel is None:
            cure = f"add [channels.{debt.event_type}] to the policy and replay"
            return Refused("the policy has no such channel", cure)
        telling = self.tellings[channel.kind]
        if telling is None:
            return Refused("the relay is not set up for this channel", with_channels()[channel.kind].cure)
        place = self._place(channel, notice.person)
        if place is None:
            return Refused("the channel no longer has this person", "drop it, or put the person back and replay")
        cards = self._cards_at(case, notice, channel, place)
        if notice.style == "thread" and any(card.status == "owed" and not _message_of(card) for card in cards):
            return RetryAfter(CARD_FIRST, tried=False)
        return _Found(notice, channel, place, telling)

    def _first_message(self, case: Case, index: int, channel: ChatChannel, place: str) -> Posted | None:
        """Return the message below which a notice goes: the card in its channel, else the first notice told there."""
        debt = case.debts[index]
        cards = self._cards_at(case, debt.notice, channel, place) if debt.notice else ()
        told = (
            Posted(each.notice.place, each.notice.message)
            for each in case.debts[:index]
            if each.notice and each.notice.message and lane_of(each) == lane_of(debt)
        )
        return next(chain(filter(None, map(_message_of, cards)), told), None)

    def _cards_at(self, case: Case, notice: Notice, channel: ChatChannel, place: str) -> Sequence[Debt]:
        """Return the request's cards in the conversation of a notice. The card of the notice's own channel comes first.

        A notice to a person has only the card of that person. The origin of a command may be the conversation of a
        channel. Then the request has one card there.
        """
        own = [debt for debt in case.debts if debt.card and debt.event_type == channel.name]
        if notice.person:
            return [debt for debt in own if debt.card and place in (debt.card.addressee, debt.card.place)]
        others = (debt for debt in case.debts if debt.card and debt.event_type != channel.name)
        return [*own, *(debt for debt in others if self._is_at(case, debt, channel))]

    def _is_at(self, case: Case, debt: Debt, channel: ChatChannel) -> bool:
        """Tell whether the card of another channel is, or will be, in the conversation of a channel."""
        found, here = self.policy.channel(debt.event_type, case.conversation), channel.place.partition(";")[0]
        if found is None or found.kind != channel.kind or debt.card is None:
            return False
        return here in (debt.card.place, found.place.partition(";")[0])

    def _place(self, channel: ChatChannel, person: str) -> str | None:
        """Return the place of a channel, or a person's id in its chat, or None if the channel lost the person."""
        if not person:
            return channel.place
        if person not in channel.people:
            return None
        return next(iter(self.places(replace(channel, people=(person,)))), None)


def _announcement(case: Case, index: int) -> Posted | None:
    """Return the message that an announcement replaces, or None if it is the first."""
    debt = case.debts[index]
    entry = debt.notice.entry if debt.notice else ""
    for each in reversed(case.debts[:index]):
        if each.notice and each.notice.message and lane_of(each) == lane_of(debt) and each.notice.entry == entry:
            return Posted(each.notice.place, each.notice.message)
    return None


def _message_of(debt: Debt) -> Posted | None:
    """Return the message of a card, or None before it was posted."""
    return Posted(debt.card.place, debt.card.message) if debt.card and debt.card.message else None
