"""Dispatches before the final decision: when a request is made, and when a stage passes; and their payloads."""

from dataclasses import replace
from typing import Any

import pytest

from relay.approval import wake_ups
from relay.errors import Refusal
from relay.signed.released_event import Expected, prove
from tests.support import groups, road
from tests.support.groups import GONE, ask, press

HOUR = 3_600
DAY = 86_400


def proven(here: road.Road, event: dict[str, Any], decision: str) -> dict[str, str]:
    """Verify an event as `relay verify` does in the workflow that it started."""
    expected = Expected(road.ORIGIN, "octo/api", decision, "told")
    return prove(event, here.world.key_set, expected, now=here.now())


def told(event: dict[str, Any]) -> tuple[Any, ...]:
    approval = event["client_payload"]["approval"]
    return approval["decision"], approval["stage"], [each["by"]["name"] for each in approval["reviews"]]


def test_a_request_and_each_of_its_stages_are_told_of_when_they_are_due_and_with_what_was_true_by_then(
    here: road.Road, github: groups.GitHub
) -> None:
    made = ask(here, "1", "told", client_payload={"version": "2.5"}, requested_by="hubot")
    assert (201, [("preview", made["id"])]) == (made["http"], github.sent)
    assert "counted" == press(here, made, "lin")
    assert "counted" == press(here, made, "grace")
    assert "released" == press(here, made, "haneul")
    assert ["preview", "staged", "deploy-api"] == [event["action"] for event in github.events]
    assert [
        ("requested", "", []),
        ("approved", "qa", ["Lin"]),
        ("approved", "release", ["Lin", "Grace", "김하늘"]),
    ] == [told(event) for event in github.events]
    decisions = ("requested", "approved", "approved")
    for event, decision in zip(github.events, decisions, strict=True):
        outputs = proven(here, event, decision)
        assert (made["id"], "hubot", '{"version":"2.5"}') == tuple(
            outputs[name] for name in ("id", "requested-by", "payload")
        )
        for other in {"approved", "rejected", "requested"} - {decision}:
            with pytest.raises(Refusal, match="it is not"):
                proven(here, event, other)
    assert ["requested", "approved", "approved"] == [
        proven(here, event, decision)["decision"] for event, decision in zip(github.events, decisions, strict=True)
    ]


def test_a_receipt_of_one_event_is_none_for_another(here: road.Road, github: groups.GitHub) -> None:
    made = ask(here, "1", "told")
    press(here, made, "lin")
    preview, staged = github.events
    for event, action in ((preview, "deploy-api"), (staged, "deploy-api"), (staged, "preview")):
        with pytest.raises(Refusal, match="another event type"):
            proven(here, event | {"action": action}, "approved")
    raised = {**staged["client_payload"]["approval"], "stage": "release"}
    with pytest.raises(Refusal, match="field stage"):
        proven(here, staged | {"client_payload": {"approval": raised}}, "approved")


def test_what_is_told_late_tells_no_more_than_what_was_true_by_then(here: road.Road, github: groups.GitHub) -> None:
    github.answers = [500, GONE]
    made = ask(here, "1", "told")
    asked_at = here.case(made["id"]).debts[0].created_at
    for person in ("lin", "grace", "haneul"):
        here.ahead += 2
        press(here, made, person)
    here.ahead += 60
    for _ in range(3):
        here.ahead += 60
        here.round()
    assert 0 == here.recorded()["due"]
    late = {event["action"]: event for event in github.events}
    assert ("requested", "", []) == told(late["preview"])
    assert ("approved", "qa", ["Lin"]) == told(late["staged"])
    assert {"requested", "approved"} == {
        proven(here, late[name], decision)["decision"]
        for name, decision in (("preview", "requested"), ("staged", "approved"), ("deploy-api", "approved"))
    }
    assert here.case(made["id"]).decided_at > asked_at


@pytest.mark.parametrize("failure", [500, GONE])
def test_what_github_did_not_take_is_told_again_by_the_timer(
    here: road.Road, github: groups.GitHub, failure: Any
) -> None:
    github.answers = [failure]
    made = ask(here, "1", "told")
    assert (201, "pending") == (made["http"], made["status"])
    assert "none" == road.said(here.show(made["id"]))["dispatch"]["status"]  # nothing is released yet
    (debt,) = here.case(made["id"]).debts
    assert ("owed", 1) == (debt.status, debt.attempts)
    here.ahead += 12
    assert 1 == here.round()
    assert "delivered" == here.case(made["id"]).debts[0].status
    assert [("preview", made["id"])] * 2 == github.sent


def test_what_github_refused_is_parked_and_holds_up_neither_the_press_nor_the_release(
    here: road.Road, github: groups.GitHub
) -> None:
    github.answers = [422]
    made = ask(here, "1", "untold")
    assert ["refused"] == [debt.status for debt in here.case(made["id"]).debts]
    reply = here.press("ada", "approve", made["ticket"])
    assert (200, "released") == road.outcome(reply)
    facts = {fact["name"]: fact["value"] for fact in road.said(reply)["sections"][0]["facts"]}
    why = "refused: it finds the event type or the payload invalid"
    assert (why, "taken") == (facts["GitHub, preview"], facts["GitHub"])
    assert 1 == len(here.outbox().owed())
    here.outbox().replay(made["id"])
    assert 1 == here.round()
    assert ["preview", "deploy-api", "preview"] == [event for event, _ in github.sent]


