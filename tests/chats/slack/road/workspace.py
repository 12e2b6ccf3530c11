"""A relay with an app in a Slack workspace and a GitHub, all on loopback, and what people do there."""

import json
import time
from dataclasses import dataclass, field
from typing import Any

from relay.dev.simulator.slack_presses import Press
from relay.dev.simulator.slack_workspace import Message
from relay.model.case import Case
from relay.model.delivery import Delivery, Reply
from tests.support import command_policy, example_policy, road
from tests.support.example_policy import rule, stage
from tests.support.github_server import GitHubServer
from tests.support.slack_server import SlackServer

FORM = {"repository": "octo/api", "event_type": "deploy-api", "environment": "production", "title": "Deploy api"}
OWNED = rule(
    "owned",
    stage("qa", "group:qa", channels=["testers"]),
    stage(
        "release",
        "group:owners",
        channels=["owners"],
        approve_label="Deploy",
        reject_label="Close",
        confirm="This goes to production.",
    ),
    channels=["releases"],
)
POLICY = (
    example_policy.POLICY
    + command_policy.RULES
    + command_policy.COMMANDS
    + example_policy.SLACK_CHANNELS
    + OWNED
    + """
[[rule]]
repository = "octo/*"
environment = "again"
event_types = ["deploy-*"]
retry = true
[[rule.stage]]
approvers = ["group:owners"]

[[rule]]
repository = "octo/*"
environment = "open"
event_types = ["deploy-*"]
self_approval = true
supersede = true
[[rule.stage]]
approvers = ["anyone"]

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

    def say(self, person: str, text: str, channel: str = "C111", **given: Any) -> Reply:
        """Type a slash command in a channel."""
        typed = self.server.slack.command(example_policy.SLACK.get(person, person), channel, text, **given)
        return self.command(typed.headers, typed.body)

    def command(self, headers: dict[str, str], body: bytes) -> Reply:
        delivery = Delivery("command", headers, body, self.road.now())
        return self.road.commands().answer(self.road.world.typed["slack"], delivery)

    def delivery(self, typed: Press) -> Delivery:
        return Delivery("command", typed.headers, typed.body, self.road.now())

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


def words(reply: Reply) -> str:
    """Return the words of an answer, which only the person who typed sees."""
    said = json.loads(reply.body)
    assert (200, "ephemeral", {"response_type", "text"}) == (reply.status, said["response_type"], {*said})
    return str(said["text"])


def case(slack: Workspace, reply: Reply) -> Case:
    """Return the case whose review page an answer names."""
    return slack.case(words(reply).rpartition("/api/review/")[2].partition("|")[0])


def cases(slack: Workspace) -> int:
    """Return how many requests there are."""
    return slack.road.recorded()["cases"]
