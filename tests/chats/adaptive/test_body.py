import json
from dataclasses import replace
from typing import Any

import pytest

from relay.chats.adaptive.body import Mention, current, entities, first
from relay.model.case import Case, Successor
from relay.model.debts import Card, Debt
from relay.model.people import Actor, Review
from relay.model.request import FACTS, ApprovalRequest, Proven
from relay.signed.request import read_form
from tests.support.entra_tokens import NOW

ADA = Mention("Ada Lovelace", "ada@octo.example")
REVIEW = Review("approve", Actor("entra:t/o", "에이다 *Ada*"), "qa", NOW, "좋아요\n# [정말](https://evil.example)")
Elements = list[dict[str, Any]]


def ask(**fields: object) -> ApprovalRequest:
    form = {"repository": "octo/api", "event_type": "deploy-api", "title": "배포 승인", **fields}
    return read_form({k: v for k, v in form.items() if v is not None}, issued_at=NOW, nonce="n" * 22, lifetime=86_400)


def texts(elements: Elements) -> list[str]:
    return [element["text"] for element in elements if element["type"] == "TextBlock"]


def box(elements: Elements, title: str) -> Elements:
    """The items of the container that has this heading."""
    (found,) = [each for each in elements if each["type"] == "Container" and each["items"][0].get("text") == title]
    items: Elements = found["items"]
    return items


def facts(items: Elements) -> dict[str, str]:
    (found,) = [item for item in items if item["type"] == "FactSet"]
    return {fact["title"]: fact["value"] for fact in found["facts"]}


def standing(case: Case, status: str = "", needs: str = "", **more: Any) -> Elements:
    return current(case, status=status or case.status, needs=needs, **more)


def test_what_is_released_stands_in_the_relays_words_in_a_box_of_its_own() -> None:
    request = ask(
        environment="production",
        ref="refs/heads/main",
        sha="0123456789abcdef0123456789abcdef01234567",
        requested_by="octocat",
        confirm="월요일에만 *꼭*",
        run_url="https://github.com/octo/api/actions/runs/1",
    )
    elements = first(request, proven=FACTS)
    items = box(elements, "What an approval releases")
    assert {
        "Repository": "octo/api",
        "Environment": "production",
        "Event": "deploy-api",
        "Ref": "refs/heads/main",
        "Commit": "0123456789ab",
        "Requested by": "octocat",
        "Proven by GitHub": "repository, ref, commit, run, environment, requester",
        "Run": "[github.com/octo/api/actions/runs/1](https://github.com/octo/api/actions/runs/1)",
        "Expires": "2026-09-22 14:13 UTC",
    } == facts(items)
    assert r"**The sender asks you to note:** 월요일에만 \*꼭\*" == items[-1]["text"]
    assert ["emphasis"] == [each["style"] for each in elements if "style" in each]
    assert ["Approval requested", "배포 승인"] == texts(elements)


@pytest.mark.parametrize("proven", [(), FACTS[:4]])
def test_a_requester_who_is_only_stated_is_shown_as_stated(proven: Proven) -> None:
    items = box(first(ask(requested_by="octocat"), proven=proven), "What an approval releases")
    assert "octocat (as stated by the sender)" == facts(items)["Requested by"]


def test_what_the_sender_adds_stands_apart_and_is_no_markdown() -> None:
    elements = first(
        ask(
            title="*배포* [x](https://evil.example)",
            text="**굵게**",
            facts=[{"name": "크기*_", "value": "큼\n[x](https://evil.example)"}],
            links=[{"name": "Docs", "url": "https://docs.example"}, {"name": "Logs", "url": "https://ci.example"}],
            sections=[{"title": "구역"}, {}],
        ),
        proven=FACTS,
    )
    assert ["Approval requested", "\\*배포\\* [x]\u200b(https:/\u200b/evil.example)", "**굵게**"] == texts(elements)
    items = box(elements, "From the sender")
    assert {"크기\\*\\_": "큼 · [x]\u200b(https://evil.example)"} == facts(items)
    assert "[Docs](https://docs.example) · [Logs](https://ci.example)" == items[-1]["text"]
    assert "구역" == box(elements, "구역")[0]["text"]
    assert [None, True, True] == [each.get("separator") for each in elements if each["type"] == "Container"]


def test_a_notification_says_where_it_comes_from_and_has_no_headline_and_no_end() -> None:
    elements = first(ask(event_type=None), proven=())
    assert ["배포 승인"] == texts(elements)
    assert {"Repository": "octo/api"} == facts(box(elements, "Where this comes from"))
    assert ["배포 승인"] == texts(standing(Case(ask(event_type=None), "key", "expired")))


def test_a_notification_about_nothing_in_particular_has_no_box() -> None:
    request = read_form({"title": "T"}, issued_at=NOW, nonce="n" * 22, lifetime=60, required=("title",))
    assert ["TextBlock"] == [each["type"] for each in first(request, proven=())]


def test_times_are_the_readers_own_where_the_host_can() -> None:
    items = box(first(ask(), proven=(), local=True), "What an approval releases")
    assert facts(items)["Expires"].startswith("{{DATE(2026-09-22T14:13:20Z, SHORT)}}")
    told = json.dumps(standing(Case(ask(), "key", reviews=(REVIEW,)), local=True))
    assert "stage qa, {{DATE(2026-09-21T14:13:20Z, SHORT)}}" in told


