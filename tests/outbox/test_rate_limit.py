"""Limits of GitHub for calls that make content, kept by every relay, so that no dispatch is refused for speed."""

import json
import re
from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path

import httpx
import pytest
from pytest_httpx import HTTPXMock

from relay.outbox import timer
from tests.outbox.rate_limits import HOUR, counting, owed, spend
from tests.support import groups, road
from tests.support.groups import ask, press

THOUSAND = 1_000


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[road.Road]:
    with groups.made(tmp_path, httpx_mock) as made:
        groups.never_pausing(made)
        yield made


def test_a_thousand_debts_after_an_outage_are_paid_in_order_and_never_faster_than_github_allows(
    here: road.Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timer, "LIMIT", 100)  # more than a minute has room for; with all 500 the test takes longer
    ids = [owed(here, number) for number in range(THOUSAND)]
    github, turns = counting(here), 0
    pressed: list[str] = []
    outcomes: set[str] = set()
    started = here.ahead
    while len(github.sent) < THOUSAND + len(pressed):
        here.round()
        turns += 1
        assert turns < 200
        if turns % 5 == 0:
            here.ahead += 15
            made = ask(here, str(turns), "production", event_type=f"deploy-pressed-{turns}")
            pressed.append(made["id"])
            outcomes.add(press(here, made))
        here.ahead = started + 60 * turns
    assert outcomes <= {"released", "approved-retrying"}
    times = [at for at, _, _ in github.sent]
    for limit, span in ((80, 60), (500, HOUR)):
        assert all(times[index + limit] - times[index] > span for index in range(len(times) - limit))
    drained = [case_id for case_id in github.ids() if case_id not in set(pressed)]
    assert ids == drained
    assert sorted(pressed) == sorted(set(github.ids()) - set(ids))
    assert {"delivered"} == {here.case(case_id).debts[0].status for case_id in github.ids()}
    assert {1} == {here.case(case_id).debts[0].attempts for case_id in github.ids()}
    assert 0 == here.recorded()["due"]
    assert turns * 60 < 2.4 * HOUR


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"Retry-After": "900"}, 900),
        (403, {"Retry-After": "900"}, 900),
        (429, {}, 60),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "IN 1200"}, 1_200),
    ],
)
def test_where_github_asks_to_wait_nothing_of_that_identity_is_sent_until_then(
    here: road.Road, github: groups.GitHub, status: int, headers: dict[str, str], seconds: int
) -> None:
    reset = {name: value.replace("IN 1200", str(int(here.now()) + 1_200)) for name, value in headers.items()}
    github.answers = [httpx.Response(status, headers=reset, json={})]
    first = ask(here, "1", "production")
    assert "approved-retrying" == press(here, first)
    others = [ask(here, str(number), "production", event_type=f"deploy-{number}") for number in range(3)]
    assert ["approved-retrying"] * 3 == [press(here, made) for made in others]
    assert [first["id"]] == github.ids()
    here.ahead = seconds - 5
    assert 0 == here.round()
    here.ahead = seconds + 5
    queued = [made["id"] for made in (first, *others)]
    here.round()
    here.ahead += 3_600  # the first one backs off by itself too
    here.round()
    assert (sorted(queued), 5) == (sorted(set(github.ids())), len(github.sent))
    assert [1, 1, 1] == [here.case(made["id"]).debts[0].attempts for made in others]


def test_where_one_identity_has_no_room_left_the_others_go_on(here: road.Road) -> None:
    github = counting(here)
    theirs = [owed(here, number, "octo/api") for number in range(5)]
    ours = [owed(here, number, "hexa/api") for number in range(5, 10)]
    spend(here, 78, "octo")
    here.world.store.close_bucket("nobody", here.now() + HOUR)
    assert 7 == here.round()
    assert [*theirs[:2], *ours] == github.ids()
    here.ahead += 81
    assert 3 == here.round()
    assert [*theirs[:2], *ours, *theirs[2:]] == github.ids()


