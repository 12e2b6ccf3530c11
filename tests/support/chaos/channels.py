"""Slack and a receiver of webhooks in moods: they take what they are sent, fail, or lose their answers."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Final

from relay.dev.simulator.slack import FakeSlack
from relay.dev.simulator.slack_limits import Pace
from relay.dev.simulator.slack_web_api import Answered
from relay.dev.simulator.slack_workspace import Message
from tests.support.chaos.github import ANSWERED, MANNERS, Mood, Plan
from tests.support.example_policy import SLACK

TEAM: Final = "C111"  # the channel of the cards
NEWS: Final = "C222"  # the channel of the announcements
WAIT: Final = 2  # seconds that Slack asks for where it limits
_MODES: Final[Mapping[Mood, str]] = {"takes": "up", "takes and cuts": "lost", "fails": "down", "limits": "limited"}
MOODS: Final = tuple(_MODES)


@dataclass(frozen=True)
class Heard:
    """A message that a channel took from a `sender`, which must know it if it was `answered`; `at` as of arrivals.

    `what` is the channel and ts of a message in Slack, or the id of an event. `name` is that of an event.
    """

    at: float
    sender: int
    what: str
    answered: bool
    name: str = ""


class _Roomy(Pace):
    """No rate limits of Slack, which a storm would exceed at once."""

    def post(self, channel: str) -> int:  # noqa: ARG002 - the same for every channel
        return 0

    def update(self) -> int:
        return 0


class Slack:
    """Slack at `url`, in the mood of its `plan` for each call; `heard` are the messages that were posted, in order."""

    def __init__(self, url: str, clock: Callable[[], float]) -> None:
        self.plan: Plan = lambda: "takes"
        self.heard: list[Heard] = []
        self.fake = FakeSlack(url, clock, limited_for=WAIT)
        self.fake.pace = _Roomy(clock)
        for channel in (TEAM, NEWS):
            self.fake.add_channel(channel, channel)
        for name, person in SLACK.items():
            self.fake.add_person(person, name)
        self._lock = Lock()

    def take(self, path: str, headers: Mapping[str, str], body: bytes, sender: int) -> Answered:
        """Answer a call, and note the message that it posted."""
        with self._lock:
            mood = self.plan()
            self.fake.mode, before = _MODES[mood], len(self.fake.messages)
            answer = self.fake.take(path, headers, body)
            for message in self.fake.messages[before:]:
                self.heard.append(Heard(time.monotonic(), sender, where(message), mood in ANSWERED))
            return answer


class Receiver:
    """A receiver of events, in the mood of its `plan` for each."""

    def __init__(self) -> None:
        self.plan: Plan = lambda: "takes"
        self.heard: list[Heard] = []
        self._lock = Lock()

    def take(self, body: bytes, sender: int) -> Mood:
        """Note an event that is taken, and return the mood in which it was met."""
        event = json.loads(body)
        with self._lock:
            mood = self.plan()
            if MANNERS[mood].takes:
                name = str(event["type"]).removeprefix("relay.")
                self.heard.append(Heard(time.monotonic(), sender, str(event["id"]), mood in ANSWERED, name))
            return mood


def where(message: Message) -> str:
    """Return the name of a message: its channel and its ts."""
    return f"{message.channel} {message.ts}"
