"""`relay verify`, run for real on what GitHub took."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from relay.dev.simulator.github import GitHub
from relay.dev.simulator.job_tokens import JobTokens
from relay.dev.simulator.verifying import Run, Verifying, read_outputs
from tests.dev.simulator.here import REJECT, Here, ask, press, states

HEADERS = {"authorization": "Bearer t", "user-agent": "test"}
PATIENCE = 30.0  # seconds


def verified(page: httpx.Client) -> dict[str, Any]:
    """Return the newest dispatch once `relay verify` has said its word on it."""
    with page.stream("GET", "/simulator/events") as answer:
        return next(each["dispatches"][0] for each in states(answer) if each["dispatches"][0]["verify"])


def test_a_released_workflow_proves_who_approved_it(simulator: Here, page: httpx.Client) -> None:
    card = press(page, ask(page, "production")["id"], "ada")
    verify = verified(page)["verify"]
    assert (f'relay verify --once --relay {simulator.origin} --event "$GITHUB_EVENT_PATH"', 0) == (
        verify["command"],
        verify["exit"],
    )
    assert "decision: approved" in verify["output"]
    assert (card["request"]["id"], "approved", "production", "alan") == tuple(
        verify["outputs"][name] for name in ("id", "decision", "environment", "requested-by")
    )
    assert {"version": "2.4.0", "image": "shop:2.4.0"} == json.loads(verify["outputs"]["payload"])


def test_the_workflow_of_a_rejection_asks_for_that_decision(page: httpx.Client) -> None:
    press(page, ask(page, "payments")["id"], "grace", REJECT)
    verify = verified(page)["verify"]
    assert " --decision rejected " in verify["command"]
    assert (0, "rejected") == (verify["exit"], verify["outputs"]["decision"])


@contextmanager
def verifying(script: str, patience: float = PATIENCE) -> Iterator[tuple[GitHub, Event, Verifying]]:
    """Yield a GitHub and what verifies for it with `script` instead of `relay`; the event tells of each word."""
    told = Event()
    github = GitHub("t", told.set)
    tokens = JobTokens("http://127.0.0.1:1")
    made = Verifying(github, "http://127.0.0.1:1", tokens, command=(sys.executable, "-c", script), patience=patience)
    yield github, told, made
    made.close()
    made.join()
    assert made._thread is None or not made._thread.is_alive()


def take(github: GitHub, payload: object) -> None:
    body = json.dumps({"event_type": "deploy", "client_payload": payload}).encode()
    assert 204 == github.take("POST", "/repos/octo/shop/dispatches", HEADERS, body).status


def word(github: GitHub, told: Event, number: int = 0) -> Any:
    """Return what was said of a dispatch, the newest being number 0, once it is."""
    while github.received()[number]["verify"] is None:
        assert told.wait(PATIENCE)
        told.clear()
    return github.received()[number]["verify"]


def test_the_step_gets_the_event_and_what_the_runner_sets_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAY_TICKET_KEYS", "a secret")
    script = "import json, os, sys; print(json.dumps([sys.argv[1:], dict(os.environ), open(sys.argv[-1]).read()]))"
    with verifying(script) as (github, told, made):
        take(github, {"approval": {}})
        made.wake()
        arguments, environ, event = json.loads(word(github, told)["output"])
    assert ["verify", "--once", "--relay", "http://127.0.0.1:1", "--event"] == arguments[:-1]
    assert environ["GITHUB_EVENT_PATH"] == arguments[-1]
    assert ("true", "repository_dispatch", "octo/shop") == (
        environ["GITHUB_ACTIONS"],
        environ["GITHUB_EVENT_NAME"],
        environ["GITHUB_REPOSITORY"],
    )
    assert not [name for name in environ if name.startswith("RELAY_")]
    read = json.loads(event)
    assert ("deploy", {"approval": {}}, "octo/shop") == (
        read["action"],
        read["client_payload"],
        read["repository"]["full_name"],
    )
    assert not Path(arguments[-1]).exists()


def test_what_fails_is_shown_with_its_code_and_words() -> None:
    with verifying("import sys; print('::error::no'); sys.exit(3)") as (github, told, made):
        take(github, {"approval": {"decision": "approved"}})
        made.wake()
        assert {"exit": 3, "output": "::error::no\n", "outputs": {}}.items() <= word(github, told).items()


def test_dispatches_are_verified_one_after_the_other_and_only_those_with_an_approval() -> None:
    with verifying("print('done')") as (github, told, made):
        payloads: list[dict[str, object]] = [{}, {"approval": "x"}, {"approval": {}}, {"approval": {}}]
        for payload in payloads:
            take(github, payload)
        made.wake()
        assert "done\n" == word(github, told)["output"]
        assert [True, True, False, False] == [each["verify"] is not None for each in github.received()]


def test_a_run_that_does_not_end_is_ended() -> None:
    with verifying("import time; time.sleep(600)", patience=0.05) as (github, told, made):
        take(github, {"approval": {}})
        made.wake()
        verdict = word(github, told)
    assert (None, True) == (verdict["exit"], verdict["output"].startswith("It did not end within"))


def test_a_run_under_way_ends_with_the_simulator() -> None:
    with verifying("import time; time.sleep(600)") as (github, told, made):
        take(github, {"approval": {}})
        made.wake()
        while made._running is None:
            told.wait(0.01)
        made.close()
        made.join()
        assert -9 == word(github, told)["exit"]


def test_after_the_end_nothing_is_run(tmp_path: Path) -> None:
    with verifying("print('done')") as (github, _, made):
        take(github, {"approval": {}})
        made.close()
        made.wake()
        assert (None, "") == made._end(Run((), {}, tmp_path))
    assert [None] == [each["verify"] for each in github.received()]


def test_outputs_are_read_as_the_runner_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "output"
    assert {} == read_outputs(path)
    path.write_text("a<<X\none\ntwo\nX\nnoise\nb<<Y\nX\nY\nc<<Z\nopen", "utf-8")
    assert {"a": "one\ntwo", "b": "X", "c": "open"} == read_outputs(path)
