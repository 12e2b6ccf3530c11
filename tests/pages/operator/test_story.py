"""GET /api/messages/{id}: how a request was asked, judged, pressed, owed and paid."""

import json
import time
from dataclasses import replace
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from relay.approval.policy import Policy
from relay.journal.messages import SHOWN
from relay.model.delivery import Delivery, Reply
from relay.model.values import iso
from tests.pages.browsing import shown
from tests.pages.operator.asking import ASKER, FORM, GRACE, KEY, LIN, ask, browser, press
from tests.support.functions import call
from tests.support.road import Road, offline, ticket


def story(id_: str) -> dict[str, Any]:
    answer = call("GET", f"/api/messages/{id_}", KEY)
    assert 200 == answer.status, answer.text
    found: dict[str, Any] = answer.json
    return found


def page(id_: str, **headers: str) -> str:
    drawn = call("GET", f"/api/messages/{id_}", browser() | headers)
    assert 200 == drawn.status
    return shown(Reply(200, {}, drawn.body))


def test_a_story_tells_request_stages_messages_and_debts(road: Road, github: HTTPXMock) -> None:
    made = ask(environment="staged")
    for person in ("lin", "octocat", "grace"):
        press(person, "approve", made["ticket"])
    told = story(made["id"])
    assert ["request", "stages", "story", "debts"] == [*told]
    assert [
        ("request", "requested"),
        ("press", "counted"),
        ("press", "counted"),
        ("press", "released"),
        ("dispatch", "delivered"),
    ] == [(each["what"], each["outcome"]) for each in told["story"]]
    assert {*SHOWN} == {*told["story"][0]}
    assert [("delivered", 1, None)] == [(each["status"], each["attempts"], each["cause"]) for each in told["debts"]]
    assert ("approved", "key", "octo/api", "staged", "deploy-api", None) == tuple(
        told["request"][name] for name in ("status", "proof", "repository", "environment", "event_type", "run")
    )


def test_stages_name_each_review_and_whether_it_counts(road: Road, github: HTTPXMock) -> None:
    made = ask(environment="staged")
    press("lin", "approve", made["ticket"])
    press("grace", "approve", made["ticket"])
    qa, release = story(made["id"])["stages"]
    assert ("qa", "passed", 1, 1, ["group:qa"]) == tuple(
        qa[name] for name in ("name", "state", "required", "counted", "approvers")
    )
    assert ("release", "waits", 2, 1) == tuple(release[name] for name in ("name", "state", "required", "counted"))
    assert [(LIN, "approve", True, None)] == [
        (each["person"], each["verdict"], each["counts"], each["because"]) for each in qa["reviews"]
    ]
    assert "1 of 2 approved" in page(made["id"])
    assert "Grace approved · counts" in page(made["id"])


def test_a_rejection_is_told_as_one(road: Road) -> None:
    made = ask()
    press("grace", "reject", made["ticket"])
    (stage,) = story(made["id"])["stages"]
    assert [(GRACE, "reject", False, "rejects")] == [
        (each["person"], each["verdict"], each["counts"], each["because"]) for each in stage["reviews"]
    ]
    assert "Grace rejected · rejects" in page(made["id"])


def test_the_rules_are_told_up_to_the_one_that_decides_with_the_facts(road: Road) -> None:
    made = ask(environment="staged")
    rules = story(made["id"])["request"]["rules"]
    assert [(1, False), (2, False), (3, False), (4, False), (5, True)] == [
        (each["rule"], each["matches"]) for each in rules
    ]
    assert {"wanted": ["production"], "found": "staged", "matches": False} == rules[0]["facts"]["environment"]
    assert {"wanted": ["deploy-*"], "found": "deploy-api", "matches": True} == rules[4]["facts"]["event_type"]
    assert rules[4]["takes_proof"]
    drawn = page(made["id"])
    assert "Rule 1 does not match" in drawn
    assert "environment staged is not of production" in drawn
    assert "Rule 5 matches, and decides" in drawn


def test_a_refused_dispatch_is_told_with_its_cure_and_its_buttons(road: Road, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url="https://api.github.com/repos/octo/api/dispatches", method="POST", status_code=401)
    made = ask()
    press("ada", "approve", made["ticket"])
    drawn = page(made["id"])
    assert "Last error: it does not accept the relay's credential" in drawn
    assert "Cure: the credential is expired, revoked or mistyped" in drawn
    assert "Drop for good" in drawn


def test_a_request_that_only_tells_has_no_stages(road: Road) -> None:
    form = {name: value for name, value in FORM.items() if name not in ("event_type", "environment")}
    note = call("POST", "/api/requests", ASKER, json.dumps(form).encode()).json
    assert ([], "pending") == ((told := story(note["id"]))["stages"], told["request"]["status"])
    assert "Notification" in page(note["id"])


