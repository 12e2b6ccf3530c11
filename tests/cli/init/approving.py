"""A whole approval of the files of `relay init`: asked by ask.yml, pressed in the chat, verified by release.yml."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx
import yaml

from relay.cli.action.run import read_inputs
from tests.dev.simulator.here import path_of
from tests.support.outside import Outside

ROOT: Final = Path(__file__).parents[3]
PATIENCE: Final = 60.0  # seconds: a busy machine is no fault of the relay
T = TypeVar("T")
_EXPRESSION: Final = re.compile(r"\$\{\{ (\w+)\.(\w+) \}\}")


def step(folder: Path, file: str, job: str) -> dict[str, str]:
    """Return the inputs of the one step of a job that the relay's Action makes."""
    found = yaml.load((folder / ".github" / "workflows" / file).read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
    (made,) = [each for each in found["jobs"][job]["steps"] if "approval-relay" in each["uses"]]
    inputs: dict[str, str] = made["with"]
    return inputs


def act(command: str, inputs: dict[str, str], outside: Outside, environ: dict[str, str]) -> str:
    """Run an Action's command as its step does, with the repository's variables and secrets in the inputs."""
    given = outside.given() | {"run_id": environ["GITHUB_RUN_ID"]}
    filled = {name: _EXPRESSION.sub(lambda found: given[found[2]], value) for name, value in inputs.items()}
    arguments, variables = read_inputs(command, json.dumps(filled))
    ran = subprocess.run(
        [sys.executable, "-m", "relay", command, *arguments],
        env=environ | variables | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert 0 == ran.returncode, ran.stdout + ran.stderr
    return ran.stdout


def ask(outside: Outside, folder: Path, repository: str) -> str:
    """Run ask.yml, and return the id of the request."""
    outside.install()
    environ = outside.job(repository, folder, run_id="18200345671")
    said = act("send", step(folder, "ask.yml", "ask"), outside, environ)
    found = re.search(r"Request (\S+)", said)
    assert found, said
    return found[1]


def press(outside: Outside, person: str) -> None:
    """Press Approve on the newest card, or on the page that it opens."""
    page = httpx.Client(base_url=outside.origin, headers={"X-Simulator-Token": ""}, trust_env=False, timeout=PATIENCE)
    with page:
        card = _newest_card(outside)
        shown = card["views"].get(person, card["card"])
        if card["host"] == "workflows":
            _decide(page, shown, person)
            return
        pressed = page.post(
            "/simulator/presses",
            json={
                "card": card["id"],
                "person": person,
                "path": _button(card["host"], shown),
                "inputs": {"comment": ""},
            },
        )
        assert 200 == pressed.status_code, pressed.text


def verify(outside: Outside, folder: Path, repository: str) -> dict[str, str]:
    """Run the verifying job of release.yml on the dispatch that GitHub received, and return its outputs."""
    (received,) = _waited_for(outside.dispatched, "GitHub got no dispatch")
    payload = received["body"]["client_payload"]
    (folder / "event.json").write_text(
        json.dumps(
            {
                "action": received["body"]["event_type"],
                "client_payload": payload,
                "repository": {"full_name": repository},
            }
        ),
        "utf-8",
    )
    environ = outside.job(repository, folder, run_id="18200345999", event_name="repository_dispatch") | {
        "GITHUB_EVENT_NAME": "repository_dispatch",
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
    }
    (folder / "output").unlink(missing_ok=True)
    act("verify", step(folder, "release.yml", "verify"), outside, environ)
    lines = (folder / "output").read_text("utf-8").splitlines()
    return dict(zip((line.partition("<<")[0] for line in lines[::3]), lines[1::3], strict=True))


def _cards(outside: Outside) -> list[dict[str, Any]]:
    assert outside.simulator is not None
    return outside.simulator._chats._board.shown({})


def _newest_card(outside: Outside) -> dict[str, Any]:
    return _waited_for(lambda: _cards(outside), "no chat got a card")[0]


def _waited_for(found: Callable[[], list[T]], trouble: str) -> list[T]:
    deadline = time.monotonic() + PATIENCE
    while not (now := found()):
        assert time.monotonic() < deadline, trouble
        time.sleep(0.05)
    return now


def _button(host: str, card: dict[str, Any]) -> list[object]:
    if host != "slack":
        return path_of(card, "Approve")
    return next(
        ["blocks", at, "elements", number]
        for at, block in enumerate(card["blocks"])
        for number, element in enumerate(block.get("elements", ()))
        if element.get("action_id") == "approve"
    )


def _decide(browser: httpx.Client, card: dict[str, Any], person: str) -> None:
    """Open the card's page, sign in at Entra, and press Approve there."""
    (address,) = set(re.findall(r'"(http[^"]+/api/review/[^"]+)"', json.dumps(card)))
    browser.follow_redirects = True
    signing = browser.get(address)
    asked = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', signing.text))
    asked = {name: unescape(value) for name, value in asked.items()}
    review = browser.post(str(signing.url).partition("?")[0], data=asked | {"person": person})
    assert 200 == review.status_code, review.text
    fields = dict(re.findall(r'<input type="hidden" name="([a-z]+)" value="([^"]*)">', review.text))
    form = {name: unescape(value) for name, value in fields.items()} | {"decision": "approve", "comment": ""}
    decided = browser.post(str(review.url), data=form, headers={"Origin": address.partition("/api/")[0]})
    assert 200 == decided.status_code, decided.text
