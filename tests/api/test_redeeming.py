"""Redeeming: of all runs that one approval started, exactly one wins."""

from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from relay.errors import Outage
from tests.api.keyless import ask
from tests.api.receipts import receipt_of
from tests.support import github_tokens, road
from tests.support.github_tokens import bearer

RUN = "18200345671"


@pytest.fixture
def receipt(here: road.Road, httpx_mock: HTTPXMock) -> str:
    return receipt_of(here, httpx_mock)


def released(run_id: str = RUN, **changes: object) -> str:
    """Return the header of a token of a run that the approval started."""
    return bearer("repository-dispatch", run_id=run_id, **changes)


def test_the_first_run_wins_and_each_of_its_attempts_wins_again(here: road.Road, receipt: str) -> None:
    first = here.redeem({"receipt": receipt}, authorization=released())
    again = here.redeem({"receipt": receipt}, authorization=released())
    attempt = here.redeem({"receipt": receipt}, authorization=released(run_attempt="2"))
    assert (200, 200, 200) == (first.status, again.status, attempt.status)
    won = {"id": road.said(first)["id"], "redeemed_by": {"repository": "octo/api", "run_id": RUN}}
    assert won | {"first": True} == road.said(first)
    assert won | {"first": False} == road.said(again) == road.said(attempt)


def test_another_run_is_told_which_one_has_won(here: road.Road, receipt: str) -> None:
    here.redeem({"receipt": receipt}, authorization=released())
    reply = here.redeem({"receipt": receipt}, authorization=released("999"))
    said = road.said(reply)
    assert (409, "already-redeemed") == (reply.status, said["error"])
    assert {"repository": "octo/api", "run_id": RUN} == said["redeemed_by"]


def test_a_key_redeems_for_the_run_it_names_and_learns_no_other(here: road.Road, receipt: str) -> None:
    body = {"receipt": receipt, "run_id": RUN}
    assert 200 == here.redeem(body, x_relay_key=road.API_KEY).status
    reply = here.redeem(body | {"run_id": "999"}, x_relay_key=road.API_KEY)
    assert (409, {"repository": "octo/api"}) == (reply.status, road.said(reply)["redeemed_by"])


def test_a_key_names_its_run_and_has_the_repository_in_its_scope(here: road.Road, receipt: str) -> None:
    missing = here.redeem({"receipt": receipt}, x_relay_key=road.API_KEY)
    assert (400, "run_id") == (missing.status, road.said(missing)["field"])
    for key in (road.FOREIGN_KEY, road.OPERATOR_KEY):
        assert 403 == here.redeem({"receipt": receipt, "run_id": RUN}, x_relay_key=key).status
    assert 401 == here.redeem({"receipt": receipt, "run_id": RUN}, x_relay_key="unknown").status


def test_only_a_run_that_the_approval_started_redeems(here: road.Road, receipt: str) -> None:
    before = here.recorded()
    for other in (
        bearer("push"),
        bearer("workflow-dispatch"),
        bearer("transferred-repository"),
        released(repository="octo/web"),
    ):
        reply = here.redeem({"receipt": receipt}, authorization=other)
        assert (403, "not-allowed") == (reply.status, road.said(reply)["error"])
    assert before == here.recorded()


def test_a_repository_that_took_the_name_over_redeems_nothing(here: road.Road, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204)
    here.press("ada", "approve", str(road.said(ask(here))["ticket"]))
    (sent,) = road.dispatched(httpx_mock)
    body = {"receipt": sent["client_payload"]["approval"]["receipt"]}
    before = here.recorded()
    reborn = here.redeem(body, authorization=released(repository_id="1"))
    assert (403, "not-allowed") == (reborn.status, road.said(reborn)["error"])
    assert before == here.recorded()
    assert 200 == here.redeem(body, authorization=released()).status


def test_no_proof_and_two_proofs_are_refused(here: road.Road, receipt: str) -> None:
    before = here.recorded()
    assert 401 == here.redeem({"receipt": receipt}).status
    assert 401 == here.redeem({"receipt": receipt}, authorization="Basic YTpi").status
    assert 401 == here.redeem({"receipt": receipt}, authorization="Bearer x.y.z").status
    both = here.redeem({"receipt": receipt}, authorization=released(), x_relay_key=road.API_KEY)
    assert (400, "malformed") == (both.status, road.said(both)["error"])
    assert before == here.recorded()


