"""The sender's additions as blocks: text, facts, links, and a MessageCard's sections and actions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from relay.chats.slack.elements import MAX_BUTTON, MAX_URL
from relay.chats.slack.limits import MAX_FIELD, MAX_FIELDS
from relay.chats.slack.payload import LINK
from relay.chats.slack.text import literal, literal_sections, markdown_sections, mrkdwn, plain_text
from relay.model.request import ApprovalRequest
from relay.model.values import Json
from relay.signed.fields import is_web_address
from relay.signed.senders_actions import passes_for_ours

Block = dict[str, object]


def section(text: Json) -> Block:
    """Return a section of one text."""
    return {"type": "section", "text": text}


def facts(pairs: Iterable[tuple[str, str]]) -> list[Block]:
    """Draw names and values, two beside each other; a long value has a section of its own."""
    blocks: list[Block] = []
    short: list[Json] = []
    for name, value in pairs:
        drawn = f"*{literal(name)}*\n{literal(value)}"
        if len(drawn) <= MAX_FIELD:
            short.append(mrkdwn(drawn))
        else:
            blocks += [section(text) for text in literal_sections(f"*{literal(name)}*\n", value)]
    rows: list[Block] = [
        {"type": "section", "fields": short[at : at + MAX_FIELDS]} for at in range(0, len(short), MAX_FIELDS)
    ]
    return [*rows, *blocks]


def added(request: ApprovalRequest) -> list[Block]:
    """Draw the facts and the sections of a request, under a heading that says whose they are."""
    blocks = facts((str(fact["name"]), str(fact["value"])) for fact in request.facts)
    blocks += [block for each in request.sections for block in _section(each)]
    return [section(mrkdwn("*From the sender*")), *blocks] if blocks else []


def links(request: ApprovalRequest) -> list[Block]:
    """Draw the links of a request as a row of buttons, apart from the buttons that decide."""
    found = [(request.run_url and "Open the run", request.run_url)]
    found += [(str(each["name"]), str(each["url"])) for each in request.links]
    found += _open_uris(request.actions)
    found += [link for each in request.sections for link in _open_uris(_objects(each.get("potentialAction")))]
    buttons = [
        {
            "type": "button",
            "action_id": f"{LINK}{number}",
            "text": plain_text(_own_name(name), MAX_BUTTON),
            "url": url,
        }
        for number, (name, url) in enumerate(each for each in found if is_link(each[1]))
    ]
    return [{"type": "actions", "block_id": "links", "elements": buttons}] if buttons else []


def _own_name(name: str) -> str:
    """Return the name of a link's button. One that would pass for a button of the relay's says that it is a link."""
    return f"Link: {name.strip()}" if passes_for_ours(name) else name.strip() or "Open"


def is_link(url: str) -> bool:
    """Tell whether a button may lead there."""
    return len(url) <= MAX_URL and is_web_address(url)


def _section(given: Json) -> Iterator[Block]:
    for name in ("title", "activityTitle", "activitySubtitle", "activityText", "text"):
        text = given.get(name)
        if isinstance(text, str) and text.strip():
            yield from (section(drawn) for drawn in markdown_sections(text))
    pairs = ((str(fact.get("name", "")), str(fact.get("value", ""))) for fact in _objects(given.get("facts")))
    yield from facts(pairs)


def _open_uris(actions: Iterable[Json]) -> list[tuple[str, str]]:
    """Return name and address of each OpenUri: the one for a desktop goes first."""
    found: list[tuple[str, str]] = []
    for action in actions:
        if action.get("@type") == "OpenUri":
            targets = sorted(_objects(action.get("targets")), key=lambda target: target.get("os") != "default")
            urls = [str(each.get("uri", "")) for each in targets]
            found += [(str(action.get("name") or "Open"), url) for url in urls[:1]]
    return found


def _objects(value: object) -> Sequence[Json]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list | tuple) else []
