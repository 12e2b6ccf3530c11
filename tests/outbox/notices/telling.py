"""A relay with Slack, GitHub and a receiver of webhooks, all on loopback, and a policy that asks for notices."""

import json
from dataclasses import dataclass
from typing import Any, Final

import pytest

from relay.approval.events import EVENTS
from relay.dev.simulator.slack_workspace import Message
from relay.model.debts import Debt
from relay.signed import tickets
from tests.support import example_policy, road
from tests.support.github_server import GitHubServer
from tests.support.hook_server import HookServer
from tests.support.slack_server import SlackServer

FORM: Final = {
    "repository": "octo/api",
    "event_type": "deploy-api",
    "environment": "production",
    "title": "Deploy api",
    "requested_by": "octocat",
}
CHANNELS: Final = f"""{example_policy.SLACK_CHANNELS}
[channels.events]
kind = "webhook"
[channels.audit]
kind = "webhook"
"""
COMMAND: Final = example_policy.command(
    "deploy", "deploy {{app}}", environment="staging", title="Deploy {{app}}", approve=True
)
ALL: Final = [*EVENTS[:-2], "run_complete"]


def entry(*to: str, on: list[str] | None = None, **fields: object) -> str:
    """Return an entry of the policy, of every event unless `on` names some."""
    given = {"on": on or ALL, "to": list(to), **fields}
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in given.items()]
    return "\n".join(["\n[[notify]]", *lines, ""])


def policy(*entries: str) -> str:
    """Return the example policy with some entries."""
    rules = [
        example_policy.rule("newest", example_policy.RELEASE, supersede=True),
        example_policy.rule("staging", example_policy.RELEASE, requests=["command"], self_approval=True),
        example_policy.rule("announced", example_policy.RELEASE, on_request="preview"),
    ]
    return "".join([example_policy.POLICY, *rules, CHANNELS, COMMAND, *entries])


def of(*entries: str) -> pytest.MarkDecorator:
    """Return the mark of a test whose policy has these entries."""
    return pytest.mark.parametrize("here", [entries], indirect=True, ids=["policy"])


@dataclass
class Telling:
    """A relay whose channels hear of events."""

    road: road.Road
    slack: SlackServer
    hooks: HookServer
    github: GitHubServer

    def ask(self, **fields: Any) -> str:
        """Ask for an approval, and return its id."""
        reply = self.road.ask({name: value for name, value in {**FORM, **fields}.items() if value is not None})
        assert 201 == reply.status, reply.body
        return str(road.said(reply)["id"])

    def press(self, person: str, case_id: str, verdict: str = "approve", comment: str | None = None) -> str:
        """Press a button of a request, and return the outcome."""
        request = self.road.case(case_id).request
        ticket = tickets.sign(request, road.MASTER, road.ORIGIN, self_contained=False)
        return self.road.press(person, verdict, ticket, comment).headers["Relay-Outcome"]

    def messages(self, channel: str = "C111") -> list[Message]:
        """Return the messages of a Slack channel."""
        return [each for each in self.slack.slack.messages if each.channel == channel]

    def texts(self, channel: str = "C111") -> list[str]:
        """Return what the messages of a Slack channel say."""
        return [each.text for each in self.messages(channel)]

    def hours(self, number: int) -> None:
        """Let some hours pass, with a round at the end of each."""
        for _ in range(number):
            self.road.ahead += 3_600
            self.road.round()

    def owed(self) -> list[str]:
        """Return the notices that are not told, by channel and event."""
        found = [
            (debt.event_type, debt.notice) for case, index in self.road.outbox().owed() for debt in [case.debts[index]]
        ]
        return [f"{channel} {notice.event.name}" for channel, notice in found if notice]


def notices(here: Telling, case_id: str) -> list[Debt]:
    """Return the notices that a case owes, or has owed."""
    return [debt for debt in here.road.case(case_id).debts if debt.notice]
