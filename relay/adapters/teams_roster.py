"""Who is in a conversation of Teams: a card refreshes by itself only for ids that the conversation gave its members.

https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context#fetch-the-roster-or-user-profile
"""

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote

from relay.adapters.http_client import Answer
from relay.adapters.teams_token import NoToken
from relay.core import canonical
from relay.core.model import Json, RetryAfter

KEPT_FOR: Final = 3_600.0  # seconds
PATIENCE: Final = 2.0  # seconds; a card that refreshes by itself is worth no more
PAGE: Final = 500  # the most that Teams gives at once
PAGES: Final = 4
OK: Final = 200

Ask = Callable[[str, str, Json | None, float], tuple[Answer | RetryAfter, str]]


class Roster:
    """The members of conversations, each kept for an hour; `ask` calls Teams, `clock` returns Unix seconds."""

    def __init__(self, ask: Ask, clock: Callable[[], float]) -> None:
        self._ask = ask
        self._clock = clock
        self._kept: dict[str, tuple[float, Mapping[str, str]]] = {}

    def ids(self, conversation: str, deadline: float) -> Mapping[str, str]:
        """Return the ids of the members at the address of a conversation, by Entra object id in lower case.

        Nothing where Teams does not tell: a card goes without them.
        """
        now = self._clock()
        kept = self._kept.get(conversation)
        if kept and now < kept[0] + KEPT_FOR:
            return kept[1]
        found = self._fetch(conversation, min(deadline, now + PATIENCE))
        if found:
            self._kept[conversation] = (now, found)
        return found

    def _fetch(self, conversation: str, deadline: float) -> dict[str, str]:
        found: dict[str, str] = {}
        page = ""
        for _ in range(PAGES):
            more = f"&continuationToken={quote(page, safe='')}" if page else ""
            try:
                answer, _token = self._ask("GET", f"{conversation}/pagedmembers?pageSize={PAGE}{more}", None, deadline)
            except NoToken:
                return found
            members, page = _read(answer)
            found |= members
            if not page:
                break
        return found


def with_own_ids(message: Json, ids: Callable[[], Mapping[str, str]]) -> Json:
    """Return a message whose cards refresh for the conversation's own ids instead of Entra object ids.

    Who is no member is left out. Where nobody is left `userIds` goes as well: then the card refreshes by itself for
    everyone in a conversation of at most 60, and by a menu in a larger one.
    """
    attachments = message.get("attachments")
    if not isinstance(attachments, list):
        return message
    return {**message, "attachments": [_attachment(each, ids) for each in attachments]}


def _attachment(attachment: Json, ids: Callable[[], Mapping[str, str]]) -> Json:
    card = attachment.get("content")
    refresh = card.get("refresh") if isinstance(card, Mapping) else None
    wanted = refresh.get("userIds") if isinstance(refresh, Mapping) else None
    if not isinstance(card, Mapping) or not isinstance(refresh, Mapping) or not isinstance(wanted, list):
        return attachment
    known = ids()
    own = [known[each.lower()] for each in wanted if isinstance(each, str) and each.lower() in known]
    kept = {name: value for name, value in refresh.items() if name != "userIds"} | ({"userIds": own} if own else {})
    return {**attachment, "content": {**card, "refresh": kept}}


def _read(answer: Answer | RetryAfter) -> tuple[dict[str, str], str]:
    """Return the members of a page, and the token of the next one."""
    if not isinstance(answer, Answer) or answer.status != OK:
        return {}, ""
    try:
        said = canonical.parse(answer.body)
    except ValueError:
        return {}, ""
    page = said if isinstance(said, dict) else {}
    members = page.get("members")
    found: dict[str, str] = {}
    for member in members if isinstance(members, list) else ():
        told = member if isinstance(member, dict) else {}
        person = told.get("aadObjectId") or told.get("objectId")
        if isinstance(person, str) and isinstance(told.get("id"), str):
            found[person.lower()] = told["id"]
    following = page.get("continuationToken")
    return found, following if isinstance(following, str) else ""
