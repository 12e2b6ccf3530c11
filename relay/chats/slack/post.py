"""Calls of Slack: messages that are posted or changed, and words for the presser alone.

https://docs.slack.dev/reference/methods/chat.postMessage
https://docs.slack.dev/reference/methods/chat.update
https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from relay.chats.contract.outgoing import Posted
from relay.chats.slack.answers import in_own_words, named, outcome_of, said_outcome
from relay.model.debts import Delivered, Outcome, Refused, RetryAfter
from relay.model.values import Json
from relay.net import client as http_client
from relay.net.call import CallError, HttpResponse, UnreachedError

LEAST_TIME: Final = 0.1  # seconds; with less left an answer is not to be expected, and a call would only be ambiguous
MAX_ANSWER: Final = 1024 * 1024  # bytes: Slack answers with the whole message
_NO_TOKEN: Final = Refused(
    "the relay has no bot token for Slack", "set RELAY_SLACK_BOT_TOKEN and replay", of_place=True
)
_QUIET: Final = {"unfurl_links": False, "unfurl_media": False}
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class SlackApi:
    """Slack's Web API at `api_url`, with the app's bot token; `clock` returns Unix seconds."""

    def __init__(
        self, client: Callable[[], http_client.Client], clock: Callable[[], float], *, api_url: str, token: str
    ) -> None:
        self._client = client
        self._clock = clock
        self._api_url = f"{api_url.rstrip('/')}/"
        self._token = token
        self._closed_until: dict[str, float] = {}

    def post(self, place: str, message: Json, *, deadline: float) -> tuple[Posted | None, Outcome]:
        """Post a message to a channel or a person, once, by `deadline` (Unix seconds).

        Return where it was posted, None unless it was delivered. An ambiguous outcome may have been posted: Slack
        knows no idempotency key.
        """
        answer = self._call("chat.postMessage", place, {"channel": place, **_QUIET, **message}, deadline)
        if not isinstance(answer, HttpResponse):
            return None, answer
        outcome = outcome_of(answer, self._clock(), posted=True)
        self._obey(place, outcome)
        found = named(answer) if isinstance(outcome, Delivered) else None
        return (Posted(found.place, found.ts) if found else None), outcome

    def update(self, place: str, message_id: str, message: Json, *, deadline: float) -> Outcome:
        """Put a message in the place of one posted before; doing it twice does no harm."""
        answer = self._call("chat.update", place, {"channel": place, "ts": message_id, **message}, deadline)
        if not isinstance(answer, HttpResponse):
            return replace(answer, ambiguous=False) if isinstance(answer, RetryAfter) else answer
        outcome = outcome_of(answer, self._clock(), posted=False)
        self._obey(place, outcome)
        return outcome

    def say(self, thread: str, message: Json, *, deadline: float) -> Outcome:
        """Send words, or a message in the place of the pressed one, to a response_url; it needs no bot token."""
        return in_own_words(send(self._client(), thread, message, deadline=deadline, clock=self._clock))

    def _call(self, method: str, place: str, body: Json, deadline: float) -> HttpResponse | RetryAfter | Refused:
        if not self._token:
            return _NO_TOKEN
        now = self._clock()
        wait = self._closed_until.get(place, 0.0) - now
        if wait > 0:
            return RetryAfter("Slack asks the relay to wait", wait, tried=False)
        if deadline - now < LEAST_TIME:
            return RetryAfter("no time was left to ask it", tried=False)
        headers = {"Authorization": f"Bearer {self._token}"}
        return _exchange(
            self._client(), f"{self._api_url}{method}", body, headers=headers, deadline=deadline, clock=self._clock
        )

    def _obey(self, place: str, outcome: Outcome) -> None:
        """Leave a channel alone for as long as Slack asks for; other channels go on."""
        if isinstance(outcome, RetryAfter) and outcome.seconds:
            self._closed_until[place] = self._clock() + outcome.seconds


def send(
    client: http_client.Client, url: str, message: Json, *, deadline: float, clock: Callable[[], float]
) -> Outcome:
    """Send a message to a response_url or an incoming webhook, once."""
    if deadline - clock() < LEAST_TIME:
        return RetryAfter("no time was left to ask it", tried=False)
    answer = _exchange(client, url, message, headers={}, deadline=deadline, clock=clock)
    return said_outcome(answer, clock()) if isinstance(answer, HttpResponse) else answer


def _exchange(
    client: http_client.Client,
    url: str,
    body: Json,
    *,
    headers: Mapping[str, str],
    deadline: float,
    clock: Callable[[], float],
) -> HttpResponse | RetryAfter:
    content = _ENCODER.encode(body).encode("utf-8", "replace")
    headers = {"Accept": "application/json", "Content-Type": "application/json; charset=utf-8", **headers}
    try:
        return http_client.ask(
            client,
            "POST",
            url,
            headers=headers,
            content=content,
            deadline=deadline,
            clock=clock,
            max_body=MAX_ANSWER,
        )
    except UnreachedError as error:
        return RetryAfter(f"Slack {error.phrase}")
    except CallError:
        return RetryAfter("Slack did not answer in time", ambiguous=True)
