"""Webhooks of the simulator's GitHub: each is signed as GitHub signs, and the answer of the relay is kept.

https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
"""

import json
import uuid
from collections.abc import Mapping
from typing import Any, Final

import httpx

from relay.dev.simulator.answers import read_json
from relay.dev.simulator.job_tokens import number_of
from relay.github.webhook import sign

PATH: Final = "/api/webhooks/github"
TIMEOUT: Final = 10.0  # seconds for which GitHub waits


class GitHubWebhooks:
    """Sends events to the relay at `relay_url`, with the webhook `secret`."""

    def __init__(self, relay_url: str, secret: str) -> None:
        self._secret = secret
        self._client = httpx.Client(base_url=relay_url, timeout=TIMEOUT, trust_env=False)

    def send(self, event: str, payload: Mapping[str, object]) -> str:
        """Send one event. Return the status of the answer and its word, such as `202 taken`."""
        body = json.dumps(payload).encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/simulated",
            "X-GitHub-Delivery": str(uuid.uuid4()),
            "X-GitHub-Event": event,
            "X-Hub-Signature-256": sign(self._secret, body),
        }
        try:
            answer = self._client.post(PATH, headers=headers, content=body)
            found: Any = read_json(answer.content)
        except httpx.HTTPError:
            return "no answer"
        except ValueError:
            return str(answer.status_code)
        word = (found.get("status") or found.get("error")) if isinstance(found, dict) else None
        return f"{answer.status_code} {word or ''}".strip()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def repository_fields(full_name: str) -> dict[str, object]:
    """Return a repository as GitHub's events have it."""
    owner, _, name = full_name.partition("/")
    return {"id": int(number_of(full_name)), "name": name, "full_name": full_name, "owner": {"login": owner}}


def page_of(repository: str, run_id: str) -> str:
    """Return the address of a run's page."""
    return f"https://github.com/{repository}/actions/runs/{run_id}"
