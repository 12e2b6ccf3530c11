"""Whatever a sender wrote stays text on the page, and leads nowhere but where it says."""

import json
import re
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.delivery import Reply
from relay.model.people import Actor
from relay.model.runs import Run
from relay.pages.english import ENGLISH
from relay.pages.korean import KOREAN
from relay.pages.words import Words
from relay.signed.request import read_form
from tests.pages.browsing import shown
from tests.pages.drawing import ADA, LIN, NOW, drawn, request, review
from tests.pages.elements import EVIL, check_shut
from tests.support.request_forms import FORMS

BOUNDS: Final = {
    "approve_label": 40,
    "reject_label": 40,
    "environment": 255,
    "ref": 255,
    "summary": 300,
    "confirm": 300,
}


def opens(url: str) -> dict[str, Any]:
    return {"@type": "OpenUri", "name": EVIL, "targets": [{"os": "default", "uri": url}]}


@pytest.mark.parametrize(
    "field",
    ["title", "text", "summary", "environment", "ref", "confirm", "approve_label", "reject_label", "event_type"],
)
def test_no_text_of_the_sender_becomes_markup(field: str) -> None:
    evil = EVIL[: BOUNDS.get(field, 100)]
    page = check_shut(drawn(Case(request(**{field: evil}), "key")))
    assert field == "summary" or evil in page.text


@pytest.mark.parametrize(
    "changes",
    [
        {"facts": [{"name": EVIL[:100], "value": EVIL}]},
        {"links": [{"name": EVIL[:100], "url": 'https://a.example/?x="><script>alert(1)</script>'.replace(" ", "")}]},
        {"client_payload": {EVIL: [EVIL, {EVIL: EVIL}]}},
        {"run_url": 'https://a.example/"onmouseover="alert(1)'},
        {"sections": [{"title": EVIL, "activityTitle": EVIL, "activityText": EVIL, "text": EVIL}]},
        {"sections": [{"facts": [{"name": EVIL, "value": EVIL}, EVIL, {}]}, {"facts": EVIL}, {"title": 1, "text": []}]},
        {"sections": [{"activityImage": "https://evil.example/x.png", "images": [{"image": "https://evil.example/y"}]}]},
        {"actions": [opens("javascript:alert(1)")]},
        {"actions": [opens("data:text/html,x"), {"@type": "HttpPOST", "target": "x"}]},
        {"sections": [{"potentialAction": [opens(" javascript:x"), opens("java\nscript:x"), opens("//evil.example")]}]},
        {"sections": [{"potentialAction": [EVIL, {"@type": "OpenUri", "name": 7, "targets": [EVIL, {"uri": 1}]}]}]},
        {"sections": [{"potentialAction": [opens("https://[x"), opens("https:x"), opens("HTTPS://A.EXAMPLE/")]}]},
    ],
)  # fmt: skip
def test_nothing_that_the_sender_builds_runs_or_loads(changes: dict[str, Any]) -> None:
    page = check_shut(drawn(Case(request(**changes), "key")))
    hrefs = [attributes.get("href") or "" for _, attributes in page.found]
    assert not any("javascript" in each or each.startswith("data:text") for each in hrefs)


def test_comments_and_names_of_people_are_text_too() -> None:
    case = Case(request(), "key", reviews=(review(Actor(LIN.id, EVIL), comment=EVIL),), version=1)
    page = check_shut(drawn(case, Actor(ADA.id, EVIL)))
    assert 2 <= page.text.count(EVIL)


@pytest.mark.parametrize(("words", "said"), [(ENGLISH, "The run failed"), (KOREAN, "실행이 실패함")])
def test_the_run_of_a_release_is_shown_with_its_text_as_text(words: Words, said: str) -> None:
    url = "https://github.com/octo/api/actions/runs/7"
    sent = Debt("deploy-api", NOW, float(NOW), status="delivered")
    told = Run("failure", NOW, "report", EVIL, url)
    page = check_shut(drawn(Case(request(), "key", "approved", debts=(sent,), runs=(told,)), words=words))
    assert f"{said} ({words.reported})" in page.text
    assert EVIL in page.text
    assert url in [attributes.get("href") for _, attributes in page.found]
    bare = check_shut(drawn(Case(request(), "key", "approved", debts=(sent,), runs=(Run("failure", NOW, "github"),))))
    assert ENGLISH.reported not in bare.text


