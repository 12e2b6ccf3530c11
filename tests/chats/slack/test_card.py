"""A case is drawn as a message that Slack takes, whoever wrote what, and whose buttons die."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relay.chats.slack.card import draw
from relay.chats.slack.limits import breaches, characters
from relay.model import Actor, Answer, ApprovalRequest, Case, Debt, Review, Status, Successor, Words
from relay.signed.fields import is_web_address
from tests.chats.slack.mrkdwn import links, texts, told
from tests.support import hostile

TICKET = "a.b.c" * 100
REQUEST = ApprovalRequest(
    id="r" * 32,
    repository="octo/api",
    title="Deploy api to production?",
    issued_at=1_790_000_000,
    expires_at=1_790_086_400,
    nonce="n" * 22,
    event_type="deploy-api",
    environment="production",
    ref="refs/heads/main",
    sha="0123456789abcdef",
    requested_by="octocat",
    run_url="https://github.com/octo/api/actions/runs/1",
    links=({"name": "Diff", "url": "https://github.com/octo/api/compare"},),
    facts=({"name": "Tests", "value": "128 passed"},),
)
ADA = Review("approve", Actor("slack:T1/U1", "Ada *Lovelace*"), "qa", 1_790_000_100, "fine <!here>")


def answer(request: ApprovalRequest = REQUEST, *, status: Status = "pending", **changes: Any) -> Answer:
    case = Case(request, "key", status=status, **changes)
    live = status == "pending"
    return Answer(
        "pending", "", case, status, "1 more approval in stage release" if live else "", TICKET if live else ""
    )


def shown(message: dict[str, Any]) -> str:
    return "\n".join(text["text"] for _, text in texts(message["blocks"]))


def block(message: dict[str, Any], kind: str, identifier: str = "") -> dict[str, Any]:
    found: dict[str, Any] = next(
        each for each in message["blocks"] if each["type"] == kind and each.get("block_id", "").startswith(identifier)
    )
    return found


def test_a_pending_case_has_a_box_for_the_comment_and_two_buttons_apart_from_the_links() -> None:
    message = draw(answer())
    assert () == breaches(message)
    approve, reject = block(message, "actions", "decide")["elements"]
    assert ("approve", "Approve", "primary", TICKET) == (
        approve["action_id"],
        approve["text"]["text"],
        approve["style"],
        approve["value"],
    )
    assert ("reject", "Reject", "danger") == (reject["action_id"], reject["text"]["text"], reject["style"])
    box = block(message, "input")
    assert ("comment", True, 1_000) == (box["element"]["action_id"], box["optional"], box["element"]["max_length"])
    assert ["link-0", "link-1"] == [each["action_id"] for each in block(message, "actions", "links")["elements"]]
    assert "Waiting for approval: Deploy api to production?" == message["text"]
    for words in ("octo/api", "production", "0123456789ab", "octocat (as stated by the sender)", "128 passed"):
        assert words in shown(message)


def test_the_box_for_the_comment_is_another_at_each_change_and_the_same_where_nothing_changed() -> None:
    first, again = draw(answer()), draw(answer(version=5))
    later = draw(answer(reviews=(ADA,)))
    assert block(first, "input")["block_id"] == block(again, "input")["block_id"]
    assert block(first, "input")["block_id"] != block(later, "input")["block_id"]


@pytest.mark.parametrize(
    ("status", "headline"),
    [
        ("approved", "Approved"),
        ("rejected", "Rejected"),
        ("superseded", "Superseded by a newer request"),
        ("cancelled", "Cancelled by the requester"),
        ("expired", "Expired without a decision"),
    ],
)
def test_a_decided_card_says_so_and_has_nothing_to_press_but_links(status: Status, headline: str) -> None:
    message = draw(answer(status=status, reviews=(ADA,)), mentions=["U1"])
    assert () == breaches(message)
    assert f"*{headline}*" == message["blocks"][0]["text"]["text"]  # type: ignore[index]
    assert {"links"} == {each["block_id"] for each in message["blocks"] if "block_id" in each}  # type: ignore[attr-defined]
    assert [] == told(message)
    assert "Expires" not in shown(message)


def test_a_review_shows_its_comment_as_it_was_written() -> None:
    message = draw(answer(reviews=(ADA,)))
    assert "“fine <!here>”" in shown(message)
    assert "stage qa" in shown(message)
    assert [] == told(message)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("owed", "GitHub has not taken it yet; the relay keeps trying."),
        ("delivered", "GitHub has taken it."),
        ("refused", "GitHub refused it; the operator can mend this."),
        ("dead", "GitHub never took it; the operator can mend this."),
        ("cancelled", "GitHub was never told of it: it was given up."),
    ],
)
def test_what_became_of_the_dispatch_is_said(status: Any, words: str) -> None:
    debts = (
        Debt("deploy-api", 1, 1.0, status=status, row="r"),
        Debt("preview", 1, 1.0, status=status, row="r", decision="requested"),
    )
    said = shown(draw(answer(status="approved", debts=debts)))
    assert words in said
    assert words.replace(" it", " preview", 1) in said


def test_the_newer_request_is_named() -> None:
    newer = Successor("b" * 32, "Deploy <api>")
    assert f"Newer request: Deploy &lt;api&gt; ({'b' * 32})" in shown(
        draw(answer(status="superseded", superseded_by=newer))
    )


def test_people_are_mentioned_by_their_ids_and_ten_of_them_at_most() -> None:
    assert ["U1", "U2"] == told(draw(answer(), mentions=["U1", "U2"]))
    many = draw(answer(), mentions=[f"U{number}" for number in range(13)])
    assert 10 == len(told(many))
    assert "and 3 more" in shown(many)


def test_a_confirmation_stands_before_the_approval() -> None:
    request = replace(REQUEST, confirm="This goes to <!channel> production. " * 8, approve_label="Ship it now, please")
    approve, reject = block(draw(answer(request)), "actions", "decide")["elements"]
    assert "confirm" not in reject
    assert "Approve: Ship it now, please" == approve["confirm"]["confirm"]["text"]
    assert () == breaches(draw(answer(request)))


def test_a_note_is_the_senders_unless_the_operator_wrote_it() -> None:
    found = answer(replace(REQUEST, confirm="Is the freeze over?"))
    assert "*The sender asks you to note* Is the freeze over?" in shown(draw(found))
    operators = replace(found, words=Words(confirm="Read the plan."))
    assert "*Please note* Read the plan." in shown(draw(operators))


def test_a_dispatch_that_the_operator_dropped_is_no_dead_one() -> None:
    dropped = Debt("deploy-api", 1, 1.0, status="dead")
    assert "The operator gave it up; it is never sent." in shown(draw(answer(status="approved", debts=(dropped,))))


def test_a_required_comment_is_marked() -> None:
    box = block(draw(answer(replace(REQUEST, require_comment=True))), "input")
    assert (False, "Comment") == (box["optional"], box["label"]["text"])


def test_a_notification_asks_nothing() -> None:
    request = replace(REQUEST, event_type="", title="Released", facts=(), links=())
    message = draw(Answer("pending", "", Case(request, "key"), "pending"))
    assert "Released" == message["text"]
    assert "Where this comes from" in shown(message)
    assert "Waiting" not in shown(message)
    assert () == breaches(message)


def test_a_long_fact_has_a_section_of_its_own_and_a_bare_notification_no_facts_of_ours() -> None:
    request = replace(REQUEST, facts=({"name": "Log", "value": "x" * 2_000},), event_type="", run_url="")
    message = draw(Answer("pending", "", Case(request, "key"), "pending"))
    assert "*Log*\n" + "x" * 2_000 in shown(message)
    bare = ApprovalRequest("r" * 32, "", "Hello", 1, 2, "n" * 22)
    assert "Hello" == shown(draw(Answer("pending", "", Case(bare, "offline"), "pending")))


def test_a_request_as_the_asker_sends_it_is_asked_for() -> None:
    assert draw(answer(), is_first=True)["text"] == "Approval requested: Deploy api to production?"


def test_a_long_title_is_whole_all_the_same() -> None:
    message = draw(answer(replace(REQUEST, title="t" * 300)))
    assert "t" * 300 in shown(message)
    assert "t" * 149 + "…" in shown(message)


def test_comments_are_cut_with_an_ellipsis_before_a_card_grows_too_large() -> None:
    reviews = tuple(replace(ADA, comment="c" * 1_000) for _ in range(40))
    message = draw(answer(reviews=reviews))
    assert () == breaches(message)
    assert characters(message["blocks"]) <= 12_000
    assert "ccc…”" in shown(message)
    assert "Earlier: " in shown(message)


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


@settings(max_examples=20_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hostile.FORMS, st.lists(st.tuples(hostile.words(200), hostile.words(1_000)), max_size=4))
def test_whatever_a_sender_writes_tells_nobody_and_leads_to_web_addresses_only(
    form: dict[str, Any], said: list[tuple[str, str]]
) -> None:
    request = hostile.request(form)
    if request is None:
        return
    reviews = tuple(Review("approve", Actor("slack:T1/U1", name), "qa", 1_790_000_100, text) for name, text in said)
    for each in (
        answer(request),
        answer(request, reviews=reviews),
        answer(request, status="approved", reviews=reviews),
    ):
        message = draw(each, mentions=["U1"])
        assert (["U1"] if each.ticket else []) == told(message)
        assert all(is_web_address(url.replace("&amp;", "&")) for url in links(message))
        problems = breaches(message)
        assert not problems or breaches(draw(answer(request))), problems
