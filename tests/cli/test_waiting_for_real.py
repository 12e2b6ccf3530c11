"""`relay send --wait` in a process of its own, against a relay that serves: a job is cancelled, and a relay is away."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import pytest

from tests.cli.serving import Serving, serving
from tests.support import road
from tests.support.hook_server import HookServer
from tests.support.own_process import LIFE, clean

KEY = {"x-relay-key": road.API_KEY}
ASK = ("--repository", "octo/api", "--event-type", "deploy-api", "--environment", "production", "--title", "Deploy")


@contextmanager
def waiting(served: Serving, chat: HookServer) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Yield a job's step that waits, once it has said so, and the id of its request."""
    outputs = served.folder / "outputs"
    given = {"RELAY_URL": served.origin, "RELAY_API_KEY": road.API_KEY, "RELAY_WEBHOOK_URL": chat.url}
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "relay", "send", "--wait", *ASK],
        env=clean() | given | {"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": str(outputs)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    reaper = Timer(LIFE, process.kill)
    reaper.daemon = True
    reaper.start()
    assert process.stdout is not None
    try:
        printed = ""
        while "Requested, stage" not in printed:
            line = process.stdout.readline()
            assert line, printed
            printed += line
        yield process, printed.partition("/api/review/")[2].split()[0]
    finally:
        reaper.cancel()
        process.kill()
        process.wait(60)
        process.stdout.close()


def status(served: Serving, request: str) -> object:
    with served.client() as client:
        return client.get(f"/api/requests/{request}", headers=KEY).json()["status"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_cancelled_job_cancels_its_request(number: signal.Signals, tmp_path: Path) -> None:
    with HookServer(200, body=b"1") as chat, serving(tmp_path) as served, waiting(served, chat) as (step, request):
        assert "pending" == status(served, request)
        step.send_signal(number)
        said, _ = step.communicate(timeout=LIFE)
        assert (3, "cancelled") == (step.returncode, status(served, request))
    assert f"Interrupted ({number.name}): the request is cancelled." in said
    assert "status<<" in (tmp_path / "outputs").read_text()


def test_two_signals_that_come_together_cancel_its_request_too(tmp_path: Path) -> None:
    with HookServer(200, body=b"1") as chat, serving(tmp_path) as served, waiting(served, chat) as (step, request):
        for number in (signal.SIGSTOP, signal.SIGINT, signal.SIGTERM, signal.SIGCONT):
            step.send_signal(number)
        said, _ = step.communicate(timeout=LIFE)
        assert (3, "cancelled") == (step.returncode, status(served, request)), said
    assert "the request is cancelled." in said


def test_a_relay_that_is_away_and_comes_back_is_waited_for(tmp_path: Path) -> None:
    with HookServer(200, body=b"1") as chat, serving(tmp_path) as first, waiting(first, chat) as (step, request):
        first.end()
        assert step.stdout is not None
        assert "The relay could not be reached" in step.stdout.readline()
        with serving(tmp_path, "--port", str(first.port)) as again:
            with again.client() as client:
                assert 200 == client.post(f"/api/requests/{request}/cancel", headers=KEY).status_code
            said, _ = step.communicate(timeout=LIFE)
    assert 3 == step.returncode
    assert "The relay answers again." in said
    assert "Cancelled by key:ci" in said
