"""An activity of the Bot Framework as it stands in a body, and what must hold before any of it is believed.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference#activity-object
https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from relay.chats.teams.clouds import ENDORSEMENT, Cloud, same_service
from relay.errors import Refusal
from relay.identity.directory import is_guid, printable_name
from relay.model import Actor, Conversation, Json
from relay.signed import canonical_json

INVOKE: Final = "invoke"  # what a person pressed, as opposed to what happened in a conversation
_CONVERSATION: Final = re.compile(r"[A-Za-z0-9:;=@._+/\-]{1,300}")
_KIND: Final = "teams"


@dataclass(frozen=True, slots=True)
class Activity:
    """The members of an activity."""

    members: Json

    def at(self, *path: str) -> object:
        """Return what stands at a path of names, None where there is nothing."""
        found: object = self.members
        for name in path:
            found = found.get(name) if isinstance(found, Mapping) else None
        return found

    def text(self, *path: str) -> str:
        """Return the text at a path, empty where there is none."""
        found = self.at(*path)
        return found if isinstance(found, str) else ""

    @property
    def conversation(self) -> str:
        """Return the id of the conversation, with the thread in it; empty where it is none of Teams' form."""
        found = self.text("conversation", "id")
        return found if _CONVERSATION.fullmatch(found) else ""

    def place(self) -> Conversation | None:
        """Return where this happened: a channel as a whole, not one of its threads."""
        conversation = self.conversation.partition(";")[0]
        if not conversation:
            return None
        names = (self.text(*path) for path in (("channelData", "channel", "name"), ("channelData", "team", "name")))
        name = next(filter(None, map(printable_name, (*names, self.text("conversation", "name")))), "")
        return Conversation(_KIND, conversation, self.text("serviceUrl"), self.tenant(), name)

    def tenant(self) -> str:
        """Return the tenant as a lower-case GUID, empty where none is named or two are."""
        paths = (("conversation", "tenantId"), ("channelData", "tenant", "id"), ("from", "tenantId"))
        named = [self.at(*path) for path in paths]
        said = {each.lower() if isinstance(each, str) else "" for each in named if each is not None}
        tenant = said.pop() if len(said) == 1 else ""
        return tenant if is_guid(tenant) else ""

    def actor(self) -> Actor:
        """Return the person behind it; without an id where it names nobody of Entra, as an event of a team may."""
        person, tenant = self.text("from", "aadObjectId"), self.tenant()
        name = printable_name(self.text("from", "name")) or "somebody"
        return Actor(f"entra:{tenant}/{person.lower()}" if is_guid(person) else "", name)


def read_activity(body: bytes) -> Activity:
    """Read a body. Raises Refusal malformed where it is no JSON object."""
    try:
        members = canonical_json.parse(body)
    except ValueError:
        raise Refusal("malformed", "the body is not JSON") from None
    if not isinstance(members, dict):
        raise Refusal("malformed", "the body is not an object")
    return Activity(members)


def check(activity: Activity, *, service: str, cloud: Cloud, tenants: Collection[str]) -> None:
    """Hold an activity against the proof that came with it, whose claim names the `service`.

    The token proves Microsoft's service and nothing of the body: an activity of another channel, such as Direct Line,
    says what its client likes. Raises Refusal not-genuine.
    """
    if not same_service(activity.at("serviceUrl"), service):
        raise _not_genuine("serviceUrl is not the one of the token")
    if not cloud.is_service(service):
        raise _not_genuine("serviceUrl is none of Teams")
    if activity.at("channelId") != ENDORSEMENT:
        raise _not_genuine("channelId is not msteams")
    if activity.tenant() not in tenants:
        raise _not_genuine("the tenant is not of RELAY_ENTRA_TENANTS, or two are named")
    if activity.at("type") == INVOKE and not activity.actor().id:
        raise _not_genuine("from.aadObjectId is not a GUID")


def _not_genuine(check: str) -> Refusal:
    return Refusal("not-genuine", f"activity: {check}")
