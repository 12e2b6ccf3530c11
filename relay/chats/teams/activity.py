"""An activity of the Bot Framework as a body holds it, and the checks before any of it is believed.

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
from relay.model.delivery import Conversation
from relay.model.people import Actor
from relay.model.values import Json
from relay.signed import canonical_json

INVOKE: Final = "invoke"  # what a person pressed, as opposed to what happened in a conversation
OF_THE_ACTIVITY: Final = "activity: "
NO_TENANT: Final = "the tenant is not of RELAY_ENTRA_TENANTS, or two are named"
NO_PERSON: Final = "from.aadObjectId is not a GUID"
_CONVERSATION: Final = re.compile(r"[A-Za-z0-9:;=@._+/\-]{1,300}")
_KIND: Final = "teams"


@dataclass(frozen=True, slots=True)
class Activity:
    """The members of an activity."""

    members: Json

    def at(self, *path: str) -> object:
        """Return the value at a path of names, or None if there is none."""
        found: object = self.members
        for name in path:
            found = found.get(name) if isinstance(found, Mapping) else None
        return found

    def text(self, *path: str) -> str:
        """Return the text at a path, or an empty text if there is none. Halves of characters become question marks."""
        found = self.at(*path)
        return found.encode("utf-8", "replace").decode() if isinstance(found, str) else ""

    @property
    def conversation(self) -> str:
        """Return the id of the conversation, with its thread, or an empty text if it is not of Teams' form."""
        found = self.text("conversation", "id")
        return found if _CONVERSATION.fullmatch(found) else ""

    def place(self) -> Conversation | None:
        """Return the conversation of the activity, or None: a channel as a whole, not one of its threads."""
        conversation = self.conversation.partition(";")[0]
        if not conversation:
            return None
        names = (self.text(*path) for path in (("channelData", "channel", "name"), ("channelData", "team", "name")))
        name = next(filter(None, map(printable_name, (*names, self.text("conversation", "name")))), "")
        return Conversation(_KIND, conversation, self.text("serviceUrl"), self.tenant(), name)

    def tenant(self) -> str:
        """Return the tenant as a lower-case GUID, or an empty text if none is named or two are."""
        paths = (("conversation", "tenantId"), ("channelData", "tenant", "id"), ("from", "tenantId"))
        named = [self.at(*path) for path in paths]
        said = {each.lower() if isinstance(each, str) else "" for each in named if each is not None}
        tenant = said.pop() if len(said) == 1 else ""
        return tenant if is_guid(tenant) else ""

    def actor(self) -> Actor:
        """Return the person of the activity. An event of a team may name no person of Entra: then the id is empty."""
        person, tenant = self.text("from", "aadObjectId"), self.tenant()
        name = printable_name(self.text("from", "name")) or "somebody"
        return Actor(f"entra:{tenant}/{person.lower()}" if is_guid(person) else "", name)


def read_activity(body: bytes) -> Activity:
    """Read a body. Raises Refusal malformed if it is no JSON object."""
    try:
        members = canonical_json.parse(body)
    except ValueError:
        raise Refusal("malformed", "the body is not JSON") from None
    if not isinstance(members, dict):
        raise Refusal("malformed", "the body is not an object")
    return Activity(members)


def check(activity: Activity, *, service: str, cloud: Cloud, tenants: Collection[str]) -> None:
    """Check an activity against the proof that came with it; a claim of the proof names the `service`.

    The token proves Microsoft's service, and nothing of the body. The client of another channel, such as Direct Line,
    writes into a body what it likes. Raises Refusal not-genuine.
    """
    if not same_service(activity.at("serviceUrl"), service):
        raise _not_genuine("serviceUrl is not the one of the token")
    if not cloud.is_service(service):
        raise _not_genuine("serviceUrl is none of Teams")
    if activity.at("channelId") != ENDORSEMENT:
        raise _not_genuine("channelId is not msteams")
    if activity.tenant() not in tenants:
        raise _not_genuine(NO_TENANT)
    if activity.at("type") == INVOKE and not activity.actor().id:
        raise _not_genuine(NO_PERSON)


def _not_genuine(check: str) -> Refusal:
    return Refusal("not-genuine", f"{OF_THE_ACTIVITY}{check}")
