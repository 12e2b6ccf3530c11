import json
from typing import Any

import pytest

from relay.chats.shared.message_card import draw, redraw
from relay.chats.shared.message_card_limits import check
from relay.model.case import Case
from relay.model.debts import Card, Debt
from relay.model.request import FACTS, Proven
from relay.signed.request import read_form
from tests.chats.shared.message_cards import OPEN, POST, TARGET, again, ask, drawn, facts, headers
from tests.support.entra_tokens import NOW


def test_a_request_has_two_buttons_with_its_ticket_and_a_comment() -> None:
    card = drawn(ask())
    assert ("배포 승인", "배포 승인", "0969DA") == (card["title"], card["summary"], card["themeColor"])
    assert ["Approve", "Reject"] == [action["name"] for action in card["potentialAction"]]
    for verdict, button in zip(("approve", "reject"), card["potentialAction"], strict=True):
        (post,) = button["actions"]
        assert {"Relay-Ticket": "t.t.t", "Relay-Verdict": verdict} == headers(post)
        assert (TARGET, '{"comment": "{{comment.value}}"}') == (post["target"], post["body"])
        (comment,) = button["inputs"]
        assert ("comment", False, 1_000) == (comment["id"], comment["isRequired"], comment["maxLength"])


NOTE = "The sender asks you to note"


def test_what_is_released_stands_in_the_relays_words() -> None:
    request = ask(
        environment="production",
        ref="refs/heads/main",
        sha="0123456789abcdef",
        requested_by="octocat",
        confirm="월요일에만",
        run_url="https://github.com/octo/api/actions/runs/1",
    )
    found = facts(drawn(request))
    names = ["Repository", "Environment", "Event", "Ref", "Commit", "Requested by"]
    assert [*names, "Proven by GitHub", "Expires", NOTE, "Run"] == [*found]
    assert ("octo/api", "octocat", "월요일에만") == (found["Repository"], found["Requested by"], found[NOTE])
    assert "2026-09-22T14:13:20Z" == found["Expires"].replace("\\", "")
    assert found["Run"].endswith("(https://github.com/octo/api/actions/runs/1)")


def test_what_would_turn_text_around_is_written_out() -> None:
    card = drawn(ask(title="\u202eniam", confirm="\u202eniam", facts=[{"name": "x", "value": "\u2066y"}]))
    assert "\\u202eniam" == card["title"] == card["summary"]
    assert not {"\u202e", "\u2066"} & set(json.dumps(card, ensure_ascii=False))


@pytest.mark.parametrize("proven", [(), FACTS[:4]])
def test_a_requester_who_is_only_stated_is_shown_as_stated(proven: Proven) -> None:
    assert "octocat (as stated by the sender)" == facts(drawn(ask(requested_by="octocat"), proven))["Requested by"]
    assert "Requested by" not in facts(drawn(ask(), proven))


def test_each_fact_is_proven_by_github_or_stated_by_the_sender() -> None:
    asked = ask(ref="refs/heads/main", sha="f" * 40, environment="production", requested_by="octocat")
    every = facts(drawn(asked))
    assert "repository, ref, commit, run, environment, requester" == every["Proven by GitHub"]
    assert not [value for value in every.values() if "stated" in value]
    some = facts(drawn(asked, ("run", "requester")))
    assert "run, requester" == some["Proven by GitHub"]
    stated = [name for name, value in some.items() if value.endswith(" (as stated by the sender)")]
    assert ["Environment", "Ref", "Commit"] == stated
    assert "Proven by GitHub" not in facts(drawn(asked, ()))


def test_what_the_sender_adds_stands_apart() -> None:
    request = ask(
        text="**굵게**",
        summary="요약",
        theme_color="#FF0000",
        facts=[{"name": "크기", "value": "큼\n[x](https://evil.example)"}],
        links=[{"name": "Docs", "url": "https://docs.example"}, {"name": "Logs", "url": "https://ci.example"}],
        sections=[{"title": "구역"}],
    )
    card = drawn(request)
    assert ("**굵게**", "요약", "FF0000") == (card["text"], card["summary"], card["themeColor"])
    assert ["What an approval releases", "From the sender", "구역"] == [each["title"] for each in card["sections"]]
    assert facts(card, 1)["크기"].startswith(r"큼 · \[x\]")
    assert "[Docs](https://docs.example) | [Logs](https://ci.example)" == card["sections"][1]["text"]