def test_the_last_word_is_told_first_since_somebody_waits_for_it(here: road.Road, github: groups.GitHub) -> None:
    request = road.offline("untold")
    assert "released" == press(here, request)
    assert ["deploy-api", "preview"] == [event for event, _ in github.sent]


def test_one_made_offline_is_told_of_with_the_first_press_that_counts(here: road.Road, github: groups.GitHub) -> None:
    request = road.offline("told")
    assert "not-allowed" == press(here, request, "octocat")
    assert [] == github.sent
    assert "counted" == press(here, request, "lin")
    assert "already-counted" == press(here, request, "lin")
    assert [("preview", request.id), ("staged", request.id)] == github.sent


def test_a_repeated_call_tells_of_the_request_once(here: road.Road, github: groups.GitHub) -> None:
    first, again = (ask(here, "1", "told", key="run 1") for _ in range(2))
    assert (201, 200, first["id"]) == (first["http"], again["http"], again["id"])
    assert [("preview", first["id"])] == github.sent


def ended(here: road.Road, made: Any, how: str) -> None:
    """End a pending request in one of the ways there are."""
    if how == "cancelled":
        here.cancel(made["id"])
    elif how == "rejected":
        press(here, made, "lin", "reject")
    elif how == "superseded":
        ask(here, "newer", "told")
    else:
        here.ahead += DAY + 1
        here.round()
    assert how == here.case(made["id"]).status


@pytest.mark.parametrize("how", ["cancelled", "rejected", "superseded", "expired"])
def test_what_was_announced_ends_with_its_request(here: road.Road, github: groups.GitHub, how: str) -> None:
    github.answers = [GONE]
    made = ask(here, "1", "told")
    ended(here, made, how)
    told_once = [each for each in github.sent if each[1] == made["id"]]
    assert [("preview", made["id"])] == told_once
    here.ahead += 2 * HOUR
    here.round()
    debt = here.case(made["id"]).debts[0]
    assert ("preview", "cancelled") == (debt.event_type, debt.status)
    assert told_once == [each for each in github.sent if each[1] == made["id"]]
    assert 0 == here.recorded()["due"]


@pytest.mark.parametrize("how", ["cancelled", "rejected", "superseded"])
def test_what_ends_while_it_is_being_told_of_is_told_no_more(here: road.Road, github: groups.GitHub, how: str) -> None:
    def end() -> Any:
        (case,) = [here.case(case_id) for case_id in github.ids()[:1]]
        with_ticket = {"id": case.request.id, "ticket": road.ticket(case.request)}
        ended(here, with_ticket, how)
        return GONE

    github.answers = [end]
    made = ask(here, "1", "told")
    assert (how, "cancelled") == (made["status"], here.case(made["id"]).debts[0].status)
    here.ahead += HOUR
    here.round()
    assert 1 == github.ids().count(made["id"])


def test_a_request_that_is_superseded_at_birth_is_not_told_of(here: road.Road, github: groups.GitHub) -> None:
    here.ahead = HOUR
    newest = ask(here, "newest", "told")
    here.ahead = 0
    old = ask(here, "old", "told")
    assert (201, "superseded") == (old["http"], old["status"])
    here.ahead = 2 * HOUR
    here.round()
    assert [newest["id"]] == github.ids()
    assert ["cancelled"] == [debt.status for debt in here.case(old["id"]).debts]
    assert 0 == here.recorded()["due"]


def test_what_was_parked_and_whose_request_has_ended_is_not_told_of_by_a_replay(
    here: road.Road, github: groups.GitHub
) -> None:
    github.answers = [404]
    made = ask(here, "1", "told")
    press(here, made, "lin", "reject")
    here.outbox().replay(made["id"])
    here.round()
    assert 1 == len(github.sent)
    assert ["cancelled"] == [debt.status for debt in here.case(made["id"]).debts]


def test_the_older_is_told_of_before_the_newer(here: road.Road, github: groups.GitHub) -> None:
    github.answers = [500]
    first, second = ask(here, "1", "untold"), ask(here, "2", "untold")
    assert [first["id"]] == github.ids()
    here.ahead += 12
    assert 2 == here.round()
    assert [first["id"], first["id"], second["id"]] == github.ids()


def test_whoever_makes_a_request_waits_for_its_telling_no_longer_than_its_budget(
    here: road.Road, github: groups.GitHub
) -> None:
    first = ask(here, "1", "untold")
    case = here.case(first["id"])
    held = replace(case.debts[0], status="owed", lease="somebody", due_at=here.now() + 600)
    after = replace(case, version=case.version + 1, debts=(replace(held, row="x"),))
    assert here.world.store.write_case(after, to_set=wake_ups.rows_of(after))
    started = here.now()
    assert 201 == ask(here, "2", "untold")["http"]
    assert here.now() - started < 9
    assert 1 == len(github.sent)
