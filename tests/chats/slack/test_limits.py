"""What Slack would refuse is found before it is sent, with its place and the cure."""

from typing import Any

import pytest

from relay.chats.slack.limits import HALF, breaches

PLAIN = {"type": "plain_text", "text": "x"}
MARKED = {"type": "mrkdwn", "text": "x"}
OPTION = {"text": PLAIN, "value": "a"}
CONFIRM = {"title": PLAIN, "text": PLAIN, "confirm": PLAIN, "deny": PLAIN}


def message(*blocks: Any, **more: Any) -> dict[str, Any]:
    return {"blocks": list(blocks), **more}


def button(**changes: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": [{"type": "button", "text": PLAIN, **changes}]}


def actions(*elements: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def asked(**element: Any) -> dict[str, Any]:
    return {"type": "input", "label": PLAIN, "element": element}


def long(size: int, kind: str = "plain_text") -> dict[str, str]:
    return {"type": kind, "text": "x" * size}


GOOD = [
    {"type": "section", "text": MARKED, "fields": [MARKED] * 10, "block_id": "a"},
    {"type": "section", "text": PLAIN, "accessory": {"type": "button", "text": PLAIN}},
    {"type": "header", "text": long(150)},
    {"type": "divider"},
    {"type": "context", "elements": [MARKED, {"type": "image", "image_url": "https://x.example/i", "alt_text": ""}]},
    {"type": "image", "image_url": "https://x.example/i", "alt_text": "a"},
    {"type": "input", "label": PLAIN, "element": {"type": "plain_text_input", "action_id": "c", "max_length": 3_000}},
    {"type": "rich_text", "elements": []},
    {"type": "context_actions", "elements": []},
    {"type": "data_table", "columns": []},
    {"type": "markdown", "text": "**bold**"},
    {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "a", "title": PLAIN},
    {"type": "input", "label": PLAIN, "hint": PLAIN, "element": {"type": "datetimepicker"}},
    {"type": "input", "label": PLAIN, "element": {"type": "plain_text_input", "placeholder": long(150)}},
    {"type": "section", "text": MARKED, "accessory": {"type": "overflow", "options": [OPTION]}},
    {"type": "section", "text": MARKED, "accessory": {"type": "multi_users_select", "placeholder": PLAIN}},
    button(value="v" * 2_000, url="https://x.example/", style="danger", confirm=CONFIRM, action_id="a"),
    actions(*[{"type": "users_select", "placeholder": PLAIN}] * 25),
    actions({"type": "checkboxes", "options": [{"text": MARKED, "value": "a"}] * 10}),
    actions({"type": "radio_buttons", "options": [OPTION]}, {"type": "datepicker"}, {"type": "timepicker"}),
    actions({"type": "static_select", "options": [OPTION] * 100, "confirm": CONFIRM | {"style": "danger"}}),
    actions({"type": "static_select", "option_groups": [{"label": PLAIN, "options": [OPTION]}]}),
]


def test_what_slack_takes_has_nothing_wrong() -> None:
    assert () == breaches(message(*GOOD, text="x" * 4_000))


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        ([], "the message must be a JSON object"),
        ({"blocks": []}, "blocks must be a list of blocks"),
        ({"text": "hello"}, "blocks must be a list of blocks"),
        (message(*GOOD, text=1), "text must be a string"),
        (message(*GOOD, text="x" * 4_001), "text has 4001 characters and 4000 are taken: shorten it"),
        (message(*[{"type": "divider"}] * 51), "blocks: there are 51 and 50 are taken: take some away"),
        (
            message(*[{"type": "section", "text": long(3_000)}] * 4, {"type": "section", "text": PLAIN}),
            "blocks have 12001 characters of text and 12000 are taken: shorten the texts",
        ),
        (message({"type": "section", "text": {"type": "plain_text", "text": "\ud800"}}), HALF),
        (message("x"), "blocks[0] must be an object"),
        (message({"type": "divider", "block_id": "x" * 256}), "blocks[0].block_id is a text of 1 to 255 characters"),
        (
            message(*[{"type": "divider", "block_id": "x"}] * 2),
            "blocks[1].block_id is taken by another block of this message: give it one of its own",
        ),
        (message({"type": "AdaptiveCard"}), "blocks[0].type must be that of a block of Slack"),
        (message({"type": ["section"]}), "blocks[0].type must be that of a block of Slack"),
        (message({"type": "section"}), "blocks[0] needs a text or fields"),
        (
            message({"type": "section", "text": long(3_001, "mrkdwn")}),
            "blocks[0].text has 3001 characters and 1 to 3000 are taken",
        ),
        (message({"type": "section", "text": "x"}), 'blocks[0].text must be {"type": "mrkdwn", "text": ...}'),
        (message({"type": "section", "fields": [PLAIN] * 11}), "blocks[0].fields must be a list of 1 to 10"),
        (
            message({"type": "section", "fields": [long(2_001)]}),
            "blocks[0].fields[0] has 2001 characters and 1 to 2000 are taken",
        ),
        (
            message({"type": "section", "text": MARKED | {"emoji": False}}),
            "blocks[0].text.emoji is only for a plain_text: leave it out",
        ),
        (
            message({"type": "section", "text": PLAIN | {"verbatim": True}}),
            "blocks[0].text.verbatim is only for a mrkdwn: leave it out",
        ),
        (message({"type": "header", "text": MARKED}), 'blocks[0].text must be {"type": "plain_text", "text": ...}'),
        (message({"type": "header", "text": long(151)}), "blocks[0].text has 151 characters and 1 to 150 are taken"),
        (message({"type": "context", "elements": [PLAIN] * 11}), "blocks[0].elements must be a list of 1 to 10"),
        (
            message({"type": "context", "elements": [{"type": "image", "image_url": "x"}]}),
            "blocks[0].elements[0].image_url must be an http or https address",
        ),
        (message({"type": "actions", "elements": []}), "blocks[0].elements must be a list of 1 to 25"),
        (message({"type": "actions", "elements": "x"}), "blocks[0].elements must be a list of 1 to 25"),
        (message({"type": "actions", "elements": [{}]}), "blocks[0].elements[0] must be an element with a type"),
        (
            message({"type": "actions", "elements": [{"type": "x", "action_id": "a"}] * 2}),
            "blocks[0].elements[1].action_id is taken by another element of this block: give it its own",
        ),
        (message(button(text=long(76))), "blocks[0].elements[0].text has 76 characters and 1 to 75 are taken"),
        (message(button(value="x" * 2_001)), "blocks[0].elements[0].value is a text of at most 2000 characters"),
        (
            message(button(url="https://x.example/" + "x" * 3_000)),
            "blocks[0].elements[0].url is an http or https address of at most 3000 characters",
        ),
        (message(button(style="green")), "blocks[0].elements[0].style is primary or danger, or left out"),
        (message(button(confirm="x")), "blocks[0].elements[0].confirm must be an object"),
        (
            message(button(confirm=CONFIRM | {"deny": long(31)})),
            "blocks[0].elements[0].confirm.deny has 31 characters and 1 to 30 are taken",
        ),
        (
            message({"type": "input", "label": PLAIN}),
            "blocks[0].element must be an element with a type",
        ),
        (
            message({"type": "input", "label": PLAIN, "element": {"type": "plain_text_input", "max_length": 0}}),
            "blocks[0].element.max_length must be from 1 to 3000",
        ),
        (message(asked(type="plain_text_inptu")), "blocks[0].element.type must be that of an element of Slack"),
        (
            message(asked(type="plain_text_input", placeholder=long(151))),
            "blocks[0].element.placeholder has 151 characters and 1 to 150 are taken",
        ),
        (
            message({**asked(type="datepicker"), "hint": "x"}),
            'blocks[0].hint must be {"type": "plain_text", "text": ...}',
        ),
        (message(actions({"type": "buton"})), "blocks[0].elements[0].type must be that of an element of Slack"),
        (
            message(actions({"type": "static_select", "placeholder": PLAIN})),
            "blocks[0].elements[0].options must be a list of 1 to 100",
        ),
        (
            message(actions({"type": "static_select", "option_groups": []})),
            "blocks[0].elements[0].option_groups must be a list of 1 to 100",
        ),
        (
            message(actions({"type": "overflow", "options": [OPTION] * 6})),
            "blocks[0].elements[0].options must be a list of 1 to 5",
        ),
        (
            message(actions({"type": "checkboxes", "options": ["x"]})),
            'blocks[0].elements[0].options[0].text must be {"type": "mrkdwn", "text": ...}',
        ),
        (
            message(button(confirm=CONFIRM | {"style": "default"})),
            "blocks[0].elements[0].confirm.style is primary or danger, or left out",
        ),
        (
            message({"type": "markdown", "text": PLAIN}),
            "blocks[0].text must be a text, which Slack reads as Markdown",
        ),
        (
            message({"type": "image", "image_url": "https://x.example/i", "alt_text": "", "title": "x"}),
            'blocks[0].title must be {"type": "plain_text", "text": ...}',
        ),
        (message({"type": "alert", "text": PLAIN}), "blocks[0].type must be that of a block of Slack"),
        (
            message({"type": "image", "image_url": "https://x.example/" + "x" * 3_000, "alt_text": ""}),
            "blocks[0].image_url takes at most 3000 characters",
        ),
        (
            message(
                {"type": "section", "text": PLAIN, "accessory": {"type": "image", "image_url": "https://x.example"}}
            ),
            "blocks[0].accessory.alt_text is missing: it says what the image shows",
        ),
    ],
)
def test_a_limit_that_is_broken_is_named(found: object, problem: str) -> None:
    assert problem in breaches(found)
