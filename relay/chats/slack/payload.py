"""A press in Slack, read from a body: the form, the action, the person, the comment, the address for words.

https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from relay.chats.slack.form import malformed, read_fields
from relay.chats.slack.person import read_person
from relay.model.delivery import Interaction
from relay.model.people import MAX_COMMENT, Act, Actor
from relay.model.values import Json
from relay.net.addresses import is_loopback
from relay.signed import canonical_json

COMMENT: Final = "comment"
LINK: Final = "link-"
AGAIN: Final[Act] = "again"
_ACTS: Final[Mapping[str, Act]] = MappingProxyType({"approve": "approve", "reject": "reject", AGAIN: AGAIN})
_TICKET: Final = re.compile(r"[A-Za-z0-9_.-]{1,2000}")
_VISIBLE: Final = re.compile(r"[!-\[\]-~]{1,2000}")
_HTTPS: Final = 443


@dataclass(frozen=True, slots=True)
class Press:
    """The members of a payload of type block_actions, and its one action."""

    members: Json
    action: Json

    def person(self, teams: Collection[str]) -> Actor:
        """Return the person: `user.team_id` and `user.id`, and no other field in their place.

        Raises Refusal malformed for a user of another form, not-allowed for a team that is not among `teams`.
        """
        user = self.members.get("user")
        if not isinstance(user, Mapping):
            raise malformed("user is no object")
        # People choose their names in Slack: on a card a person whom the policy does not know has the id alone.
        return read_person(user.get("team_id"), user.get("id"), teams)

    def interaction(self, actor: Actor) -> Interaction:
        """Return the act and the comment of the person. Raises Refusal malformed."""
        act = _ACTS.get(str(self.action.get("action_id")))
        if act is None:
            raise malformed("the action is not one of ours")
        ticket = self.action.get("value")
        if not isinstance(ticket, str) or not _TICKET.fullmatch(ticket):
            raise malformed("the action's value is no ticket")
        return Interaction(ticket, act, self._comment(), actor, self.message())

    def message(self) -> tuple[str, str]:
        """Return channel and ts of the message that was pressed; empty where Slack does not say."""
        container = self.members.get("container")
        found = container if isinstance(container, Mapping) else {}
        channel, ts = found.get("channel_id"), found.get("message_ts")
        return (channel, ts) if isinstance(channel, str) and isinstance(ts, str) else ("", "")

    def response_url(self, api_url: str) -> str:
        """Return the address for words to the person who pressed; empty where it is none of Slack's.

        It is on `hooks.` and the host of `api_url`, or on loopback of the same origin.
        """
        found = self.members.get("response_url")
        return found if isinstance(found, str) and is_response_url(found, api_url) else ""

    def _comment(self) -> str:
        state = self.members.get("state")
        blocks = state.get("values") if isinstance(state, Mapping) else None
        for block in blocks.values() if isinstance(blocks, Mapping) else ():
            given = block.get(COMMENT) if isinstance(block, Mapping) else None
            if not isinstance(given, Mapping):
                continue
            value = given.get("value")
            if not isinstance(value, str | None):
                raise malformed("the comment is no text")
            if value is not None:
                if len(value) > MAX_COMMENT:
                    raise malformed("the comment is too long")
                return value.encode("utf-8", "replace").decode() if value.strip() else ""
        return ""


@lru_cache(maxsize=8)  # a press is read where it is proven, where it is judged and where it is answered
def read_press(body: bytes) -> Press | None:
    """Read a body; None where nothing is to be judged: a link, or a payload of another type.

    Raises Refusal malformed.
    """
    members = _payload(body)
    if members.get("type") != "block_actions":
        return None
    actions = members.get("actions")
    if not isinstance(actions, list) or len(actions) != 1 or not isinstance(actions[0], Mapping):
        raise malformed("it has not exactly one action")
    name = actions[0].get("action_id")
    if isinstance(name, str) and name.startswith(LINK):
        return None
    return Press(members, actions[0])


def is_response_url(url: str, api_url: str) -> bool:
    """Tell whether an address is one where the Slack of `api_url` takes words."""
    if not _VISIBLE.fullmatch(url):  # parsers disagree about the rest
        return False
    try:
        found, api = urlsplit(url), urlsplit(api_url)
        port, host = found.port, found.hostname or ""
    except ValueError:
        return False
    if "@" in found.netloc or "\\" in url:
        return False
    if is_loopback(api.hostname or ""):
        return (found.scheme, found.netloc) == (api.scheme, api.netloc)
    return found.scheme == "https" and port in (None, _HTTPS) and host == f"hooks.{api.hostname}"


def _payload(body: bytes) -> Json:
    form = read_fields(body)
    if "payload" not in form or "command" in form:
        raise malformed("the form has no payload, or is a command")
    try:
        members = canonical_json.parse(form["payload"])
    except ValueError:
        raise malformed("the payload is no JSON") from None
    if not isinstance(members, dict):
        raise malformed("the payload is no object")
    return members
