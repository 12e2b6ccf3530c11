"""A relay is killed between commit, dispatch and card: after the next rounds every card tells the truth."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.chats.slack.road.conftest import settings
from tests.chats.slack.road.workspace import POLICY, Workspace
from tests.support import example_policy, road

pytestmark = pytest.mark.httpx_mock(should_mock=lambda request: request.url.host != "127.0.0.1")
LONG = 60.0  # seconds: more than the relay lives


@contextmanager
def alone(slack: Workspace, **changes: str) -> Iterator[subprocess.Popen[str]]:
    """Start a relay of its own that is warm: it has told a person that they may not press."""
    environ = road.environ(slack.road.path, **settings(slack.server, slack.github, POLICY) | changes)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.chats.slack.presses_alone"],
        cwd=road.ROOT,
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        press(slack, process, "lin")
        assert process.stdout
        assert "not-allowed" in process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.communicate(timeout=30)


def press(slack: Workspace, process: subprocess.Popen[str], person: str) -> None:
    user = example_policy.SLACK[person]
    pressed = slack.server.slack.press(user, slack.server.slack.shown("C111"), "approve", comment="before the cut")
    assert process.stdin
    process.stdin.write(json.dumps({"headers": pressed.headers, "body": pressed.body.decode()}) + "\n")
    process.stdin.flush()


def kill_once(process: subprocess.Popen[str], happened: Callable[[], bool]) -> None:
    until = time.monotonic() + LONG / 2
    while not happened():
        assert process.poll() is None
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.01)
    process.kill()
    process.wait(30)


def assert_that_all_is_told(slack: Workspace, name: str) -> None:
    slack.server.delay, slack.github.delay, slack.server.slack.mode = 0.0, 0.0, "up"
    for ahead in (60, 120, 600):
        slack.road.ahead = ahead
        slack.road.round()
    case = slack.case(name)
    assert ("approved", ["slack:T111/U111"]) == (case.status, [each.by.id for each in case.reviews])
    assert {name} == {each["client_payload"]["approval"]["id"] for each in slack.github.dispatched}
    for channel in ("C111", "C222"):
        assert "*Approved*" in slack.text(channel)
        assert "GitHub has taken it." in slack.text(channel)
        assert "“before the cut”" in slack.text(channel)
        assert [] == slack.buttons(channel)


def test_killed_between_commit_and_dispatch(slack: Workspace) -> None:
    name = slack.ask("releases", "testers")
    with socket.create_server(("127.0.0.1", 0)) as deaf:  # takes connections and reads nothing of them
        nowhere = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        with alone(slack, RELAY_GITHUB_API_URL=nowhere) as process:
            press(slack, process, "ada")
            kill_once(process, lambda: slack.case(name).status == "approved")
    assert [] == slack.github.dispatched
    assert_that_all_is_told(slack, name)
    assert 1 == len(slack.github.dispatched)


def test_killed_after_github_took_the_dispatch_and_before_its_answer(slack: Workspace) -> None:
    name = slack.ask("releases", "testers")
    slack.github.delay = LONG
    with alone(slack) as process:
        press(slack, process, "ada")
        kill_once(process, lambda: bool(slack.github.dispatched))
    assert ["Approve", "Reject"] == slack.buttons()
    assert_that_all_is_told(slack, name)


@pytest.mark.parametrize("mode", ["down", "up"], ids=["before Slack took it", "before Slack's answer"])
def test_killed_while_the_card_is_changed(slack: Workspace, mode: str) -> None:
    name = slack.ask("releases", "testers")
    with alone(slack) as process:
        slack.server.delay, slack.server.slack.mode = LONG, mode
        slack.server.slack.calls.clear()
        press(slack, process, "ada")
        kill_once(process, lambda: "api/chat.update" in slack.server.slack.calls)
    assert 1 == len(slack.github.dispatched)
    assert_that_all_is_told(slack, name)
    assert 1 == len(slack.github.dispatched)
