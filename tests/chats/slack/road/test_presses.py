"""A card is posted in Slack, pressed, and changed for everybody; words are for the presser alone."""

import json
import logging
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from relay.approval import wording
from relay.approval.judge import Decision
from relay.chats.slack.card import first
from relay.dev.simulator.slack import LASTS
from tests.chats.slack.road.conftest import workspace
from tests.chats.slack.road.workspace import FORM, POLICY, Workspace, outcome
from tests.support import road
from tests.support.at_once import at_once
from tests.support.github_webhooks import workflow_run
from tests.support.new_process import new_process

pytestmark = pytest.mark.httpx_mock(should_mock=lambda request: request.url.host != "127.0.0.1")


def test_a_card_is_posted_pressed_and_changed_for_everybody(slack: Workspace) -> None:
    name = slack.ask("releases")
    assert ["Approve", "Reject"] == slack.buttons()
    assert "<@U111>, <@U222>, <@U555>, <@U444>" in slack.text()
    reply = slack.press("ada", comment="좋아요 <!here>")
    assert (200, "released") == (reply.status, outcome(reply))
    assert "*Approved*" in slack.text()
    assert "GitHub has taken it." in slack.text()
    assert "“좋아요 <!here>”" in slack.text()
    assert [] == slack.buttons()
    assert [] == slack.words()
    assert ("approved", ["slack:T111/U111"]) == (
        slack.case(name).status,
        [review.by.id for review in slack.case(name).reviews],
    )
    assert ["deploy-api"] == [each["event_type"] for each in slack.github.dispatched]
    assert 1 == len(slack.server.slack.messages)
    assert slack.took[-1] < 2.6


def test_a_rejection_releases_nothing_and_says_why(slack: Workspace) -> None:
    name = slack.ask("releases")
    assert "rejected" == outcome(slack.press("grace", "reject", comment="not on a Friday"))
    assert "“not on a Friday”" in slack.text()
    assert [] == slack.github.dispatched
    assert "rejected" == slack.case(name).status


def test_a_second_press_counts_once_and_is_told_to_the_presser_alone(slack: Workspace) -> None:
    slack.ask("releases", environment="staged")
    message = slack.server.slack.shown("C111")
    first = slack.server.slack.press("U333", message, "approve")
    assert ["counted", "already-counted"] == [outcome(slack.deliver(first.headers, first.body)) for _ in range(2)]
    assert ["counted", "already-counted"] == [outcome(slack.press("ada")) for _ in range(2)]
    assert ["U333", "U111"] == [person for person, _ in slack.words()]
    assert all("Your approval already counts" in text for _, text in slack.words())
    assert "1 more approval in stage release" in slack.text()


def test_a_press_after_the_end_takes_the_buttons_away_before_the_timer_does(slack: Workspace) -> None:
    name = slack.ask("releases", expires_in="90s")
    slack.road.ahead += 91
    assert ["Approve", "Reject"] == slack.buttons()
    assert "expired" == outcome(slack.press("ada"))
    assert [] == slack.buttons()
    assert "Expired without a decision" in slack.text()
    assert [wording.sentence(Decision("expired"), None, slack.case(name))] == [text for _, text in slack.words()]


@pytest.mark.parametrize(
    ("person", "team", "code"),
    [("lin", "T111", "not-allowed"), ("U999", "T999", "not-allowed"), ("ada", "T999", "not-allowed")],
)
def test_a_person_who_may_not_is_told_so_and_the_card_stays(
    slack: Workspace, person: str, team: str, code: str
) -> None:
    name = slack.ask("releases")
    before = slack.text()
    reply = slack.press(person, team=team)
    assert (200, code) == (reply.status, outcome(reply))
    assert before == slack.text()
    assert 1 == len(slack.words())
    assert () == slack.case(name).reviews


def test_the_requester_does_not_approve_and_a_missing_comment_is_asked_for(slack: Workspace) -> None:
    slack.ask("releases", requested_by="octocat", require_comment=True)
    assert "own-request" == outcome(slack.press("octocat", comment="mine"))
    assert "comment-required" == outcome(slack.press("ada"))
    assert [wording.refusal("own-request"), wording.refusal("comment-required")] == [text for _, text in slack.words()]
    assert ["Approve", "Reject"] == slack.buttons()
    assert "released" == outcome(slack.press("ada", comment="fine"))


def test_a_ticket_of_another_relay_is_told_to_the_presser(slack: Workspace) -> None:
    slack.ask("releases")
    message = slack.server.slack.shown("C111")
    for block in message.blocks:
        for each in block.get("elements", []):
            if each.get("action_id") == "approve":
                each["value"] = each["value"][:-8] + "AAAAAAAA"
    reply = slack.press("ada")
    assert (200, "not-genuine") == (reply.status, outcome(reply))
    assert [("U111", wording.refusal("not-genuine"))] == slack.words()


def test_a_team_that_the_policy_does_not_name_for_a_person_is_another_person(slack: Workspace) -> None:
    slack.ask("releases")
    assert "not-allowed" == outcome(slack.press("ada", team="E111"))


def test_under_anyone_a_person_of_two_teams_counts_once(slack: Workspace) -> None:
    request = road.offline("crowd")
    slack.ask("releases")
    shown = slack.server.slack.shown("C111")
    ticket = road.ticket(request)
    for block in shown.blocks:
        for each in block.get("elements", []):
            if each.get("action_id") in ("approve", "reject"):
                each["value"] = ticket
    assert "counted" == outcome(slack.press_on(shown, "U777", team="T111"))
    assert "already-counted" == outcome(slack.press_on(shown, "U777", team="E111"))
    assert "released" == outcome(slack.press_on(shown, "U888", team="E111"))