def later(road: Road, id_: str, **changes: Any) -> dict[str, Any]:
    """Return the story as it is told in two days, or under another policy."""
    desk = replace(road.world.pages().messages_desk(), clock=lambda: time.time() + 2 * 86_400, **changes)
    found: dict[str, Any] = json.loads(desk.story(Delivery("", KEY, b"", 0.0), id_).body)
    return found


def test_a_request_whose_time_is_over_is_told_as_expired(road: Road) -> None:
    assert "expired" == later(road, ask()["id"])["request"]["status"]


def test_the_end_is_that_of_the_rule_where_it_comes_before_that_of_the_ticket(road: Road) -> None:
    request = offline("korea")
    press("haneul", "approve", ticket(request))
    told = story(request.id)["request"]
    assert (iso(request.issued_at), iso(request.issued_at + 7_200)) == (told["asked_at"], told["expires_at"])
    assert time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(request.issued_at + 7_200)) in page(request.id)


def test_reviews_are_judged_under_the_policy_of_now(road: Road) -> None:
    made = ask(environment="staged")
    press("lin", "approve", made["ticket"])
    press("grace", "approve", made["ticket"])
    policy = road.world.policy
    fewer = replace(policy, groups={"qa": ("ada",), "owners": ("ada",)})
    stages = later(road, made["id"], policy=fewer)["stages"]
    assert [["not-allowed"], ["not-allowed"]] == [[each["because"] for each in stage["reviews"]] for stage in stages]
    renamed = replace(policy, rules=tuple(replace(rule, stages=rule.stages[-1:]) for rule in policy.rules))
    stages = later(road, made["id"], policy=renamed)["stages"]
    assert [("release", [None]), (None, ["stage-gone"])] == sorted(
        ((stage["name"], [each["because"] for each in stage["reviews"]]) for stage in stages), key=str
    )
    assert [] != later(road, made["id"], policy=replace(policy, rules=()))["stages"]


def page_under(road: Road, id_: str, policy: Policy) -> str:
    """Return the words of the story's page under another policy."""
    desk = replace(road.world.pages().messages_desk(), policy=policy)
    desk = replace(desk, answering=replace(desk.answering, access=replace(desk.answering.access, policy=policy)))
    return shown(desk.story(Delivery("", browser(), b"", time.time()), id_))


def test_no_more_approvals_are_shown_than_the_present_policy_needs(road: Road, github: HTTPXMock) -> None:
    made = ask(environment="staged")
    for person in ("lin", "octocat", "grace"):
        press(person, "approve", made["ticket"])
    assert "release 2 of 2 approved" in page(made["id"])
    policy = road.world.policy
    milder = tuple(
        replace(rule, stages=tuple(replace(stage, required=1) for stage in rule.stages)) for rule in policy.rules
    )
    assert "release 1 of 1 approved" in page_under(road, made["id"], replace(policy, rules=milder))


def test_reviews_of_a_stage_that_is_gone_have_no_count_of_a_stage(road: Road) -> None:
    made = ask(environment="staged")
    press("lin", "approve", made["ticket"])
    policy = road.world.policy
    fewer = replace(policy, rules=tuple(replace(rule, stages=rule.stages[-1:]) for rule in policy.rules))
    told = page_under(road, made["id"], fewer)
    assert ("the policy has this stage no longer" in told, "0 of 0 approved" in told) == (True, False)


def test_a_rule_that_does_not_take_the_proof_says_so(road: Road) -> None:
    made = ask(environment="staged")
    rules = tuple(replace(rule, requests=("oidc",)) for rule in road.world.policy.rules)
    told = later(road, made["id"], policy=replace(road.world.policy, rules=rules))
    assert not told["request"]["rules"][-1]["takes_proof"]


def test_an_unknown_request_is_not_found(road: Road) -> None:
    for id_ in ("unknown", "a" * 32, "%ED%95%9C"):
        assert 404 == call("GET", f"/api/messages/{id_}", KEY).status
    drawn = call("GET", "/api/messages/unknown", browser())
    assert (404, True) == (drawn.status, "Nothing of this id" in drawn.text)


def test_a_request_that_is_gone_leaves_its_messages(road: Road) -> None:
    made = ask()
    road.world.messages.flush(5)
    case = road.case(made["id"])
    assert road.world.store.remove(case, [])
    told = story(made["id"])
    assert ({"id": made["id"], "status": None}, [], []) == (told["request"], told["stages"], told["debts"])
    assert ["request"] == [each["what"] for each in told["story"]]
    assert "no longer kept" in page(made["id"])


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_page_is_of_the_language_of_the_browser(road: Road, language: str) -> None:
    made = ask()
    drawn = page(made["id"], **{"accept-language": language})
    assert ("일어난 일" in drawn, "What happened" in drawn) == (language == "ko", language == "en")
