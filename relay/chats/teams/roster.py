"""The members of a conversation of Teams. A card refreshes by itself only for the ids that they have there.

https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context#fetch-the-roster-or-user-profile
"""

from collections.abc import Callable, Collection, Mapping
from typing import Final
from urllib.parse import quote

from relay.chats.teams.token import NoToken
from relay.model.debts import RetryAfter
from relay.model.values import Json
from relay.net.call import HttpResponse
from relay.signed import canonical_json

KEPT_FOR: Final = 3_600.0  # seconds
ABSENT_FOR: Final = 300.0  # seconds; a person who was not found is not asked for again until then
PATIENCE: Final = 2.0  # seconds; a card that refreshes by itself is worth no more
PAGE: Final = 500  # the most that Teams gives at once
PAGES: Final = 50  # a team has at most 25,000 members
OK: Final = 200

Ask = Callable[[str, str, Json | None, float], tuple[HttpResponse | RetryAfter, str]]


class Roster:
    """The members of conversations, each kept for an hour; `ask` calls Teams, `clock` returns Unix seconds.

    A person who was not found is not asked for again for some minutes: a large team, or one that does not answer, would
    cost each card the same time.
    """

    def __init__(self, ask: Ask, clock: Callable[[], float]) -> None:
        self._ask = ask
        self._clock = clock
        # By conversation and person: until when it holds, and their id, empty if they were not found.
        self._kept: dict[str, dict[str, tuple[float, str]]] = {}

    def ids(self, conversation: str, wanted: Collection[str], deadline: float) -> Mapping[str, str]:
        """Return the ids of the wanted people who are members at the address of a conversation.

        People are known by their Entra object id in lower case. A card does without ids that do not come in time.
        """
        now = self._clock()
        kept = self._kept.setdefault(conversation, {})
        if any(kept.get(person, (0.0, ""))[0] <= now for person in wanted):
            try:
                found = self._fetch(conversation, wanted, min(deadline, now + PATIENCE))
            except NoToken:  # then nothing is posted either
                return {}
            for person in {*wanted, *found}:
                kept[person] = (now + (KEPT_FOR if person in found else ABSENT_FOR), found.get(person, ""))
        return {person: kept[person][1] for person in wanted if kept[person][1]}

    def _fetch(self, conversation: str, wanted: Collection[str], deadline: float) -> dict[str, str]:
        """Read page after page until all wanted people are found. Raises NoToken."""
        found: dict[str, str] = {}
        page = ""
        for _ in range(PAGES):
            more = f"&continuationToken={quote(page, safe='')}" if page else ""
            answer, _token = self._ask("GET", f"{conversation}/pagedmembers?pageSize={PAGE}{more}", None, deadline)
            members, page = _read(answer)
            found |= members
            if not page or found.keys() >= set(wanted):
                break
        return found


def with_own_ids(message: Json, ids: Callable[[Collection[str]], Mapping[str, str]]) -> Json:
    """Return a message with the conversation's own ids for refreshing, in place of Entra object ids.

    A person who is no member is left out. Without any person `userIds` is left out too. Then the card refreshes by
    itself for all members of a conversation of at most 60, and by a menu in a larger one.
    """
    attachments = message.get("attachments")
    if not isinstance(attachments, list):
        return message
    return {**message, "attachments": [_attachment(each, ids) for each in attachments]}


def _attachment(attachment: Json, ids: Callable[[Collection[str]], Mapping[str, str]]) -> Json:
    card = attachment.get("content")
    refresh = card.get("refresh") if isinstance(card, Mapping) else None
    wanted = refresh.get("userIds") if isinstance(refresh, Mapping) else None
    if not isinstance(card, Mapping) or not isinstance(refresh, Mapping) or not isinstance(wanted, list):
        return attachment
    people = [each.lower() for each in wanted if isinstance(each, str)]
    known = ids(people)
    own = [known[person] for person in people if person in known]
    kept = {name: value for name, value in refresh.items() if name != "userIds"} | ({"userIds": own} if own else {})
    return {**attachment, "content": {**card, "refresh": kept}}


def _read(answer: HttpResponse | RetryAfter) -> tuple[dict[str, str], str]:
    """Return the members of a page, and the token of the next one."""
    if not isinstance(answer, HttpResponse) or answer.status != OK:
        return {}, ""
    page = canonical_json.members(answer.body)
    members = page.get("members")
    found: dict[str, str] = {}
    for member in members if isinstance(members, list) else ():
        fields = member if isinstance(member, dict) else {}
        person = fields.get("aadObjectId") or fields.get("objectId")
        if isinstance(person, str) and isinstance(fields.get("id"), str):
            found[person.lower()] = fields["id"]
    following = page.get("continuationToken")
    return found, following if isinstance(following, str) else ""
