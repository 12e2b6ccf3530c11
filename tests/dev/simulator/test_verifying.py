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
from relay.dev.simulator.github_webhooks import GitHubWebhooks
from relay.dev.simulator.job_tokens import JobTokens
from relay.dev.simulator.posted_cards import Board
from relay.dev.simulator.released_step import Step, read_outputs
from relay.dev.simulator.verifying import Verifying
from relay.dev.simulator.workflow_runs import WorkflowRuns
from tests.dev.simulator.here import REJECT, Here, ask, ask_in, press, press_on, states

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


def test_a_workflow_started_by_its_name_proves_its_approval_too(page: httpx.Client) -> None:
    card = press(page, ask(page, "manual")["id"], "ada")
    newest = verified(page)
    assert ("publish.yml", 200, 0) == (newest["workflow"], newest["status"], newest["verify"]["exit"])
    outputs = newest["verify"]["outputs"]
    assert (card["request"]["id"], "true") == (outputs["id"], outputs["once"])
    assert {"version": "2.4.0", "languages": "en,ko"} == json.loads(outputs["payload"])
    address = f"https://github.com/octo/shop/actions/runs/{newest['run_id']}"
    assert address == card["request"]["dispatch"]["run_url"]
    assert address in json.dumps(card["views"]["ada"])


def test_a_run_starts_once_who_pressed_has_the_answer(page: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    (card,) = ask_in(page, "production", "channel:releases")
    told, tell, answer = Event(), WorkflowRuns.tell, Board.answer
    early = list[bool]()

    def telling(runs: WorkflowRuns, *step: Any) -> dict[str, object]:
        told.set()
        return tell(runs, *step)

    def answering(board: Board, *shown: Any) -> None:
        early.append(told.wait(0.5))
        answer(board, *shown)

    monkeypatch.setattr(WorkflowRuns, "tell", telling)
    monkeypatch.setattr(Board, "answer", answering)
    press_on(page, card, "Approve", "ada")
    assert 0 == verified(page)["verify"]["exit"]
    assert ([False], True) == (early, told.is_set())


@contextmanager
def verifying(script: str, patience: float = PATIENCE) -> Iterator[tuple[GitHub, Event, Verifying]]:
    """Yield a GitHub and what verifies for it with `script` instead of `relay`; the event tells of each word."""
    told = Event()
    github = GitHub("t", told.set)
    tokens = JobTokens("http://127.0.0.1:1")
    webhooks = GitHubWebhooks("http://127.0.0.1:1", "a secret of a webhook")
    runs = WorkflowRuns(webhooks, told.set)
    command = (sys.executable, "-c", script)
    made = Verifying(github, "http://127.0.0.1:1", tokens, runs, lambda: None, command=command, patience=patience)
    yield github, told, made
    made.close()
    made.join()
    webhooks.close()
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


def test_a_workflow_started_by_its_name_gets_its_inputs_at_the_ref_of_the_request() -> None:
    script = "import json, os, sys; print(json.dumps([dict(os.environ), open(sys.argv[-1]).read()]))"
    inputs = {"approval": json.dumps({"ref": "refs/tags/v2"}), "version": "2"}
    sent = HEADERS, json.dumps({"ref": "v2", "inputs": inputs}).encode()
    with verifying(script) as (github, told, made):
        assert 204 == github.take("POST", "/repos/octo/shop/actions/workflows/ship.yaml/dispatches", *sent).status
        made.wake()
        environ, event = json.loads(word(github, told)["output"])
    assert ("workflow_dispatch", "refs/tags/v2", "octo/shop/.github/workflows/ship.yaml@refs/tags/v2") == (
        environ["GITHUB_EVENT_NAME"],
        environ["GITHUB_REF"],
        environ["GITHUB_WORKFLOW_REF"],
    )
    told_event = json.loads(event)
    assert (inputs, "refs/tags/v2", ".github/workflows/ship.yaml") == (
        told_event["inputs"],
        told_event["ref"],
        told_event["workflow"],
    )


def test_what_fails_is_shown_with_its_code_and_words() -> None:
    with verifying("import sys; print('::error::no'); sys.exit(3)") as (github, told, made):
        take(github, {"approval": {"decision": "approved"}})
        made.wake()
        assert {"exit": 3, "output": "::error::no\n", "outputs": {}}.items() <= word(github, told).items()


def test_dispatches_are_verified_one_after_the_other_and_only_those_with_an_approval() -> None:
    with verifying("print('done')") as (github, told, made):
        payloads: list[object] = [{}, {"approval": "x"}, {"approval": {}}, {"approval": {}}]
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
        assert (None, "") == made._end(Step((), {}, tmp_path))
    assert [None] == [each["verify"] for each in github.received()]


def test_outputs_are_read_as_the_runner_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "output"
    assert {} == read_outputs(path)
    path.write_text("a<<X\none\ntwo\nX\nnoise\nb<<Y\nX\nY\nc<<Z\nopen", "utf-8")
    assert {"a": "one\ntwo", "b": "X", "c": "open"} == read_outputs(path)


def test_a_run_is_played_to_its_end_and_its_cards_follow(simulator: Here, page: httpx.Client) -> None:
    assert 200 == page.post("/simulator/runs", json={"end": "failure"}).status_code
    assert 400 == page.post("/simulator/runs", json={"end": "?"}).status_code
    press(page, ask(page, "production")["id"], "ada")
    with page.stream("GET", "/simulator/events") as answer:
        newest = next(each for each in states(answer) if _ended(each))
    assert 200 == page.post("/simulator/runs", json={"end": "success"}).status_code
    run: dict[str, Any] = newest["dispatches"][0]["run"]
    assert [("requested", "202 taken"), ("in_progress", "202 taken"), ("completed", "202 taken")] == [
        (each["action"], each["answer"]) for each in run["told"]
    ]
    assert ("failure", "failure") == (run["state"], newest["runs"]["end"])


@pytest.mark.parametrize(("end", "state"), [("success", "success"), ("failure", "failure"), ("cancelled", "failure")])
def test_a_run_reports_what_was_chosen_as_its_last_step(tmp_path: Path, end: str, state: str) -> None:
    steps = tmp_path / "steps"
    script = f"import json, sys; print(json.dumps(sys.argv[1:-2]), file=open({str(steps)!r}, 'a'))"
    with verifying(script) as (github, told, made):
        made._runs.choose(end, "--why not")
        take(github, {"approval": {"decision": "requested"}})
        made.wake()
        while f"'state': '{end}'" not in str(github.received()[0]["run"]):
            assert told.wait(PATIENCE)
            told.clear()
    assert [
        ["verify", "--decision", "requested", "--relay", "http://127.0.0.1:1"],
        ["report", "--relay", "http://127.0.0.1:1", "--state", state, "--text=--why not"],
    ] == [json.loads(line) for line in steps.read_text().splitlines()]


def _ended(state: dict[str, Any]) -> bool:
    played = [each["run"] for each in state["dispatches"][:1] if each["run"]]
    return any(run["state"] == "failure" for run in played)
