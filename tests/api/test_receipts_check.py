"""POST /api/receipts/check: whether a release was overtaken."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from relay.approval.releases import release_of
from relay.chats.table import kinds
from relay.policy_toml import parse
from relay.signed import dispatch_payload, receipts
from tests.cli.releasing import CASE, OTHER
from tests.support import entra_tokens, example_policy, road
from tests.support.road import DISPATCHES, Road, dispatched, said

POLICY = example_policy.WHO + example_policy.rule("*", example_policy.RELEASE)
DAY = 86_400


def receipt(dispatch: dict[str, Any]) -> str:
    found: str = dispatch["client_payload"]["approval"]["receipt"]
    return found


def ask(here: Road, receipt_text: object) -> tuple[int, Any]:
    reply = here.check_receipt(json.dumps({"receipt": receipt_text}).encode())
    return reply.status, said(reply)


def release(here: Road, httpx_mock: HTTPXMock, **fields: Any) -> dict[str, Any]:
    """Approve a request, and return what GitHub got."""
    here.press("ada", "approve", road.ticket(road.offline(issued_at=int(here.now()), **fields)))
    *_, last = dispatched(httpx_mock)
    return last


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[Road]:
    httpx_mock.add_response(url=DISPATCHES, status_code=204, is_reusable=True, is_optional=True)
    with road.made(tmp_path, httpx_mock, RELAY_POLICY=POLICY) as made:
        yield made


def test_a_release_is_overtaken_once_github_took_a_newer_one(here: Road, httpx_mock: HTTPXMock) -> None:
    first = release(here, httpx_mock, nonce="a" * 22)
    assert (200, None) == (ask(here, receipt(first))[0], ask(here, receipt(first))[1]["overtaken_by"])
    here.ahead = 60
    second = release(here, httpx_mock, nonce="b" * 22)
    newer = second["client_payload"]["approval"]["id"]
    id_ = first["client_payload"]["approval"]["id"]
    assert (200, {"id": id_, "overtaken_by": newer}) == ask(here, receipt(first))
    assert (200, {"id": newer, "overtaken_by": None}) == ask(here, receipt(second))


@pytest.mark.parametrize("nonces", [*permutations("abc")], ids="".join)
def test_of_approvals_of_one_second_the_one_that_github_took_last_is_the_newest(
    nonces: tuple[str, ...], here: Road, httpx_mock: HTTPXMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = here.now()
    monkeypatch.setattr(Road, "now", lambda _: now)
    *older, last = [release(here, httpx_mock, nonce=nonce * 22) for nonce in nonces]
    assert ask(here, receipt(last))[1]["overtaken_by"] is None
    for each in older:
        assert last["client_payload"]["approval"]["id"] == ask(here, receipt(each))[1]["overtaken_by"]


def test_an_older_release_that_github_took_overtakes_nothing(here: Road, httpx_mock: HTTPXMock) -> None:
    release(here, httpx_mock, nonce="a" * 22)
    here.ahead = 60
    httpx_mock.reset()
    httpx_mock.add_response(url=DISPATCHES, status_code=502)  # it may have taken this one too
    httpx_mock.add_response(url=entra_tokens.JWKS_URL, json=entra_tokens.jwks(), is_optional=True)
    newer = release(here, httpx_mock, nonce="b" * 22)
    assert (200, None) == (ask(here, receipt(newer))[0], ask(here, receipt(newer))[1]["overtaken_by"])


def test_another_environment_overtakes_nothing(here: Road, httpx_mock: HTTPXMock) -> None:
    first = release(here, httpx_mock, nonce="a" * 22)
    here.ahead = 60
    here.press("ada", "approve", road.ticket(road.offline("staging", issued_at=int(here.now()))))
    assert ask(here, receipt(first))[1]["overtaken_by"] is None


def test_what_github_refused_overtakes_nothing(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=DISPATCHES, status_code=204)
    httpx_mock.add_response(url=DISPATCHES, status_code=404, json={"message": "Not Found"})
    with road.made(tmp_path, httpx_mock, RELAY_POLICY=POLICY) as here:
        first = release(here, httpx_mock, nonce="a" * 22)
        here.ahead = 60
        release(here, httpx_mock, nonce="b" * 22)
        assert ask(here, receipt(first))[1]["overtaken_by"] is None


def test_an_older_approval_that_is_paid_later_overtakes_nothing(here: Road, httpx_mock: HTTPXMock) -> None:
    here.ahead = 60
    newer = release(here, httpx_mock, nonce="b" * 22)
    here.ahead = 0
    older = release(here, httpx_mock, nonce="a" * 22)
    assert newer["client_payload"]["approval"]["id"] == ask(here, receipt(older))[1]["overtaken_by"]
    assert ask(here, receipt(newer))[1]["overtaken_by"] is None


@pytest.mark.parametrize("spoilt", ["", "x.y.z", "\ud800", 5, None, [], {}])
def test_what_is_no_receipt_is_told_nothing(here: Road, spoilt: object) -> None:
    status, body = ask(here, spoilt)
    expected = (401, "not-genuine") if isinstance(spoilt, str) else (400, "malformed")
    assert expected == (status, body["error"])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", (400, "malformed")),
        (b"[]", (400, "malformed")),
        (b'{"receipt": "x", "run_id": "1"}', (400, "malformed")),
        (b"x" * (128 * 1024 + 1), (413, "too-large")),
    ],
)
def test_a_body_of_another_form_is_refused(here: Road, body: bytes, expected: tuple[int, str]) -> None:
    reply = here.check_receipt(body)
    assert expected == (reply.status, said(reply)["error"])


def test_a_receipt_of_another_relay_is_not_genuine(here: Road, httpx_mock: HTTPXMock) -> None:
    case = here.case(release(here, httpx_mock)["client_payload"]["approval"]["id"])
    now = here.now()
    made: Any = dispatch_payload.dispatch_payload(
        case, case.debts[0], OTHER, issuer=road.ORIGIN, policy_sha256="", now=now
    )
    assert 401 == ask(here, made["approval"]["receipt"])[0]


def test_a_receipt_that_is_past_its_day_has_expired(here: Road, httpx_mock: HTTPXMock) -> None:
    dispatch = release(here, httpx_mock)
    here.ahead = DAY + 301
    status, body = ask(here, receipt(dispatch))
    assert (410, "expired") == (status, body["error"])
    here.ahead = -3_600
    assert 401 == ask(here, receipt(dispatch))[0]


@pytest.mark.parametrize(
    ("changes", "debt", "expected"),
    [
        ({}, {}, True),
        ({"status": "rejected"}, {}, False),
        ({"status": "pending"}, {"decision": "requested"}, False),
        ({}, {"decision": "approved", "passed": ("qa",)}, False),
        ({"proof": "plain"}, {}, False),
    ],
)
def test_only_the_dispatch_of_a_final_approval_can_be_overtaken(
    changes: dict[str, Any], debt: dict[str, Any], expected: bool
) -> None:
    policy = parse.parse(POLICY, kinds())
    found = release_of(policy, replace(CASE, **changes), replace(CASE.debts[0], **debt))
    assert expected == (found is not None)


@pytest.mark.parametrize("supersede", [True, False])
def test_the_receipt_says_whether_its_rule_lets_the_newest_count_alone(
    supersede: bool, tmp_path: Path, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(url=DISPATCHES, status_code=204)
    policy = example_policy.WHO + example_policy.rule("*", example_policy.RELEASE, supersede=supersede)
    with road.made(tmp_path, httpx_mock, RELAY_POLICY=policy) as here:
        text = receipt(release(here, httpx_mock))
        claims = receipts.open_receipt(text, here.world.key_set, issuer=road.ORIGIN)
    assert supersede == claims["supersede"]
