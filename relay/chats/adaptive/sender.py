"""The sender's sections and actions, given as those of MessageCards, drawn as elements of Adaptive Cards."""

from collections.abc import Iterable, Mapping, Sequence

from relay.chats.adaptive.elements import Element, container, fact_set, link, plain, text_block
from relay.chats.bidi import straight
from relay.chats.checks import is_address
from relay.chats.shared.lines import section_kept_apart
from relay.model.request import ApprovalRequest
from relay.model.values import Json
from relay.signed.fields import is_web_address


def open_urls(actions: Iterable[Json]) -> list[Element]:
    """Return the `Action.OpenUrl` of each OpenUri; no other action of a MessageCard has a counterpart that works."""
    found = ((action, _address(action)) for action in actions)
    return [
        {"type": "Action.OpenUrl", "title": straight(str(action.get("name") or "Open")), "url": url}
        for action, url in found
        if url
    ]


def left_out(request: ApprovalRequest) -> tuple[str, ...]:
    """Return the sender's parts that are not drawn: each a sentence with its place and the cure."""
    places: list[tuple[str, Sequence[Json]]] = [("actions", request.actions)]
    places += [
        (f"sections[{number}].potentialAction", _objects(section.get("potentialAction")))
        for number, section in enumerate(request.sections)
    ]
    sentences = [
        f"{place}[{number}] is left out: an Adaptive Card has only the OpenUri of a MessageCard's actions, with an "
        "http or https address"
        for place, actions in places
        for number, action in enumerate(actions)
        if not _address(action)
    ]
    sentences += [
        f"sections[{number}] has an image that is left out: its address must begin with https://"
        for number, section in enumerate(request.sections)
        if len(_images(section)) < len(_addresses(section))
    ]
    return tuple(sentences)


def sections(given: Iterable[Json]) -> list[Element]:
    """Draw a MessageCard's sections; their texts are the sender's Markdown, and so are their own facts.

    https://learn.microsoft.com/outlook/actionable-messages/message-card-reference#section-fields
    """
    return [drawn for section in given for drawn in _section(section_kept_apart(section))]


def _section(section: Json) -> list[Element]:
    items = [text_block(plain(title), weight="bolder") for title in _texts(section, "title")]
    items += _activity(section)
    items += [_image(url, size="stretch") for url in _images({"heroImage": section.get("heroImage")})]
    items += [text_block(text) for text in _texts(section, "text")]
    facts = _objects(section.get("facts"))
    items += fact_set((str(fact.get("name", "")), str(fact.get("value", ""))) for fact in facts)
    pictures = [_image(url) for url in _images({"images": section.get("images")})]
    if pictures:
        items.append({"type": "ImageSet", "imageSize": "medium", "images": pictures})
    # A row of buttons inside the body is of version 1.2; here they are links.
    links = open_urls(_objects(section.get("potentialAction")))
    if links:
        items.append(text_block(" · ".join(link(str(each["title"]), str(each["url"])) for each in links)))
    return container(items, separator=True, spacing="medium")


def _activity(section: Json) -> list[Element]:
    looks: dict[str, dict[str, object]] = {
        "activityTitle": {"weight": "bolder"},
        "activitySubtitle": {"isSubtle": True, "spacing": "none"},
        "activityText": {"spacing": "small"},
    }
    words = [text_block(text, **look) for name, look in looks.items() for text in _texts(section, name)]
    image = _images({"activityImage": section.get("activityImage")})
    if not image:
        return words
    beside: list[Element] = [
        {"type": "Column", "width": "auto", "items": [_image(image[0], size="small")]},
        {"type": "Column", "width": "stretch", "items": words},
    ]
    return [{"type": "ColumnSet", "columns": beside}]


def _image(url: str, **looks: object) -> Element:
    return {"type": "Image", "url": url, "altText": "", **looks}


def _images(section: Json) -> list[str]:
    return [str(url) for url in _addresses(section) if is_address(url, "https")]


def _addresses(section: Json) -> list[object]:
    """Return the addresses of a section's images, of any form."""
    hero = section.get("heroImage")
    shown = [section.get("activityImage"), hero.get("image") if isinstance(hero, Mapping) else hero]
    shown += [each.get("image") for each in _objects(section.get("images"))]
    return [url for url in shown if url]


def _address(action: Json) -> str:
    """Return the address of an OpenUri on a desktop, or an empty text for another action or none."""
    if action.get("@type") != "OpenUri":
        return ""
    targets = _objects(action.get("targets"))
    ordered = sorted(targets, key=lambda target: target.get("os") != "default")
    return next((str(each["uri"]) for each in ordered if is_web_address(str(each.get("uri", "")))), "")


def _texts(section: Json, name: str) -> list[str]:
    value = section.get(name)
    return [value] if isinstance(value, str) and value.strip() else []


def _objects(value: object) -> list[Json]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list | tuple) else []
