"""Receipts of stages that announce themselves by one event type: each stage's run redeems its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from relay.signed import tickets
from tests.press.rerunning import FORM
from tests.support import road
from tests.support.example_policy import POLICY, rule, stage

STAGES = rule(
    "stages",
    stage("qa", "lin", on_pass="stage-api"),
    stage("owners", "ada", on_pass="stage-api"),
    stage("release", "grace"),
    requests=["key"],
)


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[road.Road]:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204, is_reusable=True)
    with road.made(tmp_path, httpx_mock, RELAY_POLICY=POLICY + STAGES) as made:
        yield made


def test_two_stages_with_one_event_type_redeem_each_for_itself(here: road.Road, httpx_mock: HTTPXMock) -> None:
    made = road.said(here.ask({**FORM, "environment": "stages"}))
    request = here.case(made["id"]).request
    for person, name in (("lin", "qa"), ("ada", "owners"), ("grace", "release")):
        drawn = tickets.sign(request, road.MASTER, road.ORIGIN, self_contained=False, stage=name)
        assert 200 == here.press(person, "approve", drawn).status
    sent = [each["client_payload"]["approval"] for each in road.dispatched(httpx_mock)]
    assert ["qa", "owners", "release"] == [each["stage"] for each in sent]

    def redeem(index: int, run_id: str) -> int:
        return here.redeem({"receipt": sent[index]["receipt"], "run_id": run_id}, x_relay_key=road.API_KEY).status

    assert [200, 200, 200] == [redeem(index, f"{index + 7}") for index in range(3)]
    assert [409, 409, 409] == [redeem(index, "99") for index in range(3)]
    assert [200, 200, 200] == [redeem(index, f"{index + 7}") for index in range(3)]
