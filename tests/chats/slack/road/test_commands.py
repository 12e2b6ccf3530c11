"""A slash command is a request: matched, judged by the rule, its card where it was said."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from relay.model.delivery import Conversation
from relay.store.sqlite.store import SqliteStore
from tests.chats.slack.road.conftest import workspace
from tests.chats.slack.road.workspace import POLICY, Workspace, case, cases, outcome, words
from tests.support import example_policy, road
from tests.support.at_once import at_once
from tests.support.logged import logged

pytestmark = pytest.mark.httpx_mock(should_mock=lambda request: request.url.host != "127.0.0.1")


def test_a_deploy_by_command_gets_its_card_where_it_was_said(slack: Workspace) -> None:
    reply = slack.say("lin", "deploy api to staging")
    assert "asked" == outcome(reply)
    made = case(slack, reply)
    page = f"<{road.ORIGIN}/api/review/{made.request.id}|Review page>"
    assert f"Asked for an approval: Deploy api to staging\nIts card is here.\n{page}" == words(reply)
    assert ("command", "lin", 1003) == (made.proof, made.request.requested_by, made.request.requested_by_id)
    assert made.is_requester_proven
    assert Conversation("slack", "C111", "", "T111", "releases") == made.conversation
    assert {"app": "api", "env": "staging", "by": "chat"} == made.request.client_payload
    assert "Deploy api to staging" in slack.text("C111")
    assert ["Approve", "Reject"] == slack.buttons("C111")
    assert "own-request" != outcome(slack.press("ada"))
    (sent,) = slack.github.dispatched
    assert {"app": "api", "env": "staging", "by": "chat"}.items() <= sent["client_payload"].items()
    assert sent["client_payload"]["approval"]["requested_by"] == {"login": "lin", "id": 1003, "proven": True}
    assert "*Approved*" in slack.text("C111")


def test_values_by_name_and_extras_and_the_rest_are_texts_of_the_payload(slack: Workspace) -> None:
    reply = slack.say("lin", 'deploy api because it  is “late” version="2 4" env=PROD')
    assert {"app": "api", "why": "it  is “late”", "version": "2 4", "env": "prod", "by": "chat"} == case(
        slack, reply
    ).request.client_payload


def test_one_person_deploys_by_one_line_where_the_rule_lets_them(slack: Workspace) -> None:
    reply = slack.say("ada", "release api")
    assert "released" == outcome(reply)
    assert words(reply).startswith("release api: Approved. GitHub has taken it.\nIts card is here.\n")
    made = case(slack, reply)
    assert ("approved", 1) == (made.status, len(slack.github.dispatched))
    assert [("approve", "slack:T111/U111")] == [(review.verdict, review.by.id) for review in made.reviews]
    assert [] == slack.buttons("C111")
    approval = slack.github.dispatched[0]["client_payload"]["approval"]
    assert ["Ada"] == [review["by"]["name"] for review in approval["reviews"]]


def test_the_asking_counts_as_one_of_two(slack: Workspace) -> None:
    reply = slack.say("ada", "pair api")
    assert "counted" == outcome(reply)
    assert 'Counted. The stage "approval" needs 1 more approval.' in words(reply)
    assert "No conversation got a card of it." in words(reply)
    assert ("pending", 1) == (case(slack, reply).status, len(case(slack, reply).reviews))


def test_an_asking_that_may_not_count_only_asks(slack: Workspace) -> None:
    for person in ("ada", "lin"):  # an approver without self_approval, and no approver
        reply = slack.say(person, "ship api")
        assert ("asked", ()) == (outcome(reply), case(slack, reply).reviews)


def test_a_title_of_what_was_said_mentions_nobody(slack: Workspace) -> None:
    reply = slack.say("grace", 'line api "<!channel> *bold* &amp; \u202e@here"')
    assert "<!channel>" not in words(reply)
    assert "&lt;!channel&gt;" in words(reply)
    assert '"<!channel> *bold* &amp; \u202e@here"' in case(slack, reply).request.title


def test_where_the_app_may_not_post_the_answer_says_so_and_the_request_stands(slack: Workspace) -> None:
    reply = slack.say("lin", "deploy api", "C333")
    assert "asked" == outcome(reply)
    assert "Its card could not be posted here: the app is not in the channel. If the app is not" in words(reply)
    made = case(slack, reply)
    assert "pending" == made.status
    assert [("origin", "cancelled")] == [(debt.event_type, debt.status) for debt in made.debts]
    assert not [row for row in slack.road.world.store.rows() if row.parked]  # it is no work for the operator


def test_a_conversation_that_slack_does_not_name_gets_no_card(slack: Workspace) -> None:
    typed = slack.server.slack.command("U333", "C111", "deploy api")
    body = typed.body.replace(b"channel_id=C111", b"channel_id=&x=1")
    signed = slack.server.slack.signed(body)
    reply = slack.command(signed.headers, signed.body)
    assert ("asked", None) == (outcome(reply), case(slack, reply).conversation)
    assert "No conversation got a card of it." in words(reply)


def test_the_same_delivery_again_gets_the_same_answer_and_makes_nothing(slack: Workspace) -> None:
    typed = slack.server.slack.command("U111", "C111", "release api")
    first = slack.command(typed.headers, typed.body)
    slack.road.round()
    again = slack.command(typed.headers, typed.body)
    assert first == again
    assert (1, 1) == (cases(slack), len(slack.github.dispatched))


def test_a_delivery_comes_again_for_as_long_as_its_signature_can_be_believed(slack: Workspace) -> None:
    body = slack.server.slack.command("U111", "C111", "release api").body
    signed = slack.server.slack.signed(body, at=time.time() + 295)  # by a clock that is ahead
    first = slack.command(signed.headers, signed.body)
    slack.road.ahead = 590
    assert first == slack.command(signed.headers, signed.body)
    assert (1, 1) == (cases(slack), len(slack.github.dispatched))


def test_one_delivery_to_two_instances_at_once_is_one_request(slack: Workspace) -> None:
    typed = slack.server.slack.command("U111", "C111", "release api")
    replies = at_once([lambda: slack.command(typed.headers, typed.body)] * 2)
    assert 1 == len({case(slack, reply).request.id for reply in replies})
    slack.road.round()
    assert (1, 1) == (cases(slack), len(slack.github.dispatched))


def test_two_people_who_say_the_same_make_two_requests_and_supersession_decides(slack: Workspace) -> None:
    first, second = slack.say("ada", "line api"), slack.say("grace", "line api")
    assert ("superseded", "pending") == (case(slack, first).status, case(slack, second).status)
    assert 2 == cases(slack)


class Dying(SqliteStore):
    """A store that takes a claim and no case."""

    def write_case(self, *_arguments: object, **_named: object) -> bool:
        return False


def test_a_store_that_takes_no_case_is_told_and_the_same_delivery_then_makes_it(slack: Workspace) -> None:
    typed = slack.server.slack.command("U111", "C111", "release api")
    commands = slack.road.commands()
    store = Dying(str(slack.road.path / "relay.db"), time.time)
    cases_of_it = replace(commands.new_cases, store=store, payer=replace(commands.new_cases.payer, store=store))
    dying = replace(commands, store=store, new_cases=cases_of_it)
    reply = dying.answer(slack.road.world.typed["slack"], slack.delivery(typed))
    store.close()
    assert ("busy", 0) == (outcome(reply), cases(slack))
    assert "Say it again in a moment" in words(reply)
    assert "released" == outcome(slack.command(typed.headers, typed.body))
    assert 1 == cases(slack)


def test_what_is_answered_is_in_time_however_slow_github_and_slack_are(slack: Workspace) -> None:
    slack.github.delay = 9.0
    begun = time.monotonic()
    assert "approved-retrying" == outcome(slack.say("ada", "release api"))
    assert time.monotonic() - begun < 2.6
    slack.server.delay = 9.0
    begun = time.monotonic()
    reply = slack.say("lin", "deploy api")
    assert time.monotonic() - begun < 2.6
    assert "Its card is on its way: here." in words(reply)


def test_a_command_is_a_line_of_the_log_without_its_words(slack: Workspace, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="relay")
    slack.say("lin", "deploy sesame")
    slack.say("lin", "sesame")
    slack.say("U1", "deploy sesame", team="T999")
    lines = [line for line in logged(caplog) if line["event"] == "press"]
    assert [("asked", "command", "slack:T111/U333"), ("unknown-command", "command", "slack:T111/U333")] == [
        (line["outcome"], line["channel"], line["person"]) for line in lines[:2]
    ]
    assert ("not-allowed", "command") == (lines[2]["outcome"], lines[2]["channel"])
    assert "sesame" not in "".join(map(str, lines))


def test_what_becomes_of_a_command_is_told_where_it_was_said(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    told = '[[notify]]\non = ["rejected", "delivered"]\nto = ["origin"]\nstyle = "thread"\n'
    with workspace(tmp_path, httpx_mock, f"{POLICY}\n{told}") as slack:
        slack.say("lin", "deploy api", "C222")
        assert "rejected" == outcome(slack.press("ada", "reject", channel="C222"))
        slack.road.round()
        card, reply = slack.server.slack.messages
        assert ("C222", card.ts) == (reply.channel, reply.thread)
        assert "rejected" in reply.text.lower()
        slack.ask("releases")
        slack.press("ada", channel="C111")
        slack.road.round()
        assert 3 == len(slack.server.slack.messages)  # nothing is told of a request that no command made


def test_a_person_without_a_github_account_asks_by_their_id(slack: Workspace) -> None:
    policy = slack.road.world.policy
    lone = replace(policy.people["lin"], github="", github_id=0)
    people = {**policy.people, "lin": lone}
    by_id = {**policy.by_id, f"slack:T111/{example_policy.SLACK['lin']}": lone}
    slack.road.world = replace(slack.road.world, policy=replace(policy, people=people, by_id=by_id))
    commands = slack.road.commands()
    commands = replace(commands, policy=slack.road.world.policy)
    typed = slack.server.slack.command("U333", "C111", "deploy api")
    reply = commands.answer(slack.road.world.typed["slack"], slack.delivery(typed))
    request = case(slack, reply).request
    assert ("slack:T111/U333", 0) == (request.requested_by, request.requested_by_id)
    assert "slack:T111/U333" in slack.text("C111")
