"""Six outages, as docs/operations.md tells them: what is seen, the command, and what is seen afterwards."""

import json
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.serving import Serving, serving
from tests.support import example_policy, road
from tests.support.github_server import GitHubServer
from tests.support.left_out import leave_out
from tests.support.own_process import ROOT, clean
from tests.support.slack_server import SlackServer

FORM = {
    "repository": "octo/api",
    "event_type": "deploy-api",
    "environment": "production",
    "title": "Deploy api",
    "channels": ["releases"],
}
POLICY = (
    example_policy.POLICY
    + """
[channels.releases]
kind = "slack"
place = "C111"
"""
)
PATIENCE = 45.0  # seconds for a round of the timer


@dataclass
class Night:
    """A relay that serves for real, its GitHub and its Slack."""

    served: Serving
    github: GitHubServer
    slack: SlackServer

    def ask(self) -> str:
        with self.served.client() as client:
            made = client.post("/api/requests", json=FORM, headers={"x-relay-key": road.API_KEY})
        assert 201 == made.status_code, made.text
        return str(made.json()["id"])

    def press(self) -> tuple[int, str]:
        """Approve as Ada in Slack, and return the status and the outcome."""
        pressed = self.slack.slack.press(example_policy.SLACK["ada"], self.slack.slack.shown("C111"), "approve")
        with self.served.client() as client:
            answer = client.post("/api/interactions/slack", headers=pressed.headers, content=pressed.body)
        return answer.status_code, answer.headers.get("Relay-Outcome", "")

    def health(self, name: str) -> tuple[str, str]:
        """Return the status and the detail of a check of health."""
        with self.served.client() as client:
            checks = client.get("/api/health").json()["checks"]
        return next((each["status"], each["detail"]) for each in checks if each["name"] == name)

    def relay(self, *arguments: str) -> str:
        """Run a command as an operator with a key does, and return all that it prints."""
        ran = subprocess.run(
            [sys.executable, "-m", "relay", *arguments],
            env=clean() | {"RELAY_URL": self.served.origin, "RELAY_API_KEY": road.OPERATOR_KEY},
            cwd=self.served.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return ran.stdout + ran.stderr

    def logged(self, event: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.served.lines() if line.startswith("{")]
        return [line for line in lines if line.get("event") == event]

    def comes(self, holds: Callable[[], bool]) -> bool:
        """Tell whether it comes true within a round or two."""
        over = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > over:
                return False
            time.sleep(0.3)
        return True


@contextmanager
def night(folder: Path, github: GitHubServer, slack: SlackServer, **changes: str) -> Iterator[Night]:
    settings = {
        "RELAY_POLICY": POLICY,
        "RELAY_GITHUB_API_URL": github.url,
        "RELAY_SLACK_SIGNING_SECRET": slack.slack.secret,
        "RELAY_SLACK_BOT_TOKEN": slack.slack.token,
        "RELAY_SLACK_TEAMS": "T111",
        "RELAY_SLACK_API_URL": slack.slack.api_url,
    }
    with serving(folder, **settings | changes) as served:
        yield Night(served, github, slack)


@pytest.fixture
def outside() -> Iterator[tuple[GitHubServer, SlackServer]]:
    with GitHubServer() as github, SlackServer() as slack:
        yield github, slack


def test_github_is_down(outside: tuple[GitHubServer, SlackServer], tmp_path: Path) -> None:
    with night(tmp_path, *outside) as here:
        here.ask()
        here.github.status = 500
        assert (200, "approved-retrying") == here.press()
        owed = here.relay("outbox", "list")
        assert "owed" in owed
        assert "it answers with error 500" in owed
        here.github.status = 204
        assert here.comes(lambda: "Nothing is owed" in here.relay("outbox", "list"))
        assert "delivered" in here.relay("messages")


def test_the_token_has_expired(outside: tuple[GitHubServer, SlackServer], tmp_path: Path) -> None:
    with night(tmp_path, *outside) as here:
        name = here.ask()
        here.github.status = 401
        assert (200, "approved-refused") == here.press()
        assert ("degraded", True) == (here.health("github")[0], "credential" in here.health("github")[1])
        assert "RELAY_GITHUB_TOKEN" in here.relay("outbox", "show", name)
        assert ["ERROR"] == [each["level"] for each in here.logged("refused")]
    here.github.status = 204
    with night(tmp_path, *outside, RELAY_GITHUB_TOKEN="github_pat_a_new_one") as here:
        here.relay("outbox", "replay", "--all")
        assert here.comes(lambda: "Nothing is owed" in here.relay("outbox", "list"))
        assert "ok" == here.health("github")[0]


def test_the_store_is_locked(outside: tuple[GitHubServer, SlackServer], tmp_path: Path) -> None:
    with night(tmp_path, *outside) as here:
        here.ask()
        with closing(sqlite3.connect(tmp_path / "relay.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert (503, "busy") == here.press()
            status, detail = here.health("store")
            assert ("failing", True) == (status, bool(detail))
        assert (200, "released") == here.press()
        assert "ok" == here.health("store")[0]


def test_the_clock_is_off(outside: tuple[GitHubServer, SlackServer], tmp_path: Path) -> None:
    github, slack = outside
    with night(tmp_path, *outside) as here:
        here.ask()
        github.ahead = 3_600.0
        slack.slack.clock = lambda: time.time() + 3_600
        assert (401, "not-genuine") == here.press()
        status, detail = here.health("clock")
        assert ("degraded", True) == (status, "behind GitHub's" in detail)
        assert "clock" in here.relay("doctor", "--url", here.served.origin)
        slack.slack.clock = time.time
        assert (200, "released") == here.press()


def test_the_chat_is_down(outside: tuple[GitHubServer, SlackServer], tmp_path: Path) -> None:
    with night(tmp_path, *outside) as here:
        name = here.ask()
        here.slack.slack.mode = "down"
        assert (200, "released") == here.press()
        assert 1 == len(here.github.dispatched), "no chat delays a release"
        assert here.comes(lambda: "releases" in here.relay("outbox", "list"))
        here.slack.slack.mode = "up"
        here.relay("outbox", "replay", name, "--card", "releases")
        assert here.comes(lambda: "Nothing is owed" in here.relay("outbox", "list"))
        assert "Approved" in json.dumps(here.slack.slack.shown("C111").blocks)


def test_the_disk_is_full(outside: tuple[GitHubServer, SlackServer], tmp_path: Path) -> None:
    if not hasattr(resource, "prlimit"):
        leave_out("only Linux limits the files of another process")
    with night(tmp_path, *outside) as here:
        here.ask()
        pid = here.served.process.pid
        _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, most))
        assert (503, "busy") == here.press()
        status, _ = here.health("store")
        assert "failing" == status
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))
        assert (200, "released") == here.press()
        assert "ok" == here.health("store")[0]


def test_the_docs_tell_these_six() -> None:
    text = (ROOT / "docs" / "operations.md").read_text("utf-8")
    section = text.partition("## At three in the morning")[2].partition("\n## ")[0]
    told = [line.removeprefix("| **").partition("**")[0] for line in section.splitlines() if line.startswith("| **")]
    played = [name.removeprefix("test_").replace("_", " ") for name in globals() if name.startswith("test_")]
    assert played[:6] == [each.lower() for each in told]
