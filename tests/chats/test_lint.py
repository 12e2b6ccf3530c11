from typing import Any

import pytest

from relay.chats.lint import lint, names, platforms
from relay.chats.outlook import card as adaptive
from relay.chats.shared import message_card
from relay.chats.shared.messages import ADAPTIVE_CARD_TYPE, MESSAGE_CARD_TYPE, adaptive_cards
from relay.chats.workflows.card import wrapped
from relay.signed.request import read_form

ADAPTIVE: dict[str, Any] = {"type": "AdaptiveCard", "version": "1.0", "body": [{"type": "TextBlock", "text": "배포"}]}
CARD: dict[str, Any] = {"@type": "MessageCard", "@context": "https://schema.org/extensions", "text": "x"}
ATTACHED = {"contentType": ADAPTIVE_CARD_TYPE, "content": ADAPTIVE}
MESSAGE = {"type": "message", "attachments": [ATTACHED]}
ACTIVITY = {**MESSAGE, "channelId": "msteams"}
OLD: dict[str, Any] = {
    **CARD,
    "sections": [{"text": "x" * 40_000}],
    "potentialAction": [
        {
            "@type": "ActionCard",
            "name": "Approve",
            "actions": [{"@type": "HttpPOST", "@id": "approve", "name": "Approve", "body": "{}"}],
        }
    ],
}
BY_BOT = {"type": "message", "attachments": [{"contentType": MESSAGE_CARD_TYPE, "content": OLD}]}
INVOKED = {"statusCode": 200, "type": ADAPTIVE_CARD_TYPE, "value": ADAPTIVE}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (CARD, ("messagecard",)),
        ({"@type": "x", "type": "AdaptiveCard"}, ("messagecard",)),
        (7, ("messagecard",)),
        ({}, ("messagecard",)),
        ({"type": "message", "attachments": "x"}, ("messagecard",)),
        (ADAPTIVE, ("workflows", "teams", "outlook")),
        (wrapped(ADAPTIVE), ("workflows",)),
        (MESSAGE, ("workflows",)),
        ({"type": "message", "attachments": ["x"]}, ("workflows",)),
        ({**MESSAGE, "summary": "x"}, ("teams",)),
        ({**wrapped(ADAPTIVE), "summary": "x"}, ("workflows",)),
        (BY_BOT, ("teams",)),
        (ACTIVITY, ("teams",)),
        (INVOKED, ("teams",)),
    ],
)
def test_the_platform_is_known_by_the_shape(found: object, expected: tuple[str, ...]) -> None:
    assert expected == platforms(found)


@pytest.mark.parametrize("platform", names())
@pytest.mark.parametrize("found", [None, [], {}, 7, "x", {"@type": "x"}, {"type": "message", "attachments": [7]}])
def test_what_is_no_card_of_a_platform_is_told(platform: str, found: object) -> None:
    (problem,) = lint(found, platform)
    assert problem


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        (CARD, {"messagecard", "workflows", "outlook"}),
        (ADAPTIVE, {"workflows", "teams", "outlook"}),
        (MESSAGE, {"workflows", "teams"}),
        (ACTIVITY, {"workflows", "teams"}),
        (INVOKED, {"teams"}),
        (BY_BOT, {"teams"}),
    ],
)
def test_a_card_keeps_the_limits_where_it_can_be_sent(found: object, kept: set[str]) -> None:
    assert kept == {platform for platform in names() if lint(found, platform) == ()}


@pytest.mark.parametrize(
    "card",
    [
        {
            **CARD,
            "potentialAction": [{"@type": "OpenUri", "name": "x", "targets": [{"os": "default", "uri": "https://x"}]}],
        },
        {**CARD, "sections": [{"potentialAction": [{"@type": "HttpPOST", "name": "x", "target": "https://x"}]}]},
    ],
)
def test_buttons_of_a_messagecard_are_not_drawn_through_workflows(card: dict[str, Any]) -> None:
    (problem,) = lint(card, "workflows")
    assert "potentialAction: Teams draws no buttons of a MessageCard that comes through Workflows" in problem
    assert () == lint(card, "messagecard")


