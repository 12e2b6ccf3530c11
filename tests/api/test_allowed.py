"""Permission to ask: the key's repositories, the rules of the policy, and approvers that can release."""

import pytest

from tests.api.asking import FORM
from tests.support import road


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        ("", 401, "not-genuine"),
        ("guessed-0123456789ab", 401, "not-genuine"),
        ("키키키", 401, "not-genuine"),
        ("\udc80", 401, "not-genuine"),
        (road.FOREIGN_KEY, 403, "not-allowed"),
        (road.OPERATOR_KEY, 403, "not-allowed"),
    ],
)
def test_a_key_asks_for_its_own_repositories_only(here: road.Road, key: str, status: int, code: str) -> None:
    reply = here.ask(FORM, x_relay_key=key)
    assert (status, code) == (reply.status, road.said(reply)["error"])
    assert road.NOTHING == here.recorded()


def test_a_key_is_proven_before_the_body_is_measured_or_read(here: road.Road) -> None:
    assert 401 == here.post(b"x" * (2 << 20), x_relay_key="").status
    assert 413 == here.post(b"x" * (2 << 20)).status


@pytest.mark.parametrize(
    "change",
    [
        {"environment": "nowhere"},
        {"environment": ""},
        {"event_type": "destroy"},
        {"environment": "keyed"},
        {"environment": "crowd"},
        {"reject_event_type": "not-listed"},
        {"repository": "octo/site", "event_type": "publish"},
    ],
)
def test_what_no_rule_takes_is_refused(here: road.Road, change: dict[str, str]) -> None:
    reply = here.ask(FORM | change)
    assert (403, "no-rule") == (reply.status, road.said(reply)["error"])
    assert road.NOTHING == here.recorded()


@pytest.mark.parametrize(
    ("approvers", "status", "said"),
    [
        (["ada"], 201, ""),
        (["group:owners"], 201, ""),
        (["anyone"], 201, ""),
        (["lin"], 400, "leaves 0 of 1 required approvers in stage release"),
        (["nobody"], 400, "names a person that the policy does not have"),
        (["group:none"], 400, "names a group that the policy does not have"),
    ],
)
def test_approvers_are_narrowed_only_to_who_can_release(
    here: road.Road, approvers: list[str], status: int, said: str
) -> None:
    reply = here.ask(FORM | {"approvers": approvers})
    assert status == reply.status
    if said:
        assert {"error": "malformed", "message": f"approvers: {said}", "field": "approvers"} == road.said(reply)


def test_whom_the_request_left_out_may_not_press(here: road.Road) -> None:
    made = road.said(here.ask(FORM | {"approvers": ["grace"]}))
    assert (403, "not-allowed") == road.outcome(here.press("ada", "approve", made["ticket"]))
