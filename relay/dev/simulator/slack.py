"""Slack as the relay meets it: the Web API, response_urls, incoming webhooks and signed presses, with Slack's limits.

https://docs.slack.dev/reference/methods/chat.postMessage
https://docs.slack.dev/reference/methods/chat.update
https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
https://docs.slack.dev/apis/web-api/rate-limits
"""

import hashlib
import hmac
import json
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from relay.chats.slack.limits import breaches

API: Final = "api/"
HOOKS: Final = "hooks/"
USES: Final = 5  # of a response_url
LASTS: Final = 1_800  # seconds
UPDATES: Final = 50  # of chat.update a minute
BURST: Final = 5  # messages that a channel takes at once; then one a second
MAX_UPDATE: Final = 4_000  # characters of `text` in chat.update
MAX_BLOCK_TEXT: Final = 13_200  # characters over all blocks


class Answered(NamedTuple):
    """An answer of Slack: status, headers, body. None in the place of the body is a connection that is cut off."""

    status: int
    headers: dict[str, str]
    body: bytes | None


class Press(NamedTuple):
    """A delivery of Slack to the app, with its signature."""

    headers: dict[str, str]
    body: bytes


@dataclass
class Channel:
    """A conversation. `app_is_in`: the app may post there; `person` is the one of a direct message."""

    id: str
    name: str
    app_is_in: bool = True
    archived: bool = False
    person: str = ""


@dataclass
class Message:
    """A message as it is now; `by_app` tells one of the bot token from one of a webhook."""

    channel: str
    ts: str
    text: str
    blocks: list[Any]
    by_app: bool = True
    edits: int = 0


@dataclass
class Ephemeral:
    """Words that one person alone reads."""

    channel: str
    person: str
    text: str


@dataclass
class _ResponseUrl:
    message: Message
    person: str
    made_at: float
    uses: int = 0


