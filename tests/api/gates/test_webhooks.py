"""The webhooks of runs that wait: signed, taken once, and recorded only if nothing in them is spoilt."""

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relay.errors import Refusal
from relay.model.delivery import Delivery, Reply
from tests.support import github_webhooks, road
from tests.support.fake_github import API
from tests.support.gates import RUN, Here, approve, asked, event, verdicts

END = "deployment_protection_rule"
ADDRESSES = [
    None,
    f"https://evil.example/repos/octo/api/actions/runs/{RUN}/{END}",
    f"{API}/repos/octo/other/actions/runs/{RUN}/{END}",
    f"{API}/repos/octo/api/../other/actions/runs/{RUN}/{END}",
    f"{API}/repos/octo/api/actions/runs/../{RUN}/{END}",
    f"{API}/repos/octo/api/actions/runs/0{RUN}/{END}",
    f"{API}/repos/octo/api/actions/runs/{RUN}/{END}?x",
    f"{API}/repos/octo/api/actions/runs/{RUN}/{END}\n",
    f"{API}.evil.example/repos/octo/api/actions/runs/{RUN}/{END}",
]
SPOILT: list[tuple[str, dict[str, Any]]] = [
    *(("deployment_callback_url", {"deployment_callback_url": address}) for address in ADDRESSES),
    ("environment", {"environment": ""}),
    ("environment", {"environment": 7}),
    ("environment", {"environment": "a\nb"}),
    ("repository", {"repository": "octo/api"}),
    ("repository", {"repository": {"full_name": "octo/api", "id": "7"}}),
    ("repository", {"repository": {"full_name": "octo/api", "id": True}}),
    ("sender", {"sender": None}),
    ("sender", {"sender": {"login": "", "id": 7}}),
    ("sender", {"sender": {"login": "hubot", "id": 0}}),
    ("ref", {"ref": None, "deployment": None}),
    ("sha", {"sha": 7}),
    ("sha", {"sha": "main"}),
]


@pytest.mark.parametrize(("field", "changes"), SPOILT)
def test_a_spoilt_webhook_records_nothing_and_names_the_field(field: str, changes: dict[str, Any], here: Here) -> None:
    with pytest.raises(Refusal) as refused:
        here.gates.take({**event(), **changes})
    assert ("malformed", field) == (refused.value.code, refused.value.field)
    assert (road.NOTHING, []) == (here.road.recorded(), here.github.calls)


def signed(here: Here, body: bytes, name: str = "deployment_protection_rule", guid: str = "72d3162e-cc78") -> Reply:
    headers = github_webhooks.headers(body, event=name, delivery=guid)
    return here.road.world.webhooks().take(Delivery("github", headers, body, here.road.now()))


def test_the_whole_road_from_the_signed_webhook_to_the_verdict(here: Here) -> None:
    body = json.dumps(event()).encode()
    here.github.waiting.add(("octo/api", RUN, "production"))
    first, again = signed(here, body), signed(here, body)
    assert [(202, "taken"), (202, "repeated")] == [(each.status, road.said(each)["status"]) for each in (first, again)]
    (case,) = here.cases()
    approve(here, case)
    assert ["approved"] == [state for state, _ in verdicts(here)]


def test_the_end_of_a_run_is_heard_beside_the_news_of_runs(here: Here) -> None:
    asked(here)
    run = {"id": int(RUN), "run_attempt": 1}
    body = json.dumps({"action": "completed", "workflow_run": run, "repository": event()["repository"]}).encode()
    assert 202 == signed(here, body, "workflow_run").status
    assert "cancelled" == here.cases()[0].status


PLACES = [
    ("deployment_callback_url",),
    ("environment",),
    ("ref",),
    ("sha",),
    ("repository",),
    ("repository", "full_name"),
    ("repository", "id"),
    ("sender",),
    ("sender", "login"),
    ("sender", "id"),
    ("deployment",),
]
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 2**64), st.text(max_size=30), st.lists(st.integers(), max_size=2)
)


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(PLACES), VALUES)
def test_a_genuine_webhook_with_one_thing_spoilt_makes_no_request_of_another_run(
    here: Here, path: tuple[str, ...], value: object
) -> None:
    told: Any = event()
    place = told if len(path) == 1 else told[path[0]]
    place[path[-1]] = value
    reply = signed(here, json.dumps(told).encode(), guid=f"{len(here.github.calls)}-{abs(hash((path, str(value))))}")
    assert reply.status in (202, 400)
    for case in here.cases():
        assert ("octo/api", RUN) == (case.request.repository, case.gate and case.gate.run_id)


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=20), st.integers(0, 120))
def test_a_spoilt_callback_address_leads_to_no_other_address(here: Here, more: str, at: int) -> None:
    genuine = str(event()["deployment_callback_url"])
    spoilt = genuine[:at] + more + genuine[at:]
    signed(here, json.dumps(event(deployment_callback_url=spoilt)).encode(), guid=f"{abs(hash(spoilt))}")
    addresses = [f"{API}/repos/octo/api/actions/runs/{case.gate.run_id}/{END}" for case in here.cases() if case.gate]
    assert (spoilt in addresses) == bool(
        re.fullmatch(f"{API}/repos/octo/api/actions/runs/[1-9][0-9]{{0,19}}/{END}", spoilt)
    )