def test_an_hours_worth_is_an_hours_worth_whoever_used_it(here: road.Road, github: groups.GitHub) -> None:
    spend(here, 500)
    made = ask(here, "1", "production")
    reply = here.press("ada", "approve", made["ticket"])
    assert (200, "approved-retrying") == road.outcome(reply)
    assert (
        "Approved. GitHub has not been told yet; the relay keeps trying for a day."
        == (reply.headers["CARD-ACTION-STATUS"])
    )
    assert [] == github.sent
    here.ahead += 3_100
    assert 0 == here.round()
    here.ahead += 100
    assert 1 == here.round()
    assert [made["id"]] == github.ids()


def test_what_a_press_has_room_for_is_sent_and_the_rest_is_put_off(here: road.Road, github: groups.GitHub) -> None:
    spend(here, 79)
    request = road.offline("untold")
    assert "approved-retrying" == press(here, request)  # there is room for one of two, and order has the first
    assert ["preview"] == [event_type for event_type, _ in github.sent]
    here.ahead += 81
    assert 1 == here.round()
    assert ["preview", "deploy-api"] == [event_type for event_type, _ in github.sent]


def test_a_press_that_has_to_wait_for_room_is_not_overtaken_by_the_next(here: road.Road, github: groups.GitHub) -> None:
    spend(here, 80)
    first = ask(here, "1", "production")
    assert "approved-retrying" == press(here, first)
    here.ahead += 81
    second = ask(here, "2", "production")
    assert "released" == press(here, second)
    assert [first["id"], second["id"]] == github.ids()


def test_another_who_spends_the_last_room_at_the_same_moment_is_noticed(here: road.Road, github: groups.GitHub) -> None:
    for number in count(1):
        here.ahead += 3_700
        spend(here, 79)
        one, two = (ask(here, title, "production", event_type=f"deploy-{title}-{number}") for title in "ab")
        outcomes: list[str] = []
        before = len(github.sent)
        with groups.hooked(here, before=groups.at(number, groups.into(outcomes, partial(press, here, two)))) as met:
            outcomes.append(press(met, one))
            if groups.reached(met) < number:
                break
        assert before + 1 == len(github.sent)
        assert ["approved-retrying", "released"] == sorted(outcomes)


def test_a_round_looks_at_debts_page_by_page(here: road.Road, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timer, "LIMIT", 20)
    github = counting(here)
    ids = [owed(here, number) for number in range(25)]
    assert [25, 0] == [here.round(), here.round()]  # page by page
    assert ids == github.ids()


# Calls that nobody approved
@pytest.mark.parametrize("noise", ["on_request", "plain", "on_pass"])
def test_one_repositorys_key_starves_no_other_repositorys_releases(
    here: road.Road, httpx_mock: HTTPXMock, noise: str
) -> None:
    sent: list[str] = []

    def take(request: httpx.Request) -> httpx.Response:
        sent.append(request.url.path.split("/")[3])
        return httpx.Response(204)

    url = re.compile(r"https://api\.github\.com/repos/octo/[a-z]+/dispatches")
    httpx_mock.add_callback(take, url=url, method="POST", is_reusable=True)
    answers = set()
    for number in range(85):
        if noise == "plain":
            form = {"event_type": "publish", "client_payload": {"n": number}}
            answers.add(road.outcome(here.run(json.dumps(form).encode())))
            continue
        environment = {"on_request": "untold", "on_pass": "staging"}[noise]
        made = ask(here, str(number), environment, repository="octo/noisy", event_type=f"deploy-{number}")
        answers.add((made["http"], made["status"]))
        if noise == "on_pass":
            press(here, made)
    assert answers <= {(201, "pending"), (202, "released"), (202, "approved-retrying")}
    assert 20 == len(sent)
    assert "released" == press(here, ask(here, "1", "production"))
    assert 21 == len(sent)
    here.ahead += 81
    here.round()
    assert 41 == len(sent)  # what waited is owed, and refused to nobody
