"""The page of the messages: filters, then one row for each message, newest first, under its day."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby

from relay.journal.messages import Message, moment
from relay.model.delivery import Reply
from relay.pages.html import Html, join, tag
from relay.pages.operator.filters import CHANNELS, CURSOR, FILTERS, OUTCOMES, address, filters_of
from relay.pages.operator.parts import MESSAGES, Look, draw, outcome, person, story_link


def draw_messages(
    found: Sequence[Message], query: Mapping[str, str], cursor: str, look: Look, *, problem: str = ""
) -> Reply:
    """Draw a page of messages. `cursor` leads to the next, `problem` is of a filter."""
    desk = look.desk
    top = tag("div", tag("h1", desk.messages), tag("p", desk.about_messages, class_="soft"), class_="headline")
    wrong = tag("p", desk.wrong.format(problem=problem), class_="told bad", role="alert") if problem else None
    days = (tag("section", *_day(day, each, look), class_="card day") for day, each in groupby(found, date_of))
    none = None if found or problem else tag("p", desk.none, class_="card empty")
    more = _more(query, cursor, look)
    status = 400 if problem else 200
    return draw(look, desk.messages, MESSAGES, top, _filters(query, look), wrong, none, *days, more, status=status)


def row(message: Message, look: Look, *, of_a_story: bool = False) -> Html:
    """Draw one message. In a story its request and repository are known."""
    return tag(
        "li",
        _time(message),
        tag("span", look.desk.came_in if message.direction == "in" else look.desk.went_out, class_="way"),
        tag(
            "div",
            tag("strong", look.desk.whats.get(message.what, message.what)),
            " ",
            tag("span", message.channel, class_="channel") if message.channel else None,
            _of(message, look, of_a_story=of_a_story),
            class_="what",
        ),
        tag("div", outcome(message), class_="result"),
        class_=f"message {message.direction}",
    )


def _of(message: Message, look: Look, *, of_a_story: bool) -> Html:
    """Draw the facts of a message in one line."""
    facts = [*_facts(message, look, of_a_story=of_a_story)]
    return tag("p", *(part for fact in facts for part in (fact, " ")), class_="facts") if facts else join()


def _facts(message: Message, look: Look, *, of_a_story: bool) -> Iterator[Html]:
    if message.request and not of_a_story:
        yield tag("span", story_link(message.request))
    if message.repository and not of_a_story:
        yield tag("span", message.repository)
    if message.person:
        yield person(look, message.person, short=True)
    if message.attempt:
        yield tag("span", look.desk.attempt.format(n=message.attempt))
    if message.status is not None:
        yield tag("span", f"HTTP {message.status}")
    if message.ms is not None:
        yield tag("span", look.desk.took.format(n=message.ms))
    if message.trace and of_a_story:
        yield tag("span", f"{look.desk.trace} ", tag("code", message.trace))


def _time(message: Message) -> Html:
    at = datetime.fromtimestamp(message.at, UTC)
    return tag("time", at.strftime("%H:%M:%S"), datetime=moment(message.at), title=moment(message.at))


def _day(day: str, messages: Iterable[Message], look: Look) -> tuple[Html, Html]:
    return tag("h2", day, " ", tag("span", "UTC", class_="soft")), tag(
        "ol", *(row(message, look) for message in messages), class_="messages"
    )


def date_of(message: Message) -> str:
    """Return the day of a message in UTC, as 2026-01-31."""
    return datetime.fromtimestamp(message.at, UTC).strftime("%Y-%m-%d")


def _filters(query: Mapping[str, str], look: Look) -> Html:
    desk, given = look.desk, filters_of(query)
    chips = [
        tag(
            "a",
            f"{desk.fields[name]}: {value}",
            tag("span", desk.without, class_="unseen"),
            href=address(MESSAGES, query, **{name: ""}),
            class_="chip",
        )
        for name, value in given.items()
    ]
    fields = (_field(name, given.get(name, ""), look) for name in FILTERS)
    button = tag("button", desk.show, type="submit", class_="button")
    opened = tag("summary", desk.filter)
    inner = tag("form", tag("div", *fields, button, class_="fields"), method="get", action=MESSAGES)
    all_ = tag("a", desk.all, href=MESSAGES) if given else None
    return tag(
        "div",
        tag("details", opened, inner),
        tag("div", *chips, all_, class_="chips") if chips else None,
        class_="filters",
    )


def _field(name: str, value: str, look: Look) -> Html:
    id_ = f"filter-{name}"
    known = {"outcome": sorted(OUTCOMES), "person": [*look.policy.people]}.get(name, [])
    control = _choice(id_, value, look) if name == "channel" else _text(id_, name, value, look.desk.hints[name], known)
    return tag("div", tag("label", look.desk.fields[name], for_=id_), control)


def _text(id_: str, name: str, value: str, hint: str, known: Sequence[str]) -> Html:
    """Draw a field of text. The browser proposes the values that are `known`."""
    list_ = f"{id_}-known" if known else False
    field = tag(
        "input", id=id_, name=name, value=value, placeholder=hint, list=list_, autocomplete="off", spellcheck="false"
    )
    return join(field, tag("datalist", *(tag("option", value=each) for each in known), id=list_)) if known else field


def _choice(id_: str, value: str, look: Look) -> Html:
    options = (tag("option", name, value=name, selected=name == value) for name in CHANNELS)
    return tag("select", tag("option", look.desk.any, value=""), *options, id=id_, name="channel")


def _more(query: Mapping[str, str], cursor: str, look: Look) -> Html | None:
    newest = tag("a", look.desk.newest, href=address(MESSAGES, query)) if query.get(CURSOR) else None
    older = tag("a", look.desk.older, href=address(MESSAGES, query, cursor=cursor), class_="button") if cursor else None
    return tag("p", newest, older, class_="more") if newest or older else None
