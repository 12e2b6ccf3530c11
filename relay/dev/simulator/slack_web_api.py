"""Slack's Web API, as far as the relay calls it.

https://docs.slack.dev/reference/methods/chat.postMessage
https://docs.slack.dev/reference/methods/chat.update
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from relay.dev.simulator.slack_limits import MAX_UPDATE, fault_of
from relay.dev.simulator.slack_workspace import Channel, Workspace


class Answered(NamedTuple):
    """An answer of Slack: status, headers, body. None in the place of the body is a connection that is cut off."""

    status: int
    headers: dict[str, str]
    body: bytes | None


def answer(slack: Workspace, method: str, headers: Mapping[str, str], body: bytes) -> Answered:  # noqa: PLR0911 - one for each check
    """Answer a call of a method. Header names are in lower case."""
    if headers.get("authorization") != f"Bearer {slack.token}":
        return _error("invalid_auth")
    if slack.mode == "limited":
        return _wait(slack.limited_for)
    if slack.next_errors:
        return _error(slack.next_errors.pop(0))
    if method == "auth.test":
        team = {"url": "https://octo.slack.example/", "team": "Octo", "team_id": slack.team}
        return _ok(**team, user_id="U222", bot_id="B111")
    if method == "conversations.info":
        return _conversation(slack, parse_qs(body.decode()).get("channel", [""])[0])
    if "json" not in headers.get("content-type", ""):
        return _error("invalid_post_type")
    try:
        given = json.loads(body)
    except ValueError:
        return _error("invalid_json")
    match method:
        case "chat.postMessage":
            return _post(slack, given)
        case "chat.update":
            return _update(slack, given)
    return _error("unknown_method")


def refused(**fields: object) -> bytes:
    """Return the body of a refusal."""
    return json.dumps({"ok": False, **fields}).encode()


def _conversation(slack: Workspace, identifier: str) -> Answered:
    found = slack.channels.get(identifier)
    if found is None:
        return _error("channel_not_found")
    state = {"is_member": found.app_is_in, "is_archived": found.archived, "is_private": not found.app_is_in}
    return _ok(channel={"id": found.id, "name": found.name, **state})


def _post(slack: Workspace, given: Mapping[str, Any]) -> Answered:
    name = str(given.get("channel"))
    # A person's id is the place of a new message alone.
    channel = slack.channels.get(name) or next((each for each in slack.channels.values() if each.person == name), None)
    if channel is None or (error := _closed(channel)):
        return _error("channel_not_found" if channel is None else error)
    if fault := fault_of(given):
        return _error(**fault)
    thread = given.get("thread_ts")
    if thread and slack.message(channel.id, thread) is None:
        return _error("thread_not_found")
    if seconds := slack.pace.post(channel.id):
        return _wait(seconds)
    message = slack.post(channel.id, given, by_app=True)
    return _ok(channel=channel.id, ts=message.ts, message={"text": message.text})


def _update(slack: Workspace, given: Mapping[str, Any]) -> Answered:  # noqa: PLR0911 - one for each check
    channel = slack.channels.get(str(given.get("channel")))
    if channel is None or (error := _closed(channel)):
        return _error("channel_not_found" if channel is None else error)
    message = slack.message(channel.id, given.get("ts"))
    if message is None:
        return _error("message_not_found")
    if not message.by_app:
        return _error("cant_update_message")
    if len(str(given.get("text", ""))) > MAX_UPDATE:
        return _error("msg_too_long")
    if fault := fault_of(given):
        return _error(**fault)
    if seconds := slack.pace.update():
        return _wait(seconds)
    slack.change(message, given)
    return _ok(channel=channel.id, ts=message.ts, text=message.text)


def _closed(channel: Channel) -> str:
    """Return the code of why the app cannot write to a conversation, or an empty text."""
    if channel.archived:
        return "is_archived"
    return "" if channel.app_is_in else "not_in_channel"


def _ok(**fields: object) -> Answered:
    return Answered(200, {}, json.dumps({"ok": True, **fields}).encode())


def _error(error: object, **fields: object) -> Answered:
    return Answered(200, {}, refused(error=error, **fields))


def _wait(seconds: int) -> Answered:
    return Answered(429, {"Retry-After": str(seconds)}, refused(error="ratelimited"))
