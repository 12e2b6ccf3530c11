"""The event `deployment_protection_rule`: a run that waits at an environment.

https://docs.github.com/webhooks/webhook-events-and-payloads#deployment_protection_rule
"""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from relay.errors import malformed

_CALLBACK: Final = re.compile(r"/actions/runs/([1-9][0-9]{0,19})/deployment_protection_rule")


class WaitingRun(NamedTuple):
    """A run that waits at an environment, as the event describes it."""

    repository: str
    repository_id: str
    run_id: str
    environment: str
    ref: str
    sha: str
    asker: str
    asker_id: int
    is_person: bool


def read_waiting(event: Mapping[str, Any], api_url: str) -> WaitingRun:
    """Read the event. Raises Refusal malformed, naming the field."""
    repository, sender = _object(event, "repository"), _object(event, "sender")
    full_name, environment = _text(repository, "full_name", "repository"), _text(event, "environment", "environment")
    # The address is only compared: its run id is taken, and the verdict goes to an address that the relay builds.
    address = _text(event, "deployment_callback_url", "deployment_callback_url")
    start = f"{api_url}/repos/{full_name}"
    found = _CALLBACK.fullmatch(address.removeprefix(start)) if address.startswith(start) else None
    if found is None:
        raise malformed("deployment_callback_url", "is not the address of a run of the repository at this GitHub")
    deployment = event.get("deployment")
    deployment = deployment if isinstance(deployment, Mapping) else {}
    is_person = sender.get("type") != "Bot" and not str(sender.get("login")).endswith("[bot]")
    creator = deployment.get("creator")
    asker = creator if not is_person and isinstance(creator, Mapping) else sender
    return WaitingRun(
        repository=full_name,
        repository_id=str(_number(repository, "id", "repository")),
        run_id=found[1],
        environment=environment,
        ref=_first(event, deployment, "ref"),
        sha=_first(event, deployment, "sha"),
        asker=_text(asker, "login", "sender"),
        asker_id=_number(asker, "id", "sender"),
        is_person=is_person,
    )


def _object(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = fields.get(name)
    if not isinstance(value, Mapping):
        raise malformed(name, "is missing or no object")
    return value


def _text(fields: Mapping[str, Any], name: str, field: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise malformed(field, f"has no {name}")
    return value


def _number(fields: Mapping[str, Any], name: str, field: str) -> int:
    value = fields.get(name)
    if type(value) is not int or value <= 0:
        raise malformed(field, f"has no {name}")
    return value


def _first(event: Mapping[str, Any], deployment: Mapping[str, Any], name: str) -> str:
    """Return a text of the event, or else of its deployment."""
    found = next((each[name] for each in (event, deployment) if each.get(name)), "")
    if not isinstance(found, str) or not found:
        raise malformed(name, "is missing or no text")
    return found
