"""Fake GitHub and promises that all harnesses share: it answers alike in process and over HTTP, and they can break."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest

from relay.approval import wake_ups
from relay.approval.wake_ups import WakeUp
from relay.chats.table import kinds
from relay.github.api import GitHubApi
from relay.github.caller import OneToken
from relay.github.dispatch import Dispatches
from relay.model.case import Case
from relay.model.debts import Debt, DebtStatus
from relay.model.people import Actor, Review
from relay.model.request import ApprovalRequest
from relay.net.client import Client
from relay.policy_toml import parse
from tests.support import example_policy, road
from tests.support.chaos import order
from tests.support.chaos.answers import Attempt, PressAnswer
from tests.support.chaos.github import GONE, MANNERS, Arrival, GitHub, Mood
from tests.support.chaos.neighbours import Neighbours
from tests.support.chaos.port import Dispatches as Port
from tests.support.chaos.promises import Record

NOW: Final = 1_790_000_000.0
PROMPT: Final = [
    mood for mood, manner in MANNERS.items() if not manner.wait and mood not in ("is closed", "is settled")
]
REQUEST: Final = road.offline(issued_at=int(NOW))
ADA: Final = Actor("entra:t/ada", "Ada")
POLICY: Final = parse.parse(example_policy.POLICY, kinds())


@pytest.mark.parametrize("repository", ["octo/api", GONE])
@pytest.mark.parametrize("mood", PROMPT)
def test_github_in_a_mood_answers_the_same_in_process_and_over_http(
    mood: Mood, repository: str, client: Client
) -> None:
    fake = GitHub(lambda _sender: time.time())
    fake.always(mood)
    payload = {"approval": {"id": "r1", "decision": "approved"}}
    with Neighbours(fake) as neighbours:
        api = GitHubApi(lambda: client, neighbours.url, "2022-11-28", lambda: NOW)
        real = Dispatches(api, OneToken("token"))
        over_http = real.send(repository, "deploy-api", payload, deadline=NOW + 4)
    in_process = Port(fake, lambda: NOW).send(repository, "deploy-api", payload, deadline=NOW + 4)
    assert over_http == in_process
    assert 2 == len(fake.arrivals) == len(fake.calls)
    assert fake.arrivals[0].taken == fake.arrivals[1].taken


def arrival(request: ApprovalRequest = REQUEST, event_type: str = "deploy-api") -> Arrival:
    return Arrival(0.0, NOW, 0, request.repository, event_type, request.id, "approved", "takes")


def approved(request: ApprovalRequest = REQUEST, status: DebtStatus = "delivered") -> Case:
    debt = Debt("deploy-api", int(NOW), NOW, status=status, since=NOW)
    review = Review("approve", ADA, "release", int(NOW))
    return Case(request, "offline", "approved", "release", (review,), int(NOW), (debt,), 2, "c2", life_at=NOW + 9)


def kept(*cases: Case, arrivals: tuple[Arrival, ...] = ()) -> Record:
    rows = frozenset(row for case in cases for row in wake_ups.rows_of(case) if row.nonce != wake_ups.LIFE)
    ids = [case.request.id for case in cases]
    return Record(POLICY, {case.request.id: case for case in cases}, rows, ids, arrivals)


def test_a_request_that_was_approved_and_dispatched_keeps_every_promise() -> None:
    assert [] == [*kept(approved(), arrivals=(arrival(),)).violations()]


@pytest.mark.parametrize(
    ("record", "promise"),
    [
        (lambda: kept(approved()), "approved and never dispatched"),
        (lambda: kept(replace(approved(), debts=()), arrivals=()), "approved and never dispatched"),
        (lambda: kept(approved(status="cancelled")), "approved and never dispatched"),
        (lambda: kept(approved(status="cancelled"), arrivals=(arrival(),)), "given up though it was sent"),
        (lambda: kept(approved(status="owed"), arrivals=(arrival(),)), "stuck"),
        (lambda: kept(approved(status="dead"), arrivals=(arrival(),)), "stuck"),
        (lambda: kept(replace(approved(), status="pending"), arrivals=(arrival(),)), "released without approval"),
        (lambda: kept(approved(), arrivals=(arrival(), arrival(event_type="other"))), "released without approval"),
        (lambda: kept(arrivals=(arrival(),)), "released without approval"),
        (
            lambda: replace(kept(approved(), arrivals=(arrival(),)), rows=frozenset([WakeUp(NOW, REQUEST.id, "n")])),
            "rows that are not debts",
        ),
        (lambda: replace(kept(approved(), arrivals=(arrival(),)), lives=[]), "lives that are not cases"),
        (lambda: replace(kept(), missing=["r1"]), "lives that are not cases"),
    ],
)
def test_each_promise_that_is_broken_at_the_end_is_found(record: Callable[[], Record], promise: str) -> None:
    assert promise in {name for name, _ in record().violations()}


@pytest.mark.parametrize(
    ("code", "changes", "taken", "true"),
    [
        ("released", {}, True, True),
        ("released", {}, False, False),
        ("released", {"reviews": ()}, True, False),
        ("released", {"status": "rejected"}, True, False),
        ("approved-retrying", {}, False, True),
        ("approved-refused", {}, False, False),
        ("already-counted", {"status": "pending"}, False, True),
        ("counted", {"reviews": ()}, False, False),
        ("superseded", {"status": "superseded"}, False, True),
        ("superseded", {}, False, False),
    ],
)
def test_an_answer_is_true_of_some_cases_only(code: str, changes: Any, *, taken: bool, true: bool) -> None:
    case = replace(approved(), **changes)
    assert true == PressAnswer(code, "", "approve", frozenset({ADA.id})).is_true(case, taken=taken, refusable=False)


def test_a_dispatch_is_sent_again_only_for_a_reason() -> None:
    assert "" == Attempt(answered=True).cause()
    assert "" == Attempt(answered=True, recorded=True, ended=True, over=True).cause()
    reasons = (Attempt(answered=False), Attempt(answered=True, heard=False), Attempt(answered=True, ended=True))
    assert all(attempt.cause() for attempt in (*reasons, Attempt(answered=True, over=True)))


def test_an_earlier_dispatch_of_a_group_goes_first_unless_nobody_could_know_of_it() -> None:
    older = order.Sent((10.0, "a"), 30.0, since=1, looked=2)
    newer = order.Sent((20.0, "b"), 21.0, since=3, looked=4)
    assert order.overtakes(newer, older, newest_counts=False)
    assert not order.overtakes(older, newer, newest_counts=False)
    assert not order.overtakes(replace(newer, looked=1), older, newest_counts=False)
    side_by_side = replace(newer, rank=(10.5, "b"), at=11.0)
    assert not order.overtakes(side_by_side, older, newest_counts=False)
    assert order.overtakes(side_by_side, older, newest_counts=True)


def test_more_calls_in_a_minute_than_the_limit_are_found() -> None:
    assert [] == [*order.too_fast([0.0, 1.0, 60.0], 2)]
    assert 1 == len([*order.too_fast([0.0, 1.0, 59.0], 2)])
