"""Parts of the operator's pages: the frame with its two tabs, people, outcomes, links and forms."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from relay.approval.policy import Policy
from relay.chats.bidi import straight
from relay.journal.messages import Message
from relay.model.delivery import Reply
from relay.model.people import Actor
from relay.pages.frame import page
from relay.pages.html import Html, join, tag
from relay.pages.languages import Language
from relay.pages.operator.access import Access, Operator
from relay.pages.operator.english import ENGLISH
from relay.pages.operator.korean import KOREAN
from relay.pages.operator.words import DeskWords
from relay.pages.translations import words_for
from relay.pages.words import Words

MESSAGES: Final = "/api/messages"
OUTBOX: Final = "/api/outbox"
_SHORT: Final = 8  # characters of an id that a list shows
_WAIT: Final = frozenset({"retry", "busy", "approved-retrying", "confirm", "owed"})
_BAD: Final = frozenset({"refused", "dead", "approved-refused", "dropped"})
_FAILED: Final = 400  # and above: statuses of HTTP


@dataclass(frozen=True, slots=True)
class Look:
    """The page of one operator: its words, the token of its forms, and the address for signing out."""

    words: Words
    desk: DeskWords
    operator: Operator
    policy: Policy
    token: str
    sign_out: str
    now: float


def look_of(access: Access, operator: Operator, headers: Mapping[str, str], path: str, now: float) -> Look:
    """Return the look of a page at `path`. Header names are in lower case."""
    words = words_for(headers.get("accept-language", ""))
    sign_out = access.entrance.sign_out(headers, path) if operator.person else ""
    token = access.form_token(operator, now)
    return Look(words, desk_words(words.language), operator, access.policy, token, sign_out, now)


def desk_words(language: Language) -> DeskWords:
    """Return the operator's words of a language."""
    return KOREAN if language == "ko" else ENGLISH


def draw(look: Look, title: str, here: str, *children: Html | None, status: int = 200) -> Reply:
    """Return a page of the operator; `here` is the address of its tab."""
    person = look.operator.person
    name = _known(look.policy, person.id) or person.name if person else ""
    return page(
        status,
        _tabs(look, here),
        *children,
        words=look.words,
        title=title,
        signed_in=(name, look.sign_out) if person else None,
    )


def person(look: Look, id_: str, *, short: bool = False) -> Html:
    """Draw a person by their name in the policy, or by their id, of which a list shows the end."""
    known = _known(look.policy, id_)
    kind, _, rest = id_.partition(":")
    cut = f"{kind} …{rest[-_SHORT:]}" if short and len(rest) > 2 * _SHORT else id_
    return tag("span", straight(known or cut), title=id_, class_="person")


def outcome(message: Message) -> Html:
    """Draw the outcome of a message by its code, and its check below."""
    return join(
        tag("span", message.outcome, class_=f"outcome {tone(message)}"),
        tag("span", message.check, class_="check") if message.check else None,
    )


def tone(message: Message) -> str:
    """Return the look of an outcome: good, wait, bad."""
    if message.outcome in _WAIT:
        return "wait"
    failed = message.status is not None and message.status >= _FAILED
    return "bad" if message.outcome in _BAD or failed else "good"


def story_link(request: str, *, short: bool = True) -> Html:
    """Draw the link to the story of a request."""
    shown = f"{request[:_SHORT]}…" if short and len(request) > 2 * _SHORT else request
    return tag("a", tag("code", shown), href=f"{MESSAGES}/{request}", title=request)


def form(look: Look, action: str, label: str, *, look_class: str = "", **fields: str) -> Html | None:
    """Draw a button that posts to `action`. A key that asks for a page gets none."""
    if not look.token:
        return None
    hidden = [
        tag("input", type="hidden", name=name, value=value)
        for name, value in {"token": look.token, **fields}.items()
        if value
    ]
    button = tag("button", label, type="submit", class_=look_class or "plain")
    return tag("form", *hidden, button, method="post", action=action)


def _tabs(look: Look, here: str) -> Html:
    tabs = ((MESSAGES, look.desk.messages), (OUTBOX, look.desk.outbox))
    links = (tag("a", name, href=path, aria_current="page" if path == here else False) for path, name in tabs)
    return tag("nav", *links, class_="tabs", aria_label=look.desk.pages)


def _known(policy: Policy, id_: str) -> str:
    found = policy.person(Actor(id_, ""))
    return (found.name or found.key) if found else ""
