"""Slash commands of Slack, and their answers, visible to their author alone.

https://docs.slack.dev/interactivity/implementing-slash-commands/
"""

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from relay.chats.contract.commands import CommandAnswer, TypedCommand
from relay.chats.contract.incoming import MAX_BODY, Budget
from relay.chats.slack.form import malformed, read_fields
from relay.chats.slack.person import OTHER_TEAM, read_person
from relay.chats.slack.signature import is_ssl_check, prove
from relay.chats.slack.text import link, literal
from relay.identity.directory import printable_name
from relay.model.delivery import Conversation, Delivery, Reply

_KIND: Final = "slack"
_CHANNEL: Final = re.compile(r"[CGD][A-Z0-9]{1,20}")
_STATUSES: Final = {"not-genuine": 401, "malformed": 400, "too-large": 413}
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True, repr=False)
class SlackCommands:
    """The commands of an app that signs with one of `secrets`. Only people of `teams` may act.

    Without a secret nothing is genuine. It has no repr, since it holds secrets.
    """

    secrets: Sequence[str]
    teams: Collection[str]
    # Slack waits 3 s: https://docs.slack.dev/interactivity/implementing-slash-commands/#responding_basic_receipt
    budget: ClassVar[Budget] = Budget(1.5, 2.4)
    max_body: ClassVar[int] = MAX_BODY

    def read(self, delivery: Delivery, now: float) -> TypedCommand | Reply:
        """Prove and read a command. Raises Refusal; nothing is read before the signature."""
        if is_ssl_check(delivery.body):
            return Reply(200, {}, b"")
        prove(delivery.headers, delivery.body, self.secrets, now)
        form = read_fields(delivery.body)
        if "command" not in form or "payload" in form:
            raise malformed("the form has no command, or is a press")
        actor = read_person(form.get("team_id"), form.get("user_id"), self.teams, form.get("user_name", ""))
        channel = form.get("channel_id", "")
        name = printable_name(form.get("channel_name", ""))
        place = Conversation(_KIND, channel, "", form["team_id"], name) if _CHANNEL.fullmatch(channel) else None
        signature = delivery.headers["x-slack-signature"]
        return TypedCommand(_without_entities(form.get("text", "")), actor, place, f"{_KIND} {signature}", _reply)

    def refuse(self, code: str, check: str = "") -> Reply:
        """Answer a delivery that was not read, in words only for a person of another team."""
        del check
        if code == "not-allowed":
            return _reply(CommandAnswer(code, (OTHER_TEAM,)))
        return Reply(_STATUSES[code], {"Relay-Outcome": code}, b"")


def _without_entities(text: str) -> str:
    """Undo the three entities that Slack writes, once."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _reply(answer: CommandAnswer) -> Reply:
    lines = [literal(line) for line in answer.lines]
    if answer.url:
        lines.append(link(answer.url, "Review page"))
    body = _ENCODER.encode({"response_type": "ephemeral", "text": "\n".join(lines)})
    headers = {"Content-Type": "application/json; charset=utf-8", "Relay-Outcome": answer.code}
    return Reply(200, headers, body.encode("utf-8", "replace"))
