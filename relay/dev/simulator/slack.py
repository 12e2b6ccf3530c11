"""Slack as the relay meets it: the Web API, response_urls, incoming webhooks and signed presses, with Slack's limits.

https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

from relay.dev.simulator import slack_web_api
from relay.dev.simulator.slack_limits import fault_of
from relay.dev.simulator.slack_presses import Press, block_actions, sign, slash_command
from relay.dev.simulator.slack_web_api import Answered, refused
from relay.dev.simulator.slack_workspace import Ephemeral, Message, Workspace

API: Final = "api/"
HOOKS: Final = "hooks/"
USES: Final = 5  # of a response_url
LASTS: Final = 1_800  # seconds


@dataclass
class _ResponseUrl:
    message: Message
    person: str
    made_at: float
    uses: int = 0


class FakeSlack(Workspace):
    """A workspace that the relay calls, and whose people press buttons and type commands."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.calls: list[str] = []
        self._lock = Lock()
        self._response_urls: dict[str, _ResponseUrl] = {}
        self._webhooks: dict[str, str] = {}

    @property
    def api_url(self) -> str:
        """Return the base of the Web API, for RELAY_SLACK_API_URL."""
        return f"{self.url}/{API}"

    def add_webhook(self, channel: str) -> str:
        """Return the address of an incoming webhook of the app, for one channel."""
        name = f"services/T111/B111/{channel}"
        self._webhooks[name] = channel
        return f"{self.url}/{HOOKS}{name}"

    def take(self, path: str, headers: Mapping[str, str], body: bytes) -> Answered:
        """Answer a call; `path` is what comes after the address and its slash, header names are in lower case."""
        with self._lock:
            self.calls.append(path)
            if self.mode == "down":
                return Answered(503, {}, b"upstream connect error")
            if path.startswith(API):
                answer = slack_web_api.answer(self, path.removeprefix(API), headers, body)
            else:
                answer = self._hook(path.removeprefix(HOOKS), body)
            return Answered(200, {}, None) if self.mode == "lost" else answer

    def press(
        self,
        person: str,
        message: Message,
        action_id: str,
        *,
        team: str | None = "T111",
        name: str = "somebody",
        comment: str | None = None,
        at: float | None = None,
    ) -> Press:
        """Return the signed delivery of a person's press on a button of a message."""
        now = self.clock() if at is None else at
        with self._lock:
            count = self.count()
            token = f"actions/T111/{count}/{hashlib.sha256(f'{count}{now}'.encode()).hexdigest()[:16]}"
            self._response_urls[token] = _ResponseUrl(message, person, now)
        body = block_actions(
            message,
            action_id,
            user={"id": person, "username": name, "name": name, "team_id": team},
            channel_name=self.channels[message.channel].name,
            comment=comment,
            response_url=f"{self.url}/{HOOKS}{token}",
            trigger_id=f"{count}.222.trigger",
            now=now,
        )
        return self.signed(body, at=now)

    def command(self, person: str, channel: str, text: str, *, team: str = "T111", name: str = "somebody") -> Press:
        """Return the signed delivery of a slash command that a person typed in a conversation."""
        with self._lock:
            count = self.count()
        user = {"id": person, "team_id": team, "name": name}
        response_url = f"{self.url}/{HOOKS}commands/T111/{count}"
        return self.signed(slash_command(text, user, self.channels[channel], response_url, count))

    def signed(self, body: bytes, *, at: float | None = None) -> Press:
        """Return a body as Slack sends it, with the time and its signature."""
        return sign(body, self.secret, int(self.clock() if at is None else at))

    def _hook(self, name: str, body: bytes) -> Answered:
        """Answer a call of an address that is secret itself: a webhook or a response_url."""
        try:
            given = json.loads(body)
        except ValueError:
            return Answered(400, {}, b"invalid_payload")
        return self._incoming(self._webhooks[name], given) if name in self._webhooks else self._respond(name, given)

    def _respond(self, name: str, given: Mapping[str, Any]) -> Answered:
        url = self._response_urls.get(name)
        if url is None or url.uses >= USES or self.clock() > url.made_at + LASTS:
            return Answered(404, {}, refused(error="used_url" if url and url.uses >= USES else "expired_url"))
        url.uses += 1
        if fault := fault_of(given):
            return Answered(500, {}, refused(**fault))
        if given.get("replace_original"):
            self.change(url.message, given)
        else:
            words = Ephemeral(url.message.channel, url.person, str(given.get("text", "")))
            self.ephemerals.append(words)
            self.on_words(words, url.message)
        return Answered(200, {}, b"ok")

    def _incoming(self, identifier: str, given: Mapping[str, Any]) -> Answered:
        channel = self.channels.get(identifier)
        if channel is None:
            return Answered(404, {}, b"no_service")
        if channel.archived:
            return Answered(410, {}, b"channel_is_archived")
        if fault_of(given):
            return Answered(400, {}, b"invalid_blocks")
        if self.pace.post(identifier):
            return Answered(429, {"Retry-After": "1"}, b"rate_limited")
        self.post(identifier, given, by_app=False)
        return Answered(200, {}, b"ok")
