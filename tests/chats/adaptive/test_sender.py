from typing import Any

import pytest

from relay.chats.adaptive.sender import left_out, open_urls, sections
from relay.model.request import ApprovalRequest
from relay.model.values import Json
from tests.pictures.cards import ask

OPEN = {"@type": "OpenUri", "name": "Logs", "targets": [{"os": "default", "uri": "https://ci.example/1"}]}
POST = {"@type": "HttpPOST", "name": "Retry", "target": "https://ci.example"}
IMAGE = "https://x.example/a.png"


def asked(**fields: object) -> ApprovalRequest:
    return ask(event_type=None, **fields)


def drawn(section: Json) -> list[Any]:
    (box,) = sections([section])
    assert ("Container", True) == (box["type"], box["separator"])
    items = box["items"]
    assert isinstance(items, list)
    return items


def test_a_section_is_a_box_of_its_parts_in_their_order() -> None:
    items = drawn(
        {
            "title": "*one*",
            "activityTitle": "**Build**",
            "activitySubtitle": "main",
            "activityText": "passed",
            "heroImage": {"image": IMAGE, "title": "x"},
            "text": "- a",
            "facts": [{"name": "Size", "value": "**big**"}, {"name": "half"}],
            "images": [{"image": IMAGE, "title": "x"}],
            "potentialAction": [OPEN, POST],
        }
    )
    kinds = [
        "TextBlock",
        "TextBlock",
        "TextBlock",
        "TextBlock",
        "Image",
        "TextBlock",
        "FactSet",
        "ImageSet",
        "TextBlock",
    ]
    assert kinds == [item["type"] for item in items]
    assert (r"\*one\*", "**Build**", "main", "passed", "- a") == tuple(items[n]["text"] for n in (0, 1, 2, 3, 5))
    assert [{"title": "Size", "value": "**big**"}, {"title": "half", "value": ""}] == items[6]["facts"]
    assert [IMAGE] == [image["url"] for image in items[7]["images"]]
    assert "[Logs](https://ci.example/1)" == items[8]["text"]


def test_an_activity_with_an_image_stands_beside_it() -> None:
    (columns,) = drawn({"activityImage": IMAGE, "activityTitle": "Build"})
    image, words = columns["columns"]
    assert (IMAGE, "Build") == (image["items"][0]["url"], words["items"][0]["text"])


@pytest.mark.parametrize(
    "section",
    [
        {},
        {"title": " ", "text": 7},
        {"heroImage": "http://x.example/a.png", "images": "x"},
        {"activityImage": "http://x.example", "facts": {}, "images": [{"image": "data:image/png;base64,x"}, 7]},
        {"potentialAction": [POST, 7], "images": [{"image": "https://[x"}]},
    ],
)
def test_a_section_of_nothing_that_can_be_drawn_is_left_out(section: Json) -> None:
    assert [] == sections([section])


@pytest.mark.parametrize(
    "action",
    [
        POST,
        {},
        {"@type": "OpenUri", "name": "x"},
        {"@type": "OpenUri", "name": "x", "targets": ["x", {"os": "default", "uri": "mailto:x"}]},
        {"@type": "OpenUri", "name": "x", "targets": [{"os": "default"}]},
    ],
)
def test_only_a_link_of_a_messagecard_has_a_like_on_an_adaptive_card(action: Json) -> None:
    assert [] == open_urls([action])
    (told,) = left_out(asked(actions=[OPEN, action]))
    assert told.startswith("actions[1] is left out: an Adaptive Card has only the OpenUri")


def test_a_link_leads_where_it_leads_on_a_desktop() -> None:
    targets = [{"os": "iOS", "uri": "https://ios.example"}, {"os": "default", "uri": "https://x.example"}]
    assert [{"type": "Action.OpenUrl", "title": "Open", "url": "https://x.example"}] == open_urls(
        [{"@type": "OpenUri", "targets": targets}]
    )
    assert "https://ios.example" == open_urls([{**OPEN, "targets": targets[:1]}])[0]["url"]


def test_what_is_left_out_is_told_by_its_place() -> None:
    section = {"potentialAction": [OPEN, POST], "heroImage": {"image": "http://x.example/a.png"}}
    told = left_out(asked(sections=[{}, section], actions=[OPEN]))
    assert 2 == len(told)
    assert told[0].startswith("sections[1].potentialAction[1] is left out")
    assert told[1].startswith("sections[1] has an image that is left out")
    assert () == left_out(asked(sections=[{"images": [{"image": IMAGE}]}], actions=[OPEN]))
