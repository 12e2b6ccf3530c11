"""Cards that the relay posts itself, in the channels that are named."""

import json

import pytest
from pytest_httpx import HTTPXMock

from tests.cli.running import ASK, RELAY, run
from tests.cli.sending import CREATED, ENV, NOTIFY


def test_a_channel_is_passed_on_and_the_relays_refusal_shown(httpx_mock: HTTPXMock) -> None:
    refusal = {"error": "malformed", "message": "channels: the policy has\nno channel of this name"}
    httpx_mock.add_response(url=f"{RELAY}/api/requests", status_code=400, json=refusal)
    result = run("send", "--channel", "ops", *ASK, env=ENV)
    assert 1 == result.exit_code
    assert "The relay answered 400 malformed: channels: the policy has no channel of this name" in result.stderr
    (asked,) = httpx_mock.get_requests()
    assert ["ops"] == json.loads(asked.content)["channels"]


def test_several_channels_are_one_request(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=400, json={"error": "malformed", "message": "channels: no"})
    run("send", "--channel", "ops", "--channel", "qa", "--channel", "ops", *ASK, env=ENV)
    (asked,) = httpx_mock.get_requests()
    assert ["ops", "qa"] == json.loads(asked.content)["channels"]


def test_a_channel_that_the_relay_has_gets_the_card_from_the_relay(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=f"{RELAY}/api/requests", status_code=200, json=CREATED)
    assert 0 == run("send", "--channel", "ops", *ASK, env=ENV).exit_code


def test_the_policy_may_say_where_the_card_goes(httpx_mock: HTTPXMock) -> None:
    cards = [{"channel": "qa", "status": "delivered"}]
    httpx_mock.add_response(url=f"{RELAY}/api/requests", status_code=201, json={**CREATED, "cards": cards})
    result = run("send", "--policy-channels", *ASK, env=ENV)
    assert (0, "") == (result.exit_code, result.stderr)
    assert "The card is in qa." in result.stdout
    (asked,) = httpx_mock.get_requests()
    assert "channels" not in json.loads(asked.content)


def test_a_request_whose_card_nobody_got_is_no_success(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=f"{RELAY}/api/requests", status_code=201, json=CREATED)
    result = run("send", "--policy-channels", *ASK, env=ENV)
    assert 1 == result.exit_code
    assert "Nobody has got its card: its rule in the policy has no channels." in result.stderr
    assert f"`relay cancel {CREATED['id']}` withdraws it" in result.stderr


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--channel", "ops"], "--policy-channels: the policy says where the card goes"),
        (["--webhook", "https://hook.example"], "--policy-channels: the policy says where the card goes"),
        (["--offline"], "--offline: a channel is the relay's"),
    ],
)
def test_the_policy_alone_says_it_then(more: list[str], told: str) -> None:
    result = run("send", "--policy-channels", *more, *ASK, env=ENV)
    assert 2 == result.exit_code
    assert told in result.stderr


def test_what_the_environment_names_gives_way_to_a_channel(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=f"{RELAY}/api/requests", status_code=201, json=CREATED)
    result = run("send", "--channel", "ops", *ASK, env={**ENV, "RELAY_SMTP": "mail.example"})
    assert (0, "") == (result.exit_code, result.stderr)


def test_what_became_of_each_card_in_a_channel_is_told(httpx_mock: HTTPXMock) -> None:
    cards = [
        {"channel": "ops", "status": "delivered", "error": None},
        {"channel": "ops", "status": "delivered", "error": None},  # to another person
        {"channel": "qa", "status": "owed", "error": "Teams asks the relay to wait\n"},
        {"channel": "web", "status": "owed"},
    ]
    httpx_mock.add_response(status_code=201, json={**CREATED, "cards": cards})
    result = run("send", "--channel", "ops", "--channel", "qa", "--channel", "web", *ASK, env=ENV)
    assert 0 == result.exit_code
    assert f"The card is in ops.\nSent. Request {'a' * 32}\n" in result.stdout
    assert (
        "Note: the card is not in qa yet: Teams asks the relay to wait. The relay keeps trying for a day.\n"
        "Note: the card is not in web yet. The relay keeps trying for a day.\n"
    ) == result.stderr


@pytest.mark.parametrize("status", ["refused", "dead"])
def test_a_card_that_its_chat_refused_is_a_failure_that_says_how_to_withdraw(
    httpx_mock: HTTPXMock, status: str
) -> None:
    cards = [
        {"channel": "ops", "status": "delivered", "error": None},
        {"channel": "qa", "status": status, "error": "the bot may not post there"},
    ]
    httpx_mock.add_response(status_code=201, json={**CREATED, "cards": cards})
    result = run("send", "--channel", "ops", "--channel", "qa", *ASK, env=ENV)
    assert (1, "The card is in ops.\n") == (result.exit_code, result.stdout)
    told = " ".join(result.stderr.split())
    assert "The card for qa was refused: the bot may not post there." in told
    assert "`relay outbox list`" in told
    assert f"`relay cancel {'a' * 32}` withdraws it." in told


@pytest.mark.parametrize("cards", [{}, "x", [7], [{"channel": "ops"}], [{"channel": 5, "status": "owed"}]])
def test_cards_of_another_form_are_no_relays(httpx_mock: HTTPXMock, cards: object) -> None:
    httpx_mock.add_response(status_code=201, json={**CREATED, "cards": cards})
    result = run("send", "--channel", "ops", *ASK, env=ENV)
    assert 1 == result.exit_code
    assert "does not answer as a relay does" in result.stderr


def test_a_notification_is_registered_for_a_channel(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=201, json=CREATED)
    result = run(*NOTIFY, "--channel", "ops", env=ENV)
    assert (0, "Sent.\n") == (result.exit_code, result.stdout)
    (asked,) = httpx_mock.get_requests()
    assert {"repository": "octo/api", "title": "배포", "channels": ["ops"]} == json.loads(asked.content)


def test_a_request_that_nobody_could_decide_is_sent_with_a_warning(httpx_mock: HTTPXMock) -> None:
    warned = {**CREATED, "warning": "Nobody can pass stage release."}
    httpx_mock.add_response(url=f"{RELAY}/api/requests", status_code=201, json=warned)
    result = run("send", "--channel", "ops", *ASK, env=ENV)
    assert (0, "Warning: Nobody can pass stage release.\n") == (result.exit_code, result.stderr)
