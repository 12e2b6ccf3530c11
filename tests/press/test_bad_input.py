"""Each case starts from a genuine click and spoils one thing: one row of the table, and nothing else happens."""

import logging
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_httpx import HTTPXMock

from relay.signed.request import to_wire
from tests.press.spoiling import DAY, MARK, Spoil
from tests.press.spoilt_forms import BODIES, HEADERS
from tests.press.spoilt_proofs import TICKETS, TOKENS
from tests.support import road
from tests.support.logged import logged

CASES: Final = {
    f"{kind}: {name}": case
    for kind, cases in (("body", BODIES), ("header", HEADERS), ("token", TOKENS), ("ticket", TICKETS))
    for name, case in cases.items()
}


@pytest.mark.parametrize(("spoil", "code", "check"), CASES.values(), ids=CASES.keys())
def test_one_spoilt_thing_gets_its_row_and_nothing_else_happens(
    here: road.Road,
    httpx_mock: HTTPXMock,
    caplog: pytest.LogCaptureFixture,
    spoil: Spoil,
    code: str,
    check: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    click = road.click()
    spoil(click)
    reply = here.send(click.headers, click.body)
    status = {"too-large": 413, "not-genuine": 401, "malformed": 400}[code]
    assert (status, code) == road.outcome(reply)
    assert road.NOTHING == here.recorded()
    assert [] == road.dispatched(httpx_mock)
    assert [{"event": "press", "outcome": code, "channel": "messagecard", "check": check}] == logged(
        caplog, "event", "outcome", "channel", "check"
    )
    assert MARK not in caplog.text
    assert MARK not in reply.body.decode() + str(reply.headers)


def test_the_genuine_click_that_all_of_these_spoil_is_taken(here: road.Road, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204, is_reusable=True)
    click = road.click()
    assert (200, "released") == road.outcome(here.send(click.headers, click.body))


@pytest.mark.parametrize("content", [b"", b"  \r\n", b'{"comment": null}', b'{"comment": ""}', b'{"comment": """}'])
def test_a_click_without_a_comment_or_with_an_odd_one_is_taken(
    here: road.Road, httpx_mock: HTTPXMock, content: bytes
) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204)
    click = road.click()
    assert (200, "released") == road.outcome(here.send(click.headers, content))


def test_a_request_that_is_altered_after_it_was_taken_does_not_change_what_is_judged(here: road.Road) -> None:
    """Two genuine tickets of one id cannot be; one whose wire differs has another id and is another case."""
    first = road.offline("staged")
    here.press("lin", "approve", road.ticket(first))
    other = road.offline("staged", client_payload={"version": "2"})
    assert to_wire(first) != to_wire(other)
    reply = here.press("lin", "approve", road.ticket(other))
    assert (200, "counted") == road.outcome(reply)
    assert 2 == here.recorded()["cases"]


def test_a_ticket_that_claims_a_later_end_does_not_revive_what_has_expired(here: road.Road) -> None:
    request = road.offline("staged", expires_in="60s")
    here.press("lin", "approve", road.ticket(request))
    here.ahead = 100
    later = replace(request, expires_at=request.expires_at + DAY)
    assert (200, "expired") == road.outcome(here.press("ada", "approve", road.ticket(later)))
    assert 1 == len(here.case(request.id).reviews)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["authorization", "relay-ticket", "relay-verdict"]),
    place=st.floats(0, 1, exclude_max=True),
    put=st.characters(),
)
def test_no_character_can_be_changed_in_a_header_that_carries_trust(
    here: road.Road, name: str, place: float, put: str
) -> None:
    click = road.click()
    value = click.headers[name]
    at = int(place * len(value))
    spoilt = value[:at] + put + value[at + 1 :]
    if spoilt.strip(" \t").lower() == value.lower() and name == "authorization":
        return  # the scheme's letters may be large or small
    if spoilt != value:
        click.headers[name] = spoilt
        assert here.send(click.headers, click.body).status in {400, 401}
        assert road.NOTHING == here.recorded()


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=64))
def test_no_body_makes_a_stranger_an_approver_or_the_road_crash(here: road.Road, content: bytes) -> None:
    click = road.click("lin")
    reply = here.send(click.headers, content)
    assert road.outcome(reply) in {(403, "not-allowed"), (400, "malformed")}
    assert road.NOTHING == here.recorded()