@pytest.mark.parametrize("platform", ["messagecard", "workflows"])
def test_sections_that_are_no_list_are_one_problem(platform: str) -> None:
    assert ("sections must be a list",) == lint({**CARD, "sections": {}}, platform)


def test_places_are_those_in_the_whole_message() -> None:
    spoiled = {**ADAPTIVE, "version": "1.6", "body": [{"type": "TextBlock", "text": "<b>x</b>"}]}
    attached = {"contentType": ADAPTIVE_CARD_TYPE, "content": spoiled}
    version, html = lint({"type": "message", "attachments": [{"contentType": "text/html"}, attached]}, "teams")
    assert version.startswith("attachments[1].content.version is 1.6")
    assert html.startswith("attachments[1].content.body[0] has HTML")
    (version, _) = lint({"statusCode": 200, "value": spoiled}, "teams")
    assert version.startswith("value.version is 1.6")
    assert [] == adaptive_cards({"type": "message", "attachments": [{"contentType": ADAPTIVE_CARD_TYPE, "content": 7}]})
    assert [] == adaptive_cards({"statusCode": 200, "value": "x"})


def test_a_messagecard_by_a_bot_keeps_the_limits_of_messagecards_but_for_target_and_size() -> None:
    spoiled: list[dict[str, Any]] = [
        {"sections": [{"potentialAction": [{"@type": "HttpPOST", "name": "x", "body": {}}]}]},
        {"sections": [{}] * 11},
        {"sections": [{"text": "x" * 90_000}]},
    ]
    told = [lint(_by_bot({**OLD, **changes}), "teams") for changes in spoiled]
    assert [
        ("attachments[0].content.sections[0].potentialAction[0].body must be a string: write the JSON as text",),
        ("attachments[0].content.sections: there are 11 and 10 are shown: join some",),
    ] == told[:2]
    assert "and 81920 are safe" in told[2][0]
    assert "target must be an https address" in lint(OLD, "messagecard")[-1]


def _by_bot(card: dict[str, Any]) -> dict[str, Any]:
    return {"type": "message", "attachments": [{"contentType": MESSAGE_CARD_TYPE, "content": card}]}


def test_a_bots_message_has_its_own_size() -> None:
    long = {**ADAPTIVE, "body": [{"type": "TextBlock", "text": "x" * 90_000}]}
    (problem,) = lint(long, "teams")
    assert "bytes of JSON and 81920 are safe (Teams refuses 100 KB): shorten its texts" in problem
    (problem,) = lint({**ADAPTIVE, "body": [{"type": "TextBlock", "text": "\ud800"}]}, "teams")
    assert "half a character" in problem


def test_a_button_that_decides_at_the_relay_under_another_name_is_found() -> None:
    request = read_form(
        {"repository": "octo/api", "event_type": "deploy", "title": "x"}, issued_at=1, nonce="n" * 16, lifetime=9
    )
    genuine: Any = message_card.draw(request, target="https://relay.example/api", ticket="t.t.t", proven=())
    assert () == lint(genuine, "messagecard")
    press = genuine["potentialAction"][0]["actions"][0]
    other = [{"name": "Relay-Ticket", "value": "b.b.b"}, *press["headers"][1:]]
    for trojan, told in (
        (
            {**press, "name": "Show the test report"},
            "potentialAction[2] presses approve at the relay under another name",
        ),
        ({**press, "headers": other}, "potentialAction[2] carries the ticket of another request"),
        ({**press, "headers": []}, "potentialAction[2] leads to the relay without its ticket"),
    ):
        (problem,) = lint({**genuine, "potentialAction": [*genuine["potentialAction"], trojan]}, "messagecard")
        assert problem.startswith(told)
    mail: Any = adaptive.draw(request, target="https://relay.example/api", ticket="t", proven=(), originator="")
    assert () == lint(mail, "outlook")
    press = mail["actions"][0]["card"]["actions"][0]
    (problem,) = lint({**mail, "actions": [*mail["actions"], {**press, "title": "Report"}]}, "outlook")
    assert problem.startswith("actions[2] presses approve")