def test_a_person_who_is_listed_under_a_team_and_its_organization_is_one(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    listed = POLICY.replace('slack = "T111/U111"', 'slack = ["T111/U111", "E111/U111"]')
    with workspace(tmp_path, httpx_mock, listed) as slack:
        name = slack.ask("releases", environment="staged")
        assert "counted" == outcome(slack.press("lin"))
        assert ["counted", "already-counted"] == [outcome(slack.press("ada", team=team)) for team in ("T111", "E111")]
        assert "not-allowed" == outcome(slack.press("grace", team="E111"))
        assert "released" == outcome(slack.press("grace"))
        assert 3 == len(slack.case(name).reviews)


def test_a_message_of_a_webhook_is_replaced_where_it_is_pressed(slack: Workspace) -> None:
    made = road.said(slack.road.ask(FORM))
    message = first(slack.case(made["id"]).request, (), made["ticket"])
    url = slack.server.slack.add_webhook("C111").removeprefix(slack.server.slack.url + "/")
    slack.server.slack.take(url, {}, json.dumps(message).encode())
    assert "released" == outcome(slack.press("ada"))
    assert "*Approved*" in slack.text()
    assert [] == slack.buttons()
    assert [] == slack.words()


def test_a_ticket_copied_from_the_relays_card_onto_a_message_of_a_webhook_decides_nothing(slack: Workspace) -> None:
    name = slack.ask("releases", environment="guarded")
    own = slack.server.slack.shown("C111")
    url = slack.server.slack.add_webhook("C111").removeprefix(slack.server.slack.url + "/")
    copied = {"text": "Nightly tests passed", "blocks": own.blocks}
    slack.server.slack.take(url, {}, json.dumps(copied).encode())
    *_, posted = slack.server.slack.messages
    assert ["confirm", "confirm"] == [outcome(slack.press_on(posted, "ada", act)) for act in ("approve", "reject")]
    assert [("U111", True)] * 2 == [(person, f"/api/review/{name}" in text) for person, text in slack.words()]
    assert () == slack.case(name).reviews
    assert "released" == outcome(slack.press_on(own, "ada"))


def test_a_press_on_the_apps_own_card_needs_no_confirmation_from_a_process_that_has_posted_none(
    slack: Workspace,
) -> None:
    name = slack.ask("releases", environment="guarded")
    with new_process(slack.road) as there:
        assert "released" == outcome(replace(slack, road=there).press("ada"))
    assert 1 == len(slack.case(name).reviews)


def test_a_press_after_half_an_hour_is_taken_though_nothing_can_be_said(slack: Workspace) -> None:
    slack.ask("releases")
    pressed = slack.server.slack.press("U333", slack.server.slack.shown("C111"), "approve")
    for url in slack.server.slack._response_urls.values():
        url.made_at -= LASTS + 1
    assert "not-allowed" == outcome(slack.deliver(pressed.headers, pressed.body))
    assert [] == slack.words()


def test_thirty_two_people_at_once_are_one_dispatch(slack: Workspace) -> None:
    name = slack.ask("releases", environment="open")
    message = slack.server.slack.shown("C111")
    presses = [slack.server.slack.press(f"U9{number}", message, "approve") for number in range(32)]
    replies = at_once([partial(slack.deliver, each.headers, each.body) for each in presses])
    codes = [outcome(reply) for reply in replies]
    assert 1 == codes.count("released")
    assert {"released", "already-approved", "busy"} >= set(codes)
    assert 1 == len(slack.github.dispatched)
    slack.road.ahead = 60
    slack.road.round()
    assert 1 == len(slack.github.dispatched)
    assert "*Approved*" in slack.text()
    assert [] == slack.buttons()
    case = slack.case(name)
    assert ("approved", 1) == (case.status, len(case.reviews))


def test_a_link_of_the_card_is_answered_and_does_nothing(slack: Workspace) -> None:
    slack.ask("releases", links=[{"name": "Diff", "url": "https://github.com/octo/api"}])
    pressed = slack.server.slack.press("U999", slack.server.slack.shown("C111"), "link-0")
    reply = slack.deliver(pressed.headers, pressed.body)
    assert (200, {}) == (reply.status, reply.headers)


def test_secrets_and_addresses_reach_no_log_no_card_and_no_store(
    slack: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    slack.ask("releases")
    slack.press("ada", "reject", team="T999")
    slack.server.slack.mode = "down"
    slack.press("lin")
    slack.press("ada", comment="kept in the store")
    slack.server.slack.mode = "up"
    slack.road.ahead = 60
    slack.road.round()
    stored = b"".join(path.read_bytes() for path in slack.road.path.glob("relay.db*"))
    assert b"kept in the store" in stored
    shown = slack.text() + str(slack.words())
    assert "slack:T111/U111" in caplog.text
    for secret in (slack.server.slack.token, slack.server.slack.secret, "/hooks/", ".trigger", "verification_token"):
        assert secret not in caplog.text
        assert secret not in shown
        assert secret.encode() not in stored


def test_a_failed_release_is_run_again_by_one_press(slack: Workspace) -> None:
    name = slack.ask("releases", environment="again")
    slack.press("ada")
    slack.road.webhook(workflow_run("completed", name, slack.road.now(), conclusion="failure"))
    assert "*The run failed.*" in slack.text()
    assert "Run again" in slack.text()
    assert "not-allowed" == outcome(slack.press("lin", "again"))
    assert "released" == outcome(slack.press("grace", "again"))
    assert "Run again" not in slack.text()
    assert "The run failed" not in slack.text()
    assert [None, 2] == [each["client_payload"]["approval"].get("run") for each in slack.github.dispatched]
    slack.road.webhook(workflow_run("in_progress", name, slack.road.now() + 9, id=8))
    assert "*The run has started.*" in slack.text()