def test_a_run_from_before_the_decision_names_the_event_that_started_it() -> None:
    preview = Debt("preview-api", NOW, float(NOW), status="delivered", decision="requested")
    early = Case(request(), "key", debts=(preview,), runs=(Run("success", NOW, "github"),))
    assert "The run succeeded · preview-api" in check_shut(drawn(early)).text
    release = replace(early, debts=(replace(preview, decision=""),))
    assert "The run succeeded · " not in check_shut(drawn(release)).text


@given(FORMS, st.sampled_from([ENGLISH, KOREAN]))
def test_any_request_is_drawn(form: dict[str, Any], words: Words) -> None:
    case = Case(read_form(form, issued_at=NOW, nonce="n" * 22, lifetime=86_400), "offline")
    check_shut(drawn(case, words=words))


def test_a_payload_of_forty_kibibytes_is_shown_whole() -> None:
    payload = {"k": ["x" * 90] * 430}
    case = Case(request(client_payload=payload), "key")
    page = check_shut(drawn(case))
    assert len(json.dumps(payload)) > 39 * 1024
    assert json.dumps(payload, indent=2) in page.text


def test_what_would_turn_text_around_is_shown_by_its_code() -> None:
    case = Case(request(client_payload={"a": "x\u202ey"}, text="x\u2066y", confirm="staged\u200f"), "key")
    page = check_shut(drawn(case))
    assert '"x\\u202ey"' in page.text
    assert "x\\u2066y" in page.text
    assert "staged\\u200f" in page.text
    assert not set("\u202e\u2066\u200f") & set(page.text)


def test_links_say_where_they_lead_whatever_they_are_called() -> None:
    links = [{"name": "https://github.com/octo", "url": "https://evil.example/x"}]
    actions = [{"@type": "OpenUri", "name": "Docs", "targets": [{"os": "default", "uri": "https://docs.example/"}]}]
    words = shown(drawn(Case(request(links=links, actions=actions), "key")))
    assert "https://github.com/octo (opens in a new tab) evil.example" in words
    assert "Docs (opens in a new tab) docs.example" in words


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example\\\\@github.com/",
        "https://github.com@evil.example/",
        "https://g\u0456thub.com/",
        "https://github.com\u200b.evil.example/",
        "https://evil.example\t.github.com/",
        "\x01https://github.com/",
    ],
)
def test_an_address_whose_host_is_not_what_it_seems_is_only_text(url: str) -> None:
    buttons_of_its_own = {"actions": [opens(url)], "sections": [{"potentialAction": [opens(url)]}]}
    for changed in (request(**buttons_of_its_own), replace(request(), run_url=url, links=({"name": "L", "url": url},))):
        page = check_shut(drawn(Case(changed, "offline")))
        assert not [each for _, each in page.found if (each.get("href") or "").strip("\x01").startswith("http")]
        assert 2 == page.text.count(url)


def test_a_button_says_what_it_does_whatever_the_sender_calls_it() -> None:
    case = Case(request(approve_label="Reject", reject_label="Approve"), "key")
    assert ["Approve <small>Reject</small>", "Reject <small>Approve</small>"] == buttons(drawn(case))
    same = Case(request(approve_label="APPROVE", reject_label="reject"), "key")
    assert ["Approve", "Reject"] == buttons(drawn(same))
    korean = Case(request(approve_label="Approve", reject_label="거절"), "key")
    assert ["승인 <small>Approve</small>", "거절"] == buttons(drawn(korean, words=KOREAN))


def buttons(reply: Reply) -> list[str]:
    return re.findall(r'<button[^>]* name="decision"[^>]*>(.*?)</button>', reply.body.decode())
