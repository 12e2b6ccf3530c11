"""The filters of the messages, from the query of an address, and the cursor to the next page. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, get_args
from urllib.parse import urlencode

from relay.api.webhooks import Answered
from relay.approval.policy import Policy
from relay.approval.wording import OutcomeCode
from relay.errors import Code, Refusal, malformed
from relay.journal.incoming import ROUTES
from relay.journal.messages import Message, is_key
from relay.journal.search import Search
from relay.signed import canonical_json

PAGE: Final = 50
FILTERS: Final = ("request", "repository", "person", "outcome", "channel", "since", "until")
CURSOR: Final = "cursor"
CHANNELS: Final = (
    *("messagecard", "outlook", "workflows", "teams", "slack", "page", "api", "command", "plain", "github", "hook"),
)
"""The channels of messages: another one finds nothing."""
OUTCOMES: Final = frozenset(
    {
        *("pending", "delivered", "retry", "refused", "dead", "busy", "repeated", "already-redeemed"),
        *("asked", "help", "unknown-command", "bad-value"),  # of commands
        *(get_args(OutcomeCode) + get_args(Code) + get_args(Answered)),
        *(route.outcome for route in ROUTES.values()),
    }
)
"""The outcomes that a message usually has. Pages note their own besides."""
_MAX: Final = 300  # characters
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}")
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")
_NEAR: Final = 0.5  # of a similarity between 0 and 1
_MARK: Final = 12  # characters of a digest; a cursor is no secret, and only tells a mistake


def read_search(query: Mapping[str, str], policy: Policy) -> Search:
    """Return the search of a query; an empty value is none. Raises Refusal malformed with the field."""
    given = filters_of(query)
    for name, value in given.items():
        if len(value) > _MAX or not value.isprintable():
            raise _wrong(name, f"takes 1 to {_MAX} printable characters")
    for name, value in given.items():
        _check(name, value, policy)
    search = Search(
        request=given.get("request", ""),
        repository=given.get("repository", ""),
        people=_ids(given["person"], policy) if "person" in given else (),
        outcome=given.get("outcome", ""),
        channel=given.get("channel", ""),
        since=_time("since", given["since"]) if "since" in given else None,
        until=_time("until", given["until"]) if "until" in given else None,
    )
    cursor = query.get(CURSOR, "").strip()
    return replace(search, after=_after(cursor, given)) if cursor else search


def check_outcome(query: Mapping[str, str]) -> None:
    """Raise Refusal malformed for an outcome that the relay does not know, where no message has it either."""
    value = filters_of(query).get("outcome", "")
    if value:
        _check_listed("outcome", value, OUTCOMES, "no outcome of a message")


def filters_of(query: Mapping[str, str]) -> dict[str, str]:
    """Return the filters that a query sets."""
    found = {name: query.get(name, "").strip() for name in FILTERS}
    return {name: value for name, value in found.items() if value}


def next_cursor(found: Sequence[Message], query: Mapping[str, str]) -> str:
    """Return the cursor to the page after `found`, which holds one message more than a page, or an empty text."""
    if len(found) <= PAGE:
        return ""
    return f"{found[PAGE - 1].key}.{_mark(filters_of(query))}"


def address(path: str, query: Mapping[str, str], **changes: str) -> str:
    """Return the address of a page with these filters, some changed; an empty one is left out."""
    wanted = {name: value for name, value in ({**filters_of(query)} | changes).items() if value}
    return f"{path}?{urlencode(wanted)}" if wanted else path


def _ids(person: str, policy: Policy) -> tuple[str, ...]:
    """Return the ids of a person, who is given by an id or by the key in the policy."""
    return tuple(id_ for id_, known in policy.by_id.items() if known.key == person) or (person,)


def _check(name: str, value: str, policy: Policy) -> None:
    """Raise Refusal malformed for a value that no message can have, which would look like an all-clear."""
    match name:
        case "channel":
            _check_listed(name, value, CHANNELS, f"none of {', '.join(CHANNELS)}")
        case "person" if ":" not in value:
            _check_listed(name, value, [*policy.people], "no person of the policy, and no id such as slack:TEAM/USER")
        case "repository" if not _REPOSITORY.fullmatch(value):
            raise _wrong(name, "is OWNER/NAME, without a wildcard")
        case "request" if not _ID.fullmatch(value):
            raise _wrong(name, "is the id of a request: letters, digits, - and _ only")


def _check_listed(name: str, value: str, known: Collection[str], fault: str) -> None:
    if value not in known:
        from difflib import get_close_matches  # noqa: PLC0415 - only a misspelt value pays for it

        near = get_close_matches(value.lower(), known, 1, _NEAR)
        raise _wrong(name, f"is {fault}" + (f"; the nearest is {near[0]}" if near else ""))


def _time(name: str, text: str) -> float:
    text = text.replace(" ", "+")  # a plus that was not encoded
    whole_day = _DATE.fullmatch(text) is not None
    if not whole_day and not _TIME.fullmatch(text):
        raise _not_iso(name)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise _not_iso(name) from None
    if whole_day and name == "until":
        at += timedelta(days=1, milliseconds=-1)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _after(cursor: str, given: Mapping[str, str]) -> str:
    place, _, mark = cursor.partition(".")
    if not is_key(place) or mark != _mark(given):
        raise _wrong(CURSOR, "is no cursor of this relay for these filters; take `next` of the page before")
    return place


def _mark(given: Mapping[str, str]) -> str:
    return canonical_json.sha256(canonical_json.encode(dict(given)))[:_MARK]


def _not_iso(name: str) -> Refusal:
    return _wrong(name, "is a time in ISO 8601, such as 2026-01-31 or 2026-01-31T12:00:00Z")


def _wrong(name: str, problem: str) -> Refusal:
    return malformed(name, problem)
