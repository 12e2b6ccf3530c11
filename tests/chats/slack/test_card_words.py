"""What others write on a card in Slack: cut, kept apart from the relay's own words, and never a mention or a button."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.chats.slack import limits
from relay.chats.slack.card import draw
from relay.chats.slack.limits import breaches
from relay.model.answer import Answer
from relay.model.case import Case
from relay.model.people import Actor, Review
from relay.model.request import ApprovalRequest
from relay.signed.fields import is_web_address
from tests.chats.slack.drawing import ADA, REQUEST, answer, block, shown
from tests.chats.slack.mrkdwn import links, told
from tests.support import hostile


def test_a_long_fact_has_a_section_of_its_own_and_a_bare_notification_no_facts_of_ours() -> None:
    request = replace(REQUEST, facts=({"name": "Log", "value": "x" * 2_000},), event_type="", run_url="")
    message = draw(Answer("pending", "", Case(request, "key"), "pending"))
    assert "*Log*\n" + "x" * 2_000 in shown(message)
    bare = ApprovalRequest("r" * 32, "", "Hello", 1, 2, "n" * 22)
    assert "Hello" == shown(draw(Answer("pending", "", Case(bare, "offline"), "pending")))


def test_a_long_title_is_whole_all_the_same() -> None:
    message = draw(answer(replace(REQUEST, title="t" * 300)))
    assert "t" * 300 in shown(message)
    assert "t" * 149 + "…" in shown(message)


def test_comments_are_cut_with_an_ellipsis_before_a_card_grows_too_large() -> None:
    reviews = tuple(replace(ADA, comment="c" * 1_000) for _ in range(40))
    message = draw(answer(reviews=reviews))
    assert () == breaches(message)
    assert sum(map(len, limits.texts(message["blocks"]))) <= 12_000
    assert "ccc…”" in shown(message)
    assert "Earlier: " in shown(message)


@pytest.mark.parametrize("comment", ["", "c" * 1_000])
def test_reviews_of_a_card_that_is_nearly_full_share_one_block(comment: str) -> None:
    full = replace(REQUEST, facts=tuple({"name": f"n{number}", "value": "x" * 1_900} for number in range(5)))
    full = replace(full, text="y" * (12_000 - 200 - sum(map(len, limits.texts(draw(answer(full))["blocks"])))))
    assert () == breaches(draw(answer(full)))
    message = draw(answer(full, reviews=(replace(ADA, comment=comment),) * 15))
    assert "Earlier: Ada *Lovelace* approved, Ada *Lovelace* approved" in shown(message)
    assert "ccc" not in shown(message)
    # Slack itself counts some 13,200 characters; fifteen blocks of reviews would pass even that.
    assert sum(map(len, limits.texts(message["blocks"]))) < 12_500


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Approve", "Link: Approve"),
        (" reject it", "Link: reject it"),
        ("\uff21pprove", "Link: \uff21pprove"),
        ("\u0410pprove", "Link: \u0410pprove"),
        ("Run again", "Link: Run again"),
        ("Approved changes", "Approved changes"),
        ("Diff", "Diff"),
    ],
)
def test_a_link_does_not_pass_for_a_button_of_the_relay(name: str, shown: str) -> None:
    request = replace(REQUEST, run_url="", links=({"name": name, "url": "https://ci.example/"},))
    (button,) = block(draw(answer(request)), "actions", "links")["elements"]
    assert shown == button["text"]["text"]


def test_the_sections_and_actions_of_a_message_card_are_drawn_where_they_can_be() -> None:
    uri = {
        "@type": "OpenUri",
        "name": "Logs",
        "targets": [{"os": "iOS", "uri": "x:y"}, {"os": "default", "uri": "https://l.example"}],
    }
    request = replace(
        REQUEST,
        actions=(uri, {"@type": "HttpPOST", "name": "No", "target": "https://x.example"}),
        sections=(
            {"title": "Changes", "text": "**12** commits", "facts": [{"name": "Risk", "value": "low"}]},
            {"activityTitle": "Ada", "potentialAction": [uri | {"targets": []}, uri], "facts": "none"},
        ),
    )
    message = draw(answer(request))
    assert ["Open the run", "Diff", "Logs", "Logs"] == [
        each["text"]["text"] for each in block(message, "actions", "links")["elements"]
    ]
    assert "*12* commits" in shown(message)
    assert "*Risk*\nlow" in shown(message)


@settings(max_examples=20_000, deadline=None)
@given(st.integers(0, 2**64 - 1))
def test_whatever_a_sender_writes_tells_nobody_and_leads_to_web_addresses_only(seed: int) -> None:
    dice = Random(seed)  # noqa: S311 - a test
    request = hostile.request(dice)
    said = [(hostile.words(dice, 200), hostile.words(dice, 1_000)) for _ in range(dice.randrange(5))]
    reviews = tuple(Review("approve", Actor("slack:T1/U1", name), "qa", 1_790_000_100, text) for name, text in said)
    fits = not breaches(draw(answer(request)))
    for each in (answer(request, reviews=reviews), answer(request, status="approved", reviews=reviews)):
        message = draw(each, mentions=["U1"])
        assert (["U1"] if each.ticket else []) == told(message)
        assert all(is_web_address(url.replace("&amp;", "&")) for url in links(message))
        assert not fits or () == breaches(message)
