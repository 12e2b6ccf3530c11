"""The bot's token: one for many, renewed in time, and the operator's to mend where there is none."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from relay.chats.teams import token as teams_token
from relay.chats.teams.token import BotToken
from relay.model.debts import Delivered, Outcome, RetryAfter
from tests.chats.teams.connector import START, Here, card, refused
from tests.support import entra_tokens
from tests.support.bot_framework import SECRET, Said
from tests.support.loopback_server import Loopback, stalls


def test_one_token_serves_many(here: Here) -> None:
    with ThreadPoolExecutor(10) as pool:
        outcomes = [each.result()[1] for each in [pool.submit(here.post) for _ in range(30)]]
    assert {Delivered()} == set(outcomes)
    assert ["token-0"] == here.teams.tokens


def test_a_token_is_renewed_five_minutes_before_its_end(here: Here) -> None:
    here.post()
    here.clock.now += 3_600 - teams_token.RENEW_BEFORE - 1
    here.post()
    assert 1 == len(here.teams.tokens)
    here.clock.now += 1
    here.post()
    assert 2 == len(here.teams.tokens)


def test_a_token_that_would_end_at_once_is_used_once(here: Here) -> None:
    here.teams.lasts = -5
    here.post()
    assert Delivered() == here.post()[1]
    assert 2 == len(here.teams.tokens)


def test_a_token_that_teams_takes_no_more_is_forgotten(here: Here) -> None:
    name, _ = here.post()
    here.teams.tokens.append("the next one")
    here.clock.now += 1
    assert RetryAfter("it took the bot's token no more") == here.update(name)
    assert Delivered() == here.update(name)


def test_a_new_token_that_teams_does_not_take_is_the_operators(here: Here) -> None:
    here.teams.next_answers = [(401, {}, {"message": "no"})]
    name, outcome = here.post()
    assert ("", "Teams does not take the bot's token") == (name, refused(outcome).phrase)
    assert "RELAY_TEAMS_TENANT_ID" in refused(outcome).cure


def test_a_token_that_was_never_taken_is_the_operators_though_the_members_were_asked_for_with_it(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_arguments: object) -> Said:
        here.clock.now += 1
        return 401, {}, {"message": "Authorization has been denied for this request."}

    monkeypatch.setattr(here.teams, "_connector", denied)
    assert "Teams does not take the bot's token" == refused(here.post(card(entra_tokens.OBJECT))[1]).phrase


def test_a_token_that_another_forgot_may_fare_better(here: Here) -> None:
    token = BotToken(lambda: here.client, here.clock, url="", app_id="", password="", scope="")
    assert token.outdated("whatever", START)


@pytest.mark.parametrize(
    ("answer", "cure"),
    [
        (
            (401, {}, {"error_description": "AADSTS7000215: Invalid client secret."}),
            "RELAY_TEAMS_APP_PASSWORD",
        ),
        ((401, {}, {"error_description": "AADSTS7000222: it has expired"}), "RELAY_TEAMS_APP_PASSWORD"),
        ((400, {}, {"error_description": "AADSTS700016: Application not found"}), "RELAY_TEAMS_TENANT_ID"),
        ((400, {}, {"error_description": "AADSTS90002: Tenant not found"}), "RELAY_TEAMS_TENANT_ID"),
        ((401, {}, {"error": "invalid_client"}), "RELAY_TEAMS_APP_PASSWORD"),
        ((400, {}, {"error": "unauthorized_client"}), "RELAY_TEAMS_APP_ID"),
        ((200, {}, b"<html>"), "RELAY_ENTRA_AUTHORITY"),
        ((200, {}, []), "RELAY_ENTRA_AUTHORITY"),
        ((200, {}, {"access_token": "t", "expires_in": "3600"}), "RELAY_ENTRA_AUTHORITY"),
        ((200, {}, {"access_token": "t t", "expires_in": 3600}), "RELAY_ENTRA_AUTHORITY"),
        ((200, {}, {"access_token": 5, "expires_in": 3600}), "RELAY_ENTRA_AUTHORITY"),
    ],
)
def test_a_token_that_is_refused_is_the_operators(here: Here, answer: Said, cure: str) -> None:
    here.teams.next_tokens = [answer]
    outcome = refused(here.post()[1])
    assert "the bot has no credential" == outcome.phrase
    assert cure in outcome.cure
    assert SECRET not in outcome.cure
    assert [] == here.teams.called("POST", "/activities")


def test_a_wrong_password_is_told_by_its_name(here: Here) -> None:
    here.password = "wrong"
    here.connector = here.connect()
    assert "(Microsoft Entra says AADSTS7000215)" in refused(here.post()[1]).cure


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((503, {"Retry-After": "7"}, b""), RetryAfter("Microsoft Entra answers 503", 7)),
        ((429, {}, b""), RetryAfter("Microsoft Entra answers 429")),
        (
            (400, {}, {"error": "temporarily_unavailable", "error_description": "AADSTS90033: A transient error."}),
            RetryAfter("the bot has no credential: Microsoft Entra says AADSTS90033"),
        ),
        ((400, {}, {"error": ["x"]}), RetryAfter("the bot has no credential: Microsoft Entra answers 400")),
        ((404, {}, b"<html>"), RetryAfter("the bot has no credential: Microsoft Entra answers 404")),
        (
            (302, {"Location": "https://evil.example/"}, b""),
            RetryAfter("the bot has no credential: Microsoft Entra answers 302"),
        ),
    ],
)
def test_where_entra_gives_no_token_just_now_the_card_waits(here: Here, answer: Said, expected: Outcome) -> None:
    here.teams.next_tokens = [answer]
    assert ("", expected) == here.post()
    assert Delivered() == here.post()[1]


def test_where_entra_is_away_the_card_waits(here: Here) -> None:
    here.connector = here.connect("http://127.0.0.1:9/t/oauth2/v2.0/token")
    assert ("", RetryAfter("Microsoft Entra does not answer")) == here.post()


def test_nobody_waits_for_a_token_longer_than_they_have(here: Here) -> None:
    with Loopback(stalls()) as slow:
        token = BotToken(lambda: here.client, here.clock, url=slow.url, app_id="", password="", scope="")
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(expect_no_token, token, START + 0.5)
            assert slow.asked.wait(60)
            assert "in time" in expect_no_token(token, START)
            assert "does not answer" in first.result()


def expect_no_token(token: BotToken, deadline: float) -> str:
    with pytest.raises(teams_token.NoToken) as raised:
        token.token(deadline)
    return raised.value.what
