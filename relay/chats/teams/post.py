"""Posting to Teams, and updating a post: the Bot Connector's REST API.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference#conversation-operations
"""

import json
from collections.abc import Callable, Mapping
from typing import Final, Protocol
from urllib.parse import quote

from relay.chats.contract.outgoing import Posted
from relay.chats.teams.answers import message_id, outcome_of
from relay.chats.teams.clouds import Cloud
from relay.chats.teams.roster import Roster, with_own_ids
from relay.chats.teams.token import BotToken, NoToken
from relay.model.debts import Delivered, Outcome, Refused, RetryAfter
from relay.model.delivery import Conversation
from relay.model.values import Json
from relay.net import client as http_client
from relay.net.call import CallError, HttpResponse, UnreachedError

KIND: Final = "teams"
LEAST_TIME: Final = 0.2  # seconds; with less left an answer is not to be expected, and a call would only be ambiguous
UNAUTHORIZED: Final = 401
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Conversations(Protocol):
    """The conversations where the bot was heard from."""

    def place(self, kind: str, id: str) -> Conversation | None:  # noqa: A002 - the field's name
        """Return a conversation that is known, or None. Raises Outage."""


class TeamsConnector:
    """The API of Teams. `client` is called when there is something to send; `clock` returns Unix seconds."""

    def __init__(
        self,
        client: Callable[[], http_client.Client],
        clock: Callable[[], float],
        *,
        cloud: Cloud,
        token: BotToken,
        conversations: Conversations,
    ) -> None:
        self._client = client
        self._clock = clock
        self._cloud = cloud
        self._token = token
        self._places = conversations
        self._roster = Roster(self._ask, clock)

    def post(self, place: str, message: Json, *, deadline: float) -> tuple[Posted | None, Outcome]:
        """Post a message to a conversation, once, by `deadline` (Unix seconds).

        Return where it is, None unless it was delivered. After an ambiguous outcome it may be posted: Teams knows no
        idempotency key. Raises Outage if the store does not answer.
        """
        answer = self._send("POST", place, "", message, deadline)
        if not isinstance(answer, HttpResponse):
            return None, answer
        outcome = outcome_of(answer, self._clock(), posted=True)
        return (Posted(place, message_id(answer)) if isinstance(outcome, Delivered) else None), outcome

    def update(self, place: str, message_id: str, message: Json, *, deadline: float) -> Outcome:
        """Put a message in the place of one posted before; doing it twice does no harm. Raises Outage as `post`."""
        answer = self._send("PUT", place, message_id, message, deadline)
        if not isinstance(answer, HttpResponse):
            return answer
        return outcome_of(answer, self._clock(), posted=False)

    def say(self, thread: str, message: Json, *, deadline: float) -> Outcome:
        """Answer a message in its thread. Raises Outage as `post`."""
        return self.post(thread, message, deadline=deadline)[1]

    def _send(
        self, method: str, place: str, name: str, message: Json, deadline: float
    ) -> HttpResponse | RetryAfter | Refused:
        address = self._conversation(place)
        if not address:
            return Refused(
                "the bot was never heard from there",
                "write to the bot in that conversation, and replay",
                of_place=True,
            )
        activities = f"{address}/activities" + (f"/{quote(name, safe='')}" if name else "")
        since = self._clock()  # before the members are asked for: their call may make the token
        message = with_own_ids(message, lambda wanted: self._roster.ids(address, wanted, deadline))
        try:
            answer, token = self._ask(method, activities, message, deadline)
        except NoToken as outage:
            if outage.permanent:
                return Refused(outage.what, outage.cure)
            return RetryAfter(outage.what, outage.seconds)
        if isinstance(answer, HttpResponse) and answer.status == UNAUTHORIZED and self._token.outdated(token, since):
            return RetryAfter("it took the bot's token no more")
        return answer

    def _conversation(self, place: str) -> str:
        """Return the address of a conversation, at the service that it was heard from or at the cloud's own."""
        known = self._places.place(KIND, place.partition(";")[0])
        service = known.address if known and self._cloud.is_service(known.address) else self._cloud.service
        return f"{service.rstrip('/')}/v3/conversations/{quote(place, safe='')}" if service else ""

    def _ask(
        self, method: str, url: str, message: Json | None, deadline: float
    ) -> tuple[HttpResponse | RetryAfter, str]:
        """Send once. Return the answer, or the reason for none, and the token that went with it. Raises NoToken."""
        token = self._token.token(deadline)
        if deadline - self._clock() < LEAST_TIME:
            return RetryAfter("no time was left to ask it", tried=False), token
        content = None if message is None else _ENCODER.encode(message).encode("utf-8", "replace")
        try:
            return self._exchange(method, url, token, content, deadline), token
        except UnreachedError as error:
            return RetryAfter(f"Teams {error.phrase}"), token
        except CallError:
            return RetryAfter("Teams did not answer in time", ambiguous=method == "POST"), token

    def _exchange(self, method: str, url: str, token: str, content: bytes | None, deadline: float) -> HttpResponse:
        return http_client.ask(
            self._client(),
            method,
            url,
            headers=_headers(token, content),
            content=content,
            deadline=deadline,
            clock=self._clock,
            max_body=1024 * 1024,
        )


def _headers(token: str, content: bytes | None) -> Mapping[str, str]:
    headers = {"Accept": "application/json", "Authorization": f"Bearer {token}"}
    return headers if content is None else headers | {"Content-Type": "application/json; charset=utf-8"}
