"""The command and the relay of the real parts, face to face: what one writes the other reads."""

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import Result
from pytest_httpx import HTTPXMock

from relay.cli.context import Context
from relay.model.delivery import Reply
from relay.signed import tickets
from tests.cli.running import run
from tests.support.click_answers import pressable
from tests.support.road import API_KEY, DISPATCHES, MASTER, ORIGIN, Road, dispatched, made, outcome

WEBHOOK = "https://hooks.example/x"
ASK = ("--repository", "octo/api", "--event-type", "deploy-api", "--environment", "production", "--title", "배포 승인")


@pytest.fixture
def road(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[Road]:
    with made(tmp_path, httpx_mock) as road:
        often: dict[str, Any] = {"is_optional": True, "is_reusable": True}
        httpx_mock.add_callback(lambda asked: serve(road, asked), url=f"{ORIGIN}/api/requests", **often)
        httpx_mock.add_response(url=f"{ORIGIN}/api/keys", json=road.world.key_set, **often)
        yield road


def serve(road: Road, asked: httpx.Request) -> httpx.Response:
    sent = {name.replace("-", "_"): asked.headers[name] for name in ("x-relay-key", "idempotency-key")}
    return response(road.post(asked.content, **sent))


def response(reply: Reply) -> httpx.Response:
    return httpx.Response(reply.status, headers=dict(reply.headers), content=reply.body)


def relay(road: Road, *arguments: str, **env: str | None) -> Result:
    given = {"RELAY_URL": ORIGIN, "RELAY_API_KEY": API_KEY, "RELAY_WEBHOOK_URL": WEBHOOK}
    context = Context(now=time.time, outbox=road.outbox)
    return run(
        *arguments, env={name: each for name, each in (given | env).items() if each is not None}, context=context
    )


def posted(httpx_mock: HTTPXMock) -> Mapping[str, Any]:
    (request,) = httpx_mock.get_requests(url=WEBHOOK)
    card: dict[str, Any] = json.loads(request.content)
    return card


def test_a_request_is_sent_pressed_released_and_verified(road: Road, httpx_mock: HTTPXMock, tmp_path: Path) -> None:
    httpx_mock.add_response(url=WEBHOOK, status_code=202)
    httpx_mock.add_response(url=DISPATCHES, status_code=204)
    sent = relay(road, "send", *ASK, "--payload", '{"이름": "값"}', "--requested-by", "haneul")
    assert 0 == sent.exit_code, sent.output
    pressed = road.press("ada", "approve", pressable(posted(httpx_mock))["approve"], "좋아요")
    assert (200, "released") == outcome(pressed)
    (dispatch,) = dispatched(httpx_mock)
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"action": dispatch["event_type"], "client_payload": dispatch["client_payload"]}))
    asked = ("--event", str(event), "--json", "--environment", "production")
    verified = relay(road, "verify", *asked, GITHUB_REPOSITORY="octo/api")
    assert 0 == verified.exit_code, verified.output
    outputs = json.loads(verified.stdout)
    assert ("approved", "haneul", '{"이름":"값"}') == (outputs["decision"], outputs["requested-by"], outputs["payload"])
    assert f"Sent. Request {outputs['id']}" in sent.stdout


def test_a_payload_over_a_limit_of_its_rule_is_wrong_usage_of_its_option(road: Road, httpx_mock: HTTPXMock) -> None:
    fields = [argument for number in range(10) for argument in ("--field", f"k{number}=1")]
    sent = relay(road, "send", *ASK, *fields)
    assert (2, "") == (sent.exit_code, sent.stdout)
    assert "--payload: takes at most 9 top-level keys" in sent.stderr
    assert not httpx_mock.get_requests(url=WEBHOOK)


def test_its_status_is_shown_and_it_is_cancelled(road: Road, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=WEBHOOK, status_code=202)
    case_id = relay(road, "send", *ASK).stdout.split()[2]
    url = f"{ORIGIN}/api/requests/{case_id}"
    httpx_mock.add_callback(lambda _: response(road.show(case_id)), url=url)
    httpx_mock.add_callback(lambda _: response(road.cancel(case_id)), url=f"{url}/cancel")
    assert f"{case_id}: pending, stage release\n  dispatch none\n" == relay(road, "status", case_id).stdout
    assert f"{case_id}: cancelled" in relay(road, "cancel", case_id).stdout
    ticket = pressable(posted(httpx_mock))["approve"]
    assert (200, "cancelled") == outcome(road.press("ada", "approve", ticket))


def test_an_offline_card_of_a_derived_key_is_pressed(road: Road, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=DISPATCHES, status_code=204)
    derived = relay(road, "keys", "derive", "octo/api", RELAY_TICKET_KEY=tickets.format_key(MASTER)).stdout.strip()
    card = relay(road, "card", *ASK, RELAY_TICKET_KEY=derived)
    assert 0 == card.exit_code, card.output
    ticket = pressable(json.loads(card.stdout))["approve"]
    assert (200, "released") == outcome(road.press("grace", "approve", ticket))


def test_what_github_refuses_is_in_the_outbox_until_it_is_replayed(road: Road, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=DISPATCHES, status_code=404, json={"message": "Not Found"})
    card = json.loads(relay(road, "card", "--register", *ASK).stdout)
    assert (200, "approved-refused") == outcome(road.press("ada", "approve", pressable(card)["approve"]))
    its_store = {"RELAY_URL": None, "RELAY_API_KEY": None}
    (row,) = json.loads(relay(road, "outbox", "list", "--json", **its_store).stdout)
    assert ("refused", 1, "배포 승인") == (row["status"], row["attempts"], row["title"])
    assert row["cure"]
    assert f"{row['id']}: owed" in relay(road, "outbox", "replay", row["id"], **its_store).stdout
    assert f"{row['id']}: dead" in relay(road, "outbox", "drop", row["id"], "--yes", **its_store).stdout
    assert 1 == relay(road, "outbox", "drop", "b" * 32, "--yes", **its_store).exit_code


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--environment", "nowhere"), "403 no-rule"),
        (("--repository", "hexa/api"), "403 not-allowed"),
        (("--approver", "nobody"), "400 malformed: approvers: names a person that the policy does not have"),
        (("--api-key", "0123456789abcdefabcd"), "401 not-genuine"),
        (("--channel", "nowhere"), "400 malformed: channels: the policy has no channel of this name"),
    ],
)
def test_the_relays_refusals_are_shown(road: Road, arguments: tuple[str, ...], told: str) -> None:
    result = relay(road, "send", *ASK, *arguments)
    assert 1 == result.exit_code
    assert f"The relay answered {told}" in result.stderr
