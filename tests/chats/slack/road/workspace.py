"""A relay with an app in a Slack workspace and a GitHub, all on loopback, and what people do there."""

import json
import time
from dataclasses import dataclass, field
from typing import Any

from relay.dev.simulator.slack import Message
from relay.model import Case, Delivery, Reply
from tests.support import example_policy, road
from tests.support.github_server import GitHubServer
from tests.support.slack_server import SlackServer

FORM = {"repository": "octo/api", "event_type": "deploy-api", "environment": "production", "title": "Deploy api"}
POLICY = (
    example_policy.POLICY
    + """
[[rule]]
repository = "octo/*"
environment = "owned"
event_types = ["deploy-*"]
requests = ["key", "offline"]
channels = ["releases"]
[[rule.stage]]
name = "qa"
approvers = ["group:qa"]
channels = ["testers"]
[[rule.stage]]
name = "release"
approvers = ["group:owners"]
channels = ["owners"]
approve_label = "Deploy"
reject_label = "Close"
confirm = "This goes to production."

[channels.releases]
kind = "slack"
place = "C111"
[channels.testers]
kind = "slack"
place = "C222"
[channels.owners]
kind = "slack"
people = ["ada", "grace"]
[channels.closed]
kind = "slack"
place = "C333"
"""
)


@dataclass
class Workspace:
    """What people do in Slack, and what they see."""

    road: road.Road
    server: SlackServer
    github: GitHubServer
    took: list[float] = field(default_factory=list)

    def ask(self, *channels: str, **fields: Any) -> str:
        """Ask for an approval in channels, and return its id."""
        reply = self.road.ask({**FORM, "channels": list(channels), **fields})
        assert 201 == reply.status, reply.body
        self.road.round()
        return str(road.said(reply)["id"])

    def press(self, person: str, action: str = "approve", channel: str = "C111", **given: Any) -> Reply:
        """Press a button of the one message of a channel."""
        return self.press_on(self.server.slack.shown(channel), person, action, **given)

    def press_on(self, message: Message, person: str, action: str = "approve", **given: Any) -> Reply:
        """Press a button of a message."""
        pressed = self.server.slack.press(example_policy.SLACK.get(person, person), message, action, **given)
        return self.deliver(pressed.headers, pressed.body)

    def deliver(self, headers: dict[str, str], body: bytes, *, late: float = 0) -> Reply:
        begun = time.monotonic()
        delivery = Delivery("slack", headers, body, self.road.now() - late)
        reply = self.road.presses().answer(self.road.world.channels["slack"], delivery)
        self.took.append(time.monotonic() - begun)
        assert b"" == reply.body
        return reply

    def text(self, channel: str = "C111") -> str:
        """Return all that the one message of a channel shows."""
        message = self.server.slack.shown(channel)
        return json.dumps([message.text, message.blocks], ensure_ascii=False)

    def buttons(self, channel: str = "C111") -> list[str]:
        """Return what stands on the buttons that decide."""
        blocks = self.server.slack.shown(channel).blocks
        return [
            each["text"]["text"] for block in blocks if block.get("block_id") == "decide" for each in block["elements"]
        ]

    def words(self) -> list[tuple[str, str]]:
        """Return the words that one person alone read: to whom, and what."""
        return [(each.person, each.text) for each in self.server.slack.ephemerals]

    def case(self, name: str) -> Case:
        return self.road.case(name)


def outcome(reply: Reply) -> str:
    return reply.headers["Relay-Outcome"]