@pytest.mark.parametrize("spoilt", ["", "a.b.c", "x" * 5_000, "\ud800"])
def test_a_receipt_that_is_not_genuine_is_refused(here: road.Road, spoilt: str) -> None:
    reply = here.redeem({"receipt": spoilt}, authorization=released())
    assert (401, "not-genuine") == (reply.status, road.said(reply)["error"])
    assert road.NOTHING == here.recorded()


def test_one_changed_character_spoils_a_receipt(here: road.Road, receipt: str) -> None:
    before = here.recorded()
    for place in range(0, len(receipt), 37):
        spoilt = receipt[:place] + ("A" if receipt[place] != "A" else "B") + receipt[place + 1 :]
        assert 401 == here.redeem({"receipt": spoilt}, authorization=released()).status
    assert before == here.recorded()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "receipt"),
        ({"receipt": None}, "receipt"),
        ({"receipt": 5}, "receipt"),
        ({"receipt": "x", "run": "1"}, "run"),
        ({"receipt": "x", "no field\n": 1}, "body"),
    ],
)
def test_a_body_of_another_form_is_malformed(here: road.Road, body: dict[str, Any], field: str) -> None:
    reply = here.redeem(body, authorization=released())
    assert (400, field) == (reply.status, road.said(reply)["field"])


@pytest.mark.parametrize("run_id", ["", "0", "1.5", "x", 5, "1" * 21, ["1"], "18200345672"])
def test_a_run_id_of_another_form_or_another_run_is_malformed(here: road.Road, receipt: str, run_id: object) -> None:
    reply = here.redeem({"receipt": receipt, "run_id": run_id}, authorization=released())
    assert (400, "run_id") == (reply.status, road.said(reply)["field"])


def test_an_expired_receipt_is_gone_and_its_winner_is_remembered_a_day_longer(here: road.Road, receipt: str) -> None:
    key = {"x_relay_key": road.API_KEY}
    assert 200 == here.redeem({"receipt": receipt, "run_id": RUN}, **key).status
    here.ahead = 86_400 + 200
    assert 409 == here.redeem({"receipt": receipt, "run_id": "999"}, **key).status
    here.ahead = 86_400 + 400
    reply = here.redeem({"receipt": receipt, "run_id": "999"}, **key)
    assert (410, "expired") == (reply.status, road.said(reply)["error"])
    here.ahead = 2 * 86_400 - 60
    here.world.store.mark_round(here.now())
    assert 1 == here.recorded()["claims"]
    here.ahead = 2 * 86_400 + 60
    here.world.store.mark_round(here.now())
    assert 0 == here.recorded()["claims"]


def test_a_winner_that_was_killed_before_the_answer_asks_again_and_wins(
    here: road.Road, receipt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = type(here.world.store).put_if_absent

    def killed(*arguments: Any, **named: Any) -> str:
        write(*arguments, **named)
        raise Outage("the process was killed")

    with monkeypatch.context() as patched:
        patched.setattr(type(here.world.store), "put_if_absent", killed)
        assert 503 == here.redeem({"receipt": receipt}, authorization=released()).status
    assert 409 == here.redeem({"receipt": receipt}, authorization=released("999")).status
    assert 200 == here.redeem({"receipt": receipt}, authorization=released()).status


def test_a_key_server_that_is_down_is_busy(here: road.Road, httpx_mock: HTTPXMock) -> None:
    issuer = f"{github_tokens.ISSUER}/octo-inc"
    httpx_mock.add_response(url=f"{issuer}/.well-known/jwks", status_code=502)
    with road.made(here.path, httpx_mock, RELAY_GITHUB_OIDC_ISSUER=issuer) as other:
        reply = other.redeem({"receipt": "x"}, authorization=released(iss=issuer))
    assert (503, "busy") == (reply.status, road.said(reply)["error"])
