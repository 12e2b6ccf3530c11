"""A card that something else posts at the chat's webhook."""

import json
import os
import subprocess
import sys
from typing import Any

import httpx

from tests.dev.simulator.here import Here, exports, state
from tests.support.own_process import ROOT

CARD = {"@type": "MessageCard", "@context": "https://schema.org/extensions", "summary": "Hello"}


def posted(page: httpx.Client, card: object) -> httpx.Response:
    url = exports(page)["RELAY_WEBHOOK_URL"]
    return httpx.post(url, content=json.dumps(card), trust_env=False)


def send(page: httpx.Client, *arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run `relay send` as a person does in another terminal."""
    clean = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "relay", "send", *arguments],
        env={**clean, **exports(page), **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def button(simulator: Here, **changes: object) -> dict[str, Any]:
    return {
        "@type": "HttpPOST",
        "name": "Press",
        "target": f"{simulator.origin}/api/interactions/messagecard",
        "body": '{"comment": "{{comment.value}}"}',
        **changes,
    }


def press_posted(page: httpx.Client, action: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    assert "1" == posted(page, {**CARD, "potentialAction": [action]}).text
    card = state(page)["cards"][0]
    asked = {"card": card["id"], "person": "ada", "path": ["potentialAction", 0], "inputs": {}}
    return page.post("/simulator/presses", json=asked).status_code, state(page)["cards"][0]["line"]
