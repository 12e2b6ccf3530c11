"""The operator's pages in a browser: their filters, their links, and the answers that are no page."""

import re
from dataclasses import replace
from html import unescape

import pytest
from pytest_httpx import HTTPXMock

from relay.app.pages import Pages
from relay.errors import Outage
from relay.journal.messages import Message
from relay.model.delivery import Reply
from tests.pages.browsing import shown
from tests.pages.operator.asking import HTML, TRACE, TRACED, ask, browser, press
from tests.support.functions import Answer, call
from tests.support.road import Road


def page(path: str, person: str = "grace", **headers: str) -> Answer:
    return call("GET", path, browser(person) | {name.replace("_", "-"): value for name, value in headers.items()})


def text(answer: Answer) -> str:
    return shown(Reply(answer.status, {}, answer.body))


def links(answer: Answer) -> list[str]:
    return [unescape(each) for each in re.findall(r'href="(/api/[^"]+)"', answer.text)]


def test_a_message_is_shown_by_name_and_leads_to_its_story(road: Road, github: HTTPXMock) -> None:
    made = ask()
    press("ada", "approve", made["ticket"])
    drawn = page("/api/messages")
    assert (200, "text/html; charset=utf-8") == (drawn.status, drawn.headers["content-type"])
    told = text(drawn)
    assert "Signed in as Grace" in told
    assert re.search(r"in Press messagecard \S+… octo/api Ada HTTP 200 \d+ ms released", told)
    assert re.search(r"out Dispatch github \S+… octo/api try 1 HTTP 204 \d+ ms delivered", told)
    assert f"/api/messages/{made['id']}" in links(drawn)


def test_filters_are_shown_and_each_can_be_removed(road: Road) -> None:
    drawn = page("/api/messages?repository=octo%2Fapi&outcome=refused&since=&channel=page")
    assert "Repository: octo/api" in text(drawn)
    assert "/api/messages?repository=octo%2Fapi&outcome=refused" in links(drawn)
    assert 'value="octo/api"' in drawn.text
    assert '<option value="page" selected>' in drawn.text
    assert "No message matches." in text(drawn)


def test_the_filters_propose_outcomes_and_the_people_of_the_policy(road: Road) -> None:
    drawn = page("/api/messages").text
    proposed = {
        name: re.findall(r'<option value="([^"]+)">', inner)
        for name, inner in re.findall(r'<datalist id="filter-(\w+)-known">(.*?)</datalist>', drawn)
    }
    assert ["outcome", "person"] == sorted(proposed)
    assert {"refused", "released", "retry"} <= {*proposed["outcome"]}
    assert {"ada", "grace"} <= {*proposed["person"]}


def test_a_wrong_filter_is_told_beside_the_form(road: Road) -> None:
    drawn = page("/api/messages?since=yesterday")
    assert (400, True) == (drawn.status, 'value="yesterday"' in drawn.text)
    assert "This filter is not of its form: since: is a time in ISO 8601" in text(drawn)


def test_older_and_newest_messages_are_one_link_away(road: Road) -> None:
    for _ in range(51):
        call("POST", "/api/requests", {}, b"{}")
    first = page("/api/messages?channel=api")
    (older,) = [link for link in links(first) if "cursor" in link]
    second = page(older)
    assert 1 == second.text.count('<li class="message')
    assert "Newest messages" in text(second)
    assert "Older messages" not in text(second)


def test_a_story_shows_the_trace_of_each_message(road: Road, github: HTTPXMock) -> None:
    made = ask()
    press("ada", "approve", made["ticket"], **TRACED)
    assert f"trace {TRACE}" in text(page(f"/api/messages/{made['id']}"))


def test_a_story_without_messages_or_rules_is_told_all_the_same(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    made = ask()
    road.world.messages.flush(5)
    desk = replace(road.world.pages().messages_desk(), policy=replace(road.world.policy, rules=()))
    look = replace(desk.answering, access=replace(desk.answering.access, policy=desk.policy))
    monkeypatch.setattr(type(road.world.store), "messages", lambda *_: [])
    monkeypatch.setattr(Pages, "messages_desk", lambda _: replace(desk, answering=look))
    told = text(page(f"/api/messages/{made['id']}"))
    assert "What happened No message matches." in told
    assert "How it was judged" not in told


def test_a_rule_that_no_longer_takes_the_proof_is_told(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    made = ask()
    rules = tuple(replace(rule, requests=("oidc",)) for rule in road.world.policy.rules)
    policy = replace(road.world.policy, rules=rules)
    desk = road.world.pages().messages_desk()
    look = replace(desk.answering, access=replace(desk.answering.access, policy=policy))
    monkeypatch.setattr(Pages, "messages_desk", lambda _: replace(desk, answering=look, policy=policy))
    assert "It does not take requests that are proven by key." in text(page(f"/api/messages/{made['id']}"))


def test_a_message_of_few_facts_is_a_row_too(road: Road) -> None:
    road.world.messages.keep([Message(1_000_000_000.0, "in", "", "later", "retry")])
    told = text(page("/api/messages?until=2001-12-31"))
    assert "2001-09-09 UTC 01:46:40 in later retry" in told


def test_persons_who_are_no_operators_read_why(road: Road) -> None:
    drawn = page("/api/messages", "ada")
    assert (403, True) == (drawn.status, "Only operators see this" in text(drawn))
    assert "운영자만 볼 수 있습니다" in page("/api/outbox", "ada", accept_language="ko").text


def test_a_store_that_does_not_answer_is_told_with_the_way_back(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise Outage("the store does not work")

    monkeypatch.setattr(type(road.world.store), "messages", fail)
    drawn = page("/api/messages")
    assert (503, True, True) == (drawn.status, "The relay is busy" in text(drawn), "/api/messages" in links(drawn))


def test_a_relay_without_sign_in_says_so_to_a_browser(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = road.world.pages().messages_desk()
    closed = replace(desk.answering.access, entrance=replace(desk.answering.access.entrance, ways=()))
    answering = replace(desk.answering, access=closed)
    monkeypatch.setattr(Pages, "messages_desk", lambda _: replace(desk, answering=answering))
    assert 403 == call("GET", "/api/messages", HTML).status
    assert 401 == call("GET", "/api/messages", {"accept": "application/json, text/html"}).status
