"""Every recorded command, and every spoilt one, is read or refused as its expect.json says."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any, Final

import pytest

from relay.chats.contract.commands import CommandAnswer, TypedCommand
from relay.chats.contract.incoming import Typed
from relay.chats.slack.commands import SlackCommands
from relay.chats.teams.commands import TeamsCommands
from relay.commands.choice import MAX_TEXT
from relay.errors import Refusal
from relay.model.delivery import Delivery, Reply

FIXTURES: Final = Path(__file__).parents[1] / "fixtures"
CASES: Final = {
    f"{folder}/{path.name}": path
    for folder in ("slack", "teams-webhook")
    for path in sorted((FIXTURES / folder).iterdir())
    if "/api/commands/" in json.loads((path / "expect.json").read_bytes())["route"]
}


def chat(settings: dict[str, str]) -> Typed:
    if "RELAY_SLACK_TEAMS" in settings:
        secrets = settings["RELAY_SLACK_SIGNING_SECRET"].split(",")
        return SlackCommands(secrets, frozenset(settings["RELAY_SLACK_TEAMS"].split(",")))
    keys = [b64decode(key) for key in settings["RELAY_TEAMS_WEBHOOK_KEYS"].split(",")]
    return TeamsCommands(keys, frozenset(settings["RELAY_ENTRA_TENANTS"].split(",")))


def test_all_thirty_six_are_here() -> None:
    assert 36 == len(CASES)


@pytest.mark.parametrize("name", CASES)
def test_a_recorded_command_is_read_or_refused_as_it_says(name: str) -> None:
    path = CASES[name]
    expect: dict[str, Any] = json.loads((path / "expect.json").read_bytes())
    headers = json.loads((path / "headers.json").read_bytes())
    now = float(expect["now"])
    reader = chat(expect["settings"])
    try:
        read = reader.read(Delivery("command", headers, (path / "body").read_bytes(), now), now)
    except Refusal as refusal:
        refused = reader.refuse(refusal.code, refusal.check)
        assert expect["refusal"] == {"code": refused.headers["Relay-Outcome"], "status": refused.status}
        assert (refused.status == 200) == bool(refused.body)
        return
    if isinstance(read, Reply):
        assert ("nothing", Reply(200, {}, b"")) == (expect["reads"]["kind"], read)
        return
    assert expect["actor"] == read.actor.id
    if "refusal" in expect:  # read, and answered in words by the relay itself
        assert {"code": "malformed", "status": 200} == expect["refusal"]
        assert len(read.text) > MAX_TEXT
        return
    assert expect["reads"] == {"kind": "command", "text": read.text, "place": place(read)}


def place(read: TypedCommand) -> str:
    return read.conversation.id.partition(";")[0] if read.conversation else ""


@pytest.mark.parametrize("name", [each for each in CASES if "command-deploy" in each])
def test_the_words_of_an_answer_mention_nobody_and_name_the_page(name: str) -> None:
    path = CASES[name]
    expect = json.loads((path / "expect.json").read_bytes())
    headers = json.loads((path / "headers.json").read_bytes())
    delivery = Delivery("command", headers, (path / "body").read_bytes(), float(expect["now"]))
    read = chat(expect["settings"]).read(delivery, float(expect["now"]))
    assert isinstance(read, TypedCommand)
    reply = read.reply(CommandAnswer("asked", ("Asked: <!channel> *b* [x](http://evil)",), "https://relay.example/r"))
    said = json.loads(reply.body)
    assert (200, "asked") == (reply.status, reply.headers["Relay-Outcome"])
    assert "https://relay.example/r" in said["text"]
    assert "<!channel>" not in said["text"]
    assert "slack" in name or "](http://evil)" not in said["text"]
    slack = {"response_type": "ephemeral", "text": said["text"]}
    assert (slack if "slack" in name else {"type": "message", "text": said["text"]}) == said