def test_two_of_one_name_are_two_in_the_text_and_among_the_entities() -> None:
    people = [Mention("Alex", "a@x"), Mention("Alex (2)", "b@x"), Mention("Alex", "c@x"), Mention("<Alex>", "d@x")]
    found: Any = entities(people)
    named = ["<at>Alex</at>", "<at>Alex (2)</at>", "<at>Alex (3)</at>", "<at>Alex (4)</at>"]
    assert list(zip(named, "abcd", strict=True)) == [(each["text"], each["mentioned"]["id"][0]) for each in found]
    assert f"For {', '.join(named)}" in texts(first(ask(), proven=(), mentions=people))


def test_who_is_mentioned_is_so_in_the_text_and_among_the_entities_alike() -> None:
    odd = Mention("그레이스 *H* <b>", "00000000-0000-0000-0000-00000000000b")
    elements = first(ask(), proven=(), mentions=[ADA, odd, Mention("**", "x@y")])
    named = ["<at>Ada Lovelace</at>", "<at>그레이스 H b</at>", "<at>approver</at>"]
    assert f"For {', '.join(named)}" == texts(elements)[-1]
    found = entities([ADA, odd])
    assert named[:2] == [each["text"] for each in found]
    assert {"id": "ada@octo.example", "name": "Ada Lovelace"} == found[0]["mentioned"]
    assert ["mention", "mention"] == [each["type"] for each in found]


def test_a_pending_case_says_what_it_waits_for_and_for_whom() -> None:
    elements = standing(
        Case(ask(confirm="Sure?"), "oidc", stage="qa"), needs="1 more approval in stage 큐_에이_", mentions=[ADA]
    )
    assert [
        "Waiting for approval",
        "1 more approval in stage 큐\\_에이\\_",
        "배포 승인",
        "For <at>Ada Lovelace</at>",
    ] == texts(elements)
    items = box(elements, "What an approval releases")
    assert "Expires" in facts(items)
    assert "**The sender asks you to note:** Sure?" == items[-1]["text"]


def test_a_review_is_shown_with_its_comment_which_is_no_markdown() -> None:
    rejected = replace(REVIEW, verdict="reject", comment=" ")
    items = box(standing(Case(ask(), "oidc", reviews=(REVIEW, rejected))), r"에이다 \*Ada\* approved")
    assert [
        r"에이다 \*Ada\* approved",
        "stage qa, 2026-09-21 14:13 UTC",
        "“좋아요 · # [정말]\u200b(https://evil.example)”",
        r"에이다 \*Ada\* rejected",
        "stage qa, 2026-09-21 14:13 UTC",
    ] == texts(items)
    assert ("good", "attention") == (items[0]["color"], items[3]["color"])


@pytest.mark.parametrize(
    ("status", "headline", "color", "title"),
    [
        ("approved", "Approved", "good", "What was approved"),
        ("rejected", "Rejected", "attention", "What was rejected"),
        ("superseded", "Superseded by a newer request", "default", "What was asked for"),
        ("cancelled", "Cancelled", "default", "What was asked for"),
        ("expired", "Expired without a decision", "default", "What was asked for"),
    ],
)
def test_a_decided_case_says_so_first_and_asks_nobody_any_more(
    status: str, headline: str, color: str, title: str
) -> None:
    elements = standing(Case(ask(confirm="Sure?"), "key"), status, mentions=[ADA])
    assert (headline, color) == (elements[0]["text"], elements[0]["color"])
    assert "<at>" not in json.dumps(elements)
    assert {"Repository": "octo/api", "Event": "deploy-api"} == facts(box(elements, title))
    assert "Sure?" not in json.dumps(elements)


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("owed", "GitHub has not taken it yet; the relay keeps trying."),
        ("delivered", "GitHub has taken it."),
        ("refused", "GitHub refused it; the operator can mend this."),
        ("dead", "GitHub never took it; the operator can mend this."),
        ("cancelled", "GitHub was never told of it: it was given up."),
    ],
)
def test_what_became_of_the_dispatch_is_shown(status: Any, told: str) -> None:
    debt = replace(Debt("deploy-api", NOW, NOW), status=status, row="n.0")
    assert [told] == texts(box(standing(Case(ask(), "key", "approved", debts=(debt,))), told))


def test_why_github_refused_the_dispatch_is_shown() -> None:
    debt = replace(Debt("deploy-api", NOW, NOW), status="refused", last_error="it finds *the* inputs invalid")
    told = "GitHub refused it: it finds \\*the\\* inputs invalid; the operator can mend this."
    assert [told] == texts(box(standing(Case(ask(), "key", "approved", debts=(debt,))), told))


def test_what_is_dispatched_before_the_last_word_is_named_and_a_card_is_no_dispatch() -> None:
    passed = Debt("deploy-{staging}", NOW, NOW, status="delivered", decision="approved", passed=("qa",))
    card = Debt("ops", NOW, NOW, kind="card", card=Card("ops"))
    told = "GitHub has taken deploy-{staging}."
    assert [told] == texts(box(standing(Case(ask(), "key", debts=(card, passed))), told))


def test_a_superseded_case_says_by_what_in_words_that_are_no_markdown() -> None:
    newer = Successor("gon3yqaivw3ppdaltma2lypgzyg63lzr", "배포 *2.5*\n# now")
    case = replace(Case(ask(), "key"), status="superseded", superseded_by=newer)
    told = r"Newer request: 배포 \*2.5\* # now (gon3yqaivw3ppdaltma2lypgzyg63lzr)"
    assert [told] == texts(box(standing(case), told))