@pytest.mark.parametrize(
    "extra", [{"facts": [{"name": "a", "value": "b"}]}, {"links": [{"name": "a", "url": "https://b"}]}]
)
def test_facts_and_links_stand_alone_too(extra: dict[str, object]) -> None:
    section = drawn(ask(**extra))["sections"][1]
    assert ("facts" in extra, "links" in extra) == ("facts" in section, "text" in section)


def test_a_section_of_nothing_is_left_out() -> None:
    assert 1 == len(drawn(ask(sections=[{}]))["sections"])


def test_the_senders_own_actions_come_after_ours() -> None:
    card = drawn(ask(actions=[OPEN, POST], approve_label="승인", reject_label="반려", require_comment=True))
    assert ["승인", "반려", "Logs", "Retry"] == [action["name"] for action in card["potentialAction"]]
    assert card["potentialAction"][0]["inputs"][0]["isRequired"]


def test_a_notification_has_no_approve_and_no_end() -> None:
    card = drawn(ask(event_type=None, actions=[OPEN]), ())
    assert [OPEN] == card["potentialAction"]
    assert {"Repository": "octo/api"} == facts(card)
    assert "Where this comes from" == card["sections"][0]["title"]
    assert "potentialAction" not in drawn(ask(event_type=None))


def test_a_notification_about_nothing_in_particular_has_no_sections() -> None:
    form = {"title": "T", "text": "hi"}
    request = read_form(form, issued_at=1_790_000_000, nonce="n" * 22, lifetime=60, required=("title",))
    card = draw(request, target="", ticket="", proven=())
    assert ["@context", "@type", "summary", "text", "themeColor", "title"] == sorted(card)


ORIGINATOR = "4f1c9d2a-7b54-46f8-891a-2b3c4d5e6f70"


def test_a_card_for_a_mail_names_its_provider_and_so_do_its_buttons() -> None:
    request = ask()
    first = draw(request, target=TARGET, ticket="t.t.t", proven=(), originator=ORIGINATOR)
    next_one = redraw(
        Case(request, "key"), status="pending", needs="1 more", target=TARGET, ticket="n.n.n", originator=ORIGINATOR
    )
    for card in (first, next_one):
        assert () == check(card)
        assert (ORIGINATOR, True) == (card["originator"], card["hideOriginalBody"])
        posts = [post for action in json.loads(json.dumps(card))["potentialAction"] for post in action["actions"]]
        assert [ORIGINATOR] * 2 == [headers(post)["Relay-Originator"] for post in posts]


def test_a_card_without_a_provider_is_none_for_a_mail() -> None:
    for card in (drawn(ask()), again(Case(ask(), "key"), ticket="n.n.n")):
        assert {"originator", "hideOriginalBody"} & set(card) == set()
        assert "Relay-Originator" not in json.dumps(card)


def test_the_cards_of_other_chats_are_nothing_that_a_card_shows() -> None:
    owed = Debt("ops", NOW, NOW, kind="card", card=Card("ops"))
    case = Case(ask(), "key", debts=(owed, Debt("deploy-api", NOW, NOW)))
    assert {"GitHub": "not taken yet, the relay keeps trying"} == facts(again(case))


@pytest.mark.parametrize(
    ("by", "proof", "expected"),
    [
        ("octocat", "key", "octocat, run again by ada (as stated by the sender)"),
        ("octocat", "oidc", "octocat, run again by ada (as stated by the sender)"),
        ("", "key", "run again by ada (as stated by the sender)"),
    ],
)
def test_a_card_names_who_ran_the_workflow_again(by: str, proof: Any, expected: str) -> None:
    request = ask(requested_by=by, requested_by_also="ada") if by else ask(requested_by_also="ada")
    assert expected == facts(drawn(request, proof))["Requested by"]