@dataclass
class FakeSlack:
    """`url` is where it is reached; `clock` returns Unix seconds. `mode` is up, down, limited or lost.

    `lost`: a message is taken and its answer never comes. `next_errors` are codes that the Web API answers next.
    """

    url: str
    clock: Callable[[], float]
    token: str = "xoxb-made-up"  # noqa: S105 - of no app
    secret: str = "8f742231b10e8888abcd99yyyzzz85a5"  # noqa: S105 - Slack publishes it as its example
    channels: dict[str, Channel] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    ephemerals: list[Ephemeral] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    next_errors: list[str] = field(default_factory=list)
    mode: str = "up"
    limited_for: int = 60
    on_message: Callable[[Message], None] = lambda _message: None
    on_words: Callable[[Ephemeral, Message], None] = lambda _words, _message: None

    def __post_init__(self) -> None:
        self._lock = Lock()
        self._sent: defaultdict[str, deque[float]] = defaultdict(deque)
        self._updates: deque[float] = deque()
        self._response_urls: dict[str, _ResponseUrl] = {}
        self._webhooks: dict[str, str] = {}
        self._count = 0

    @property
    def api_url(self) -> str:
        """Return the base of the Web API, for RELAY_SLACK_API_URL."""
        return f"{self.url}/{API}"

    def add_channel(self, identifier: str, name: str, *, app_is_in: bool = True, archived: bool = False) -> None:
        """Open a channel."""
        self.channels[identifier] = Channel(identifier, name, app_is_in=app_is_in, archived=archived)

    def add_person(self, identifier: str, name: str) -> str:
        """Let a person be written to; return the id of their conversation with the app."""
        direct = f"D{identifier[1:]}"
        self.channels[direct] = Channel(direct, name, person=identifier)
        return direct

    def add_webhook(self, channel: str) -> str:
        """Return the address of an incoming webhook of the app, for one channel."""
        name = f"services/T111/B111/{channel}"
        self._webhooks[name] = channel
        return f"{self.url}/{HOOKS}{name}"

    def shown(self, channel: str) -> Message:
        """Return the one message of a channel."""
        (message,) = (each for each in self.messages if each.channel == channel)
        return message

    def take(self, path: str, headers: Mapping[str, str], body: bytes) -> Answered:
        """Answer a call; `path` is what comes after the address and its slash, header names are in lower case."""
        with self._lock:
            self.calls.append(path)
            if self.mode == "down":
                return Answered(503, {}, b"upstream connect error")
            if path.startswith(API):
                answer = self._method(path.removeprefix(API), headers, body)
            else:
                answer = self._hook(path.removeprefix(HOOKS), body)
            return Answered(200, {}, None) if self.mode == "lost" else answer

    # The Web API

    def _method(self, method: str, headers: Mapping[str, str], body: bytes) -> Answered:  # noqa: PLR0911 - one for each check
        if headers.get("authorization") != f"Bearer {self.token}":
            return _ok(ok=False, error="invalid_auth")
        if self.mode == "limited":
            return self._wait(self.limited_for)
        if self.next_errors:
            return _ok(ok=False, error=self.next_errors.pop(0))
        if method == "auth.test":
            return _ok(
                ok=True, url="https://octo.slack.example/", team="Octo", team_id="T111", user_id="U222", bot_id="B111"
            )
        if "json" not in headers.get("content-type", ""):
            return _ok(ok=False, error="invalid_post_type")
        try:
            given = json.loads(body)
        except ValueError:
            return _ok(ok=False, error="invalid_json")
        match method:
            case "chat.postMessage":
                return self._post(given)
            case "chat.update":
                return self._update(given)
        return _ok(ok=False, error="unknown_method")

    def _post(self, given: Mapping[str, Any]) -> Answered:
        channel, error = self._channel(str(given.get("channel")), to_post=True)
        if channel is None:
            return _ok(ok=False, error=error)
        if problem := self._trouble(given):
            return problem
        if wait := self._crowded(channel.id):
            return self._wait(wait)
        message = self._add(channel.id, given, by_app=True)
        return _ok(ok=True, channel=channel.id, ts=message.ts, message={"text": message.text})

    def _update(self, given: Mapping[str, Any]) -> Answered:  # noqa: PLR0911 - one for each check
        channel, error = self._channel(str(given.get("channel")), to_post=False)
        if channel is None:
            return _ok(ok=False, error=error)
        message = next(
            (each for each in self.messages if (each.channel, each.ts) == (channel.id, given.get("ts"))), None
        )
        if message is None:
            return _ok(ok=False, error="message_not_found")
        if not message.by_app:
            return _ok(ok=False, error="cant_update_message")
        if len(str(given.get("text", ""))) > MAX_UPDATE:
            return _ok(ok=False, error="msg_too_long")
        if problem := self._trouble(given):
            return problem
        now = self.clock()
        while self._updates and self._updates[0] <= now - 60:
            self._updates.popleft()
        if len(self._updates) >= UPDATES:
            return self._wait(int(self._updates[0] + 60 - now) + 1)
        self._updates.append(now)
        self._change(message, given)
        return _ok(ok=True, channel=channel.id, ts=message.ts, text=message.text)

    def _channel(self, identifier: str, *, to_post: bool) -> tuple[Channel | None, str]:
        """Return a conversation, or the code of what is wrong: a person is one only for a new message."""
        found = self.channels.get(identifier)
        if found is None and to_post:
            found = next((each for each in self.channels.values() if each.person == identifier), None)
        if found is None:
            return None, "channel_not_found"
        if found.archived:
            return None, "is_archived"
        return (found, "") if found.app_is_in else (None, "not_in_channel")

    def _trouble(self, given: Mapping[str, Any]) -> Answered | None:
        blocks = given.get("blocks")
        if not blocks:
            return None if given.get("text") else _ok(ok=False, error="no_text")
        if sum(map(len, _texts(blocks))) > MAX_BLOCK_TEXT:
            return _ok(ok=False, error="msg_blocks_too_long")
        found = breaches({"text": "", "blocks": blocks})
        if found:
            return _ok(
                ok=False, error="invalid_blocks", response_metadata={"messages": [f"[ERROR] {each}" for each in found]}
            )
        return None

    def _crowded(self, channel: str) -> int:
        """Return the seconds until a channel takes a message, 0 if it takes one now."""
        now, sent = self.clock(), self._sent[channel]
        while sent and sent[0] <= now - BURST:
            sent.popleft()
        if len(sent) >= BURST:
            return 1
        sent.append(now)
        return 0

    def _wait(self, seconds: int) -> Answered:
        return Answered(429, {"Retry-After": str(seconds)}, _encoded({"ok": False, "error": "ratelimited"}))

    # What needs no token

    def _hook(self, name: str, body: bytes) -> Answered:
        try:
            given = json.loads(body)
        except ValueError:
            return Answered(400, {}, b"invalid_payload")
        if name in self._webhooks:
            return self._incoming(self._webhooks[name], given)
        url = self._response_urls.get(name)
        if url is None or url.uses >= USES or self.clock() > url.made_at + LASTS:
            return Answered(404, {}, _encoded({"ok": False, "error": "expired_url" if url else "used_url"}))
        url.uses += 1
        if problem := self._trouble(given):
            return Answered(500, {}, problem.body)
        if given.get("replace_original"):
            self._change(url.message, given)
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
        if self._trouble(given):
            return Answered(400, {}, b"invalid_blocks")
        if self._crowded(identifier):
            return Answered(429, {"Retry-After": "1"}, b"rate_limited")
        self._add(identifier, given, by_app=False)
        return Answered(200, {}, b"ok")

    def _add(self, channel: str, given: Mapping[str, Any], *, by_app: bool) -> Message:
        self._count += 1
        ts = f"{int(self.clock())}.{self._count:06}"
        message = Message(channel, ts, str(given.get("text", "")), list(given.get("blocks") or []), by_app)
        self.messages.append(message)
        self.on_message(message)
        return message

    def _change(self, message: Message, given: Mapping[str, Any]) -> None:
        message.text, message.blocks = str(given.get("text", "")), list(given.get("blocks") or [])
        message.edits += 1
        self.on_message(message)

    # People

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
        button = next(
            each for block in message.blocks for each in block.get("elements", []) if each.get("action_id") == action_id
        )
        box = next((block for block in message.blocks if block["type"] == "input"), None)
        state = {box["block_id"]: {"comment": {"type": "plain_text_input", "value": comment}}} if box else {}
        now = self.clock() if at is None else at
        with self._lock:
            self._count += 1
            token = f"actions/T111/{self._count}/{hashlib.sha256(f'{self._count}{now}'.encode()).hexdigest()[:16]}"
            self._response_urls[token] = _ResponseUrl(message, person, now)
        payload = {
            "type": "block_actions",
            "user": {"id": person, "username": name, "name": name, "team_id": team},
            "api_app_id": "A111",
            "token": "verification_token",
            "container": {
                "type": "message",
                "message_ts": message.ts,
                "channel_id": message.channel,
                "is_ephemeral": False,
            },
            "trigger_id": f"{self._count}.222.trigger",
            "team": {"id": "T111", "domain": "octo"},
            "enterprise": None,
            "is_enterprise_install": False,
            "channel": {"id": message.channel, "name": self.channels[message.channel].name},
            "message": {"type": "message", "text": message.text, "ts": message.ts, "blocks": message.blocks},
            "state": {"values": state},
            "response_url": f"{self.url}/{HOOKS}{token}",
            "actions": [{**button, "block_id": "decide", "action_ts": f"{now:.6f}"}],
        }
        return self.signed(urlencode({"payload": json.dumps(payload)}).encode(), at=now)

    def signed(self, body: bytes, *, at: float | None = None) -> Press:
        """Return a body as Slack sends it, with the time and its signature."""
        timestamp = str(int(self.clock() if at is None else at))
        digest = hmac.new(self.secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "x-slack-request-timestamp": timestamp,
            "x-slack-signature": f"v0={digest}",
        }
        return Press(headers, body)


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [
            text
            for name, inner in value.items()
            for text in ([inner] if name == "text" and isinstance(inner, str) else _texts(inner))
        ]
    return [text for inner in value for text in _texts(inner)] if isinstance(value, list) else []


def _ok(**said: object) -> Answered:
    return Answered(200, {}, _encoded(said))


def _encoded(said: object) -> bytes:
    return json.dumps(said).encode()
