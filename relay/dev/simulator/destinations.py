"""Destinations for the card of a request from the form, each served as `relay send` would serve it."""

import json
import secrets
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from relay.approval.policy import ChatChannel, Policy, Rule
from relay.chats.drawn import CardFormat, Links
from relay.chats.table import drawing
from relay.dev.simulator.answers import NotTaken
from relay.dev.simulator.outlook import Outlook
from relay.dev.simulator.posted_cards import Board
from relay.dev.simulator.relay_api import PRESSES, RelayApi
from relay.dev.simulator.workflows import Workflows
from relay.errors import Refusal
from relay.model.request import ApprovalRequest
from relay.signed.request import read_form
from relay.signed.senders_actions import check_actions

OUTLOOK: Final = "outlook"
MAIL: Final = "mail"
WORKFLOWS: Final = "workflows"
CHANNEL: Final = "channel:"
BY_POLICY: Final = "policy"
_CHATS: Final = {OUTLOOK: "messagecard", MAIL: "outlook", WORKFLOWS: "workflows"}
_LIFETIME: Final = 86_400
_LABELS: Final = {
    OUTLOOK: ("Outlook: MessageCard", "By mail, in the older form of cards. Its buttons work in place."),
    MAIL: ("Outlook: Adaptive", "By mail, in the newer form. Its buttons work in place."),
    WORKFLOWS: (
        "Teams: Workflows",
        "Nothing to install. Its button opens the relay's page to decide.",
    ),
}
_BY_POLICY: Final = ("By the policy", "The rule of the request names the channels, and so do its stages.")
_DIRECT: Final = "The relay writes to each of these people. The buttons work in place, and it changes for all of them."
_CARDS: Final = {
    "adaptive": "The relay posts the card itself. Its buttons work in place, and it changes for everyone.",
    "messagecard": "The relay posts a MessageCard itself. Its buttons work in place, and it changes for everyone.",
}


@dataclass(frozen=True, slots=True)
class Destination:
    """A destination of cards. `key` identifies it; the page shows `label` with `note`."""

    key: str
    label: str
    note: str
    app: str


def destinations_of(policy: Policy) -> tuple[Destination, ...]:
    """Return the destinations: those that the policy's rules name, Outlook, a workflow of Teams, and its channels."""
    named = [each for rule in policy.rules if not rule.is_for_gates for each in _named(rule)]
    by_policy = [Destination(BY_POLICY, *_BY_POLICY, policy.channels[named[0]].kind)] if named else []
    fixed = [Destination(key, *said, "teams" if key == WORKFLOWS else "outlook") for key, said in _LABELS.items()]
    return (*by_policy, *fixed, *(_destination(each) for each in policy.channels.values() if each.takes_cards))


def _named(rule: Rule) -> Iterator[str]:
    """Yield the channels that get the cards of a rule by themselves."""
    yield from rule.channels
    for stage in rule.stages:
        yield from stage.channels


def _destination(channel: ChatChannel) -> Destination:
    key = CHANNEL + channel.name
    if channel.kind == "slack":
        return Destination(key, f"Slack: {channel.name}", _DIRECT if channel.people else _CARDS["adaptive"], "slack")
    return Destination(key, f"Teams: bot, {channel.name}", _CARDS[channel.card], "teams")


class RequestSender:
    """Makes requests as a workflow does, and posts the card of each to its destinations."""

    def __init__(
        self,
        relay: RelayApi,
        board: Board,
        outlook: Outlook,
        workflows: Workflows,
        *,
        target: str,
        destinations: Sequence[Destination],
    ) -> None:
        self._relay = relay
        self._board = board
        self._outlook = outlook
        self._workflows = workflows
        self._target = target
        self._destinations = {each.key for each in destinations}

    def ask(self, form: Mapping[str, object], places: object, token: str = "") -> None:
        """Register a request, unless it is a notification without a channel, and post its card. Raises NotTaken.

        `token` is of the job that asks; without one the simulator's key asks.
        """
        wanted = self._read_places(places)
        channels = [each.removeprefix(CHANNEL) for each in wanted if each.startswith(CHANNEL)]
        asked = {**form, **({"channels": channels} if channels else {})}
        by_relay = bool(form.get("event_type") or channels)
        if not by_relay and BY_POLICY in wanted:
            raise NotTaken(400, "A notification has no rule. Choose another place for it.", "places")
        registered: Mapping[str, object] = self._relay.register(asked, token) if by_relay else {}
        request = _read(form, ("repository", "title") if by_relay else ("title",), self._target)
        if registered:
            self._board.asked(str(registered.get("id", "")), request.requested_by)
            if request.event_type:  # the rule of the relay may have shortened it
                ends = datetime.fromisoformat(str(registered["expires_at"])).timestamp()
                request = replace(request, expires_at=int(ends))
        for each in wanted:
            self._post(each, request, registered)

    def _read_places(self, places: object) -> Collection[str]:
        wanted = [OUTLOOK] if places is None else places
        if not isinstance(wanted, list) or not wanted or not all(each in self._destinations for each in wanted):
            raise NotTaken(400, "Choose where the card goes.", "places")
        return dict.fromkeys(wanted)

    def _post(self, place: str, request: ApprovalRequest, registered: Mapping[str, object]) -> None:
        ticket, review_url = (str(registered.get(name) or "") for name in ("ticket", "review_url"))
        if place not in _CHATS:
            return
        chat, links = drawing()[_CHATS[place]], Links(self._target + PRESSES, ticket, review_url)
        drawn = chat.draw_for_asker(request, links, CardFormat(chat.card_format))
        if drawn.letter:
            self._outlook.mail(_plain(drawn.card), drawn.letter.html, drawn.letter.subject)
        elif place == WORKFLOWS:
            self._workflows.deliver(_plain(drawn.card), request.title)
        else:
            for problem in () if request.event_type else chat.breaches(drawn.card):
                raise NotTaken(400, f"As a card, {problem}.", _field(problem))
            self._outlook.request(_plain(drawn.card))


def _read(form: Mapping[str, object], required: Collection[str], relay: str) -> ApprovalRequest:
    try:
        nonce = secrets.token_urlsafe(16)
        request = read_form(form, issued_at=int(time.time()), nonce=nonce, lifetime=_LIFETIME, required=required)
        check_actions(request, relay)
    except Refusal as refusal:
        raise NotTaken(400, refusal.message, refusal.field) from None
    return request


def _plain(card: Mapping[str, object]) -> dict[str, Any]:
    """Return a card as it comes over the wire."""
    found: dict[str, Any] = json.loads(json.dumps(card))
    return found


def _field(problem: str) -> str:
    if problem.startswith("sections"):
        return "sections"
    return "actions" if problem.startswith("potentialAction") else "text"
