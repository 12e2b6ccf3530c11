"""A genuine press that is spoiled in one thing is told nothing, and records nothing."""

import json
import time
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from relay.model.delivery import Delivery, Reply
from relay.signed.tickets import TicketKey
from tests.chats.teams.road.bot import ONLY_GITHUB, Bot
from tests.support import clicks, entra_tokens, road, teams_activities

pytestmark = ONLY_GITHUB


@pytest.mark.parametrize(("card", "verb"), [("adaptive", "approve"), ("adaptive", "refresh"), ("messagecard", "")])
def test_who_is_proven_and_has_a_ticket_of_another_relay_is_told_so(bot: Bot, card: str, verb: str) -> None:
    other = road.ticket(road.offline(), key=TicketKey("k9", b"x" * 32))
    body = json.dumps({"ticket": other, "verdict": "approve", "comment": ""})
    made = teams_activities.executed(body) if card == "messagecard" else teams_activities.pressed(verb, ticket=other)
    reply = bot.send(bot.by("ada", made))
    assert (200, "not-genuine") == (reply.status, reply.headers["Relay-Outcome"])
    assert ("the card is not of this relay" in reply.body.decode()) == (card == "adaptive")


def spoiled(bot: Bot) -> list[tuple[str, Reply]]:
    """Return the answers to a genuine press that was spoiled in one thing each."""
    ticket, now = bot.ticket(), int(time.time())
    press = bot.by("ada", teams_activities.pressed("approve", ticket=ticket))
    foreign = "https://evil.example/teams/"
    other = entra_tokens.sign(
        entra_tokens.header(), teams_activities.claims(now, serviceurl=bot.teams.service), entra_tokens.foreign_key()
    )
    unendorsed = entra_tokens.sign(
        entra_tokens.header(kid="directline"),
        teams_activities.claims(now, serviceurl=bot.teams.service),
        entra_tokens.foreign_key(),
    )
    direct_line = {**press, "channelId": "directline"}
    return [
        ("issuer", bot.send(press, iss="https://api.botframework.us")),
        ("issuer of a person's token", bot.deliver(press, entra_tokens.token(clicks.claims("ada")))),
        ("audience", bot.send(press, aud=entra_tokens.CALLER)),
        ("ended", bot.send(press, exp=now - 301)),
        ("not begun", bot.send(press, nbf=now + 302)),
        ("signature", bot.deliver(press, other)),
        ("key of Direct Line", bot.deliver(press, unendorsed)),
        ("no service", bot.send({**press, "serviceUrl": None})),
        ("another service", bot.send({**press, "serviceUrl": foreign})),
        (
            "a foreign service",
            bot.deliver({**press, "serviceUrl": foreign}, teams_activities.token(now, serviceurl=foreign)),
        ),
        ("Direct Line in Teams' clothes", bot.send(direct_line)),
    ]


def test_a_press_that_is_not_genuine_is_told_nothing_and_records_nothing(bot: Bot) -> None:
    endorsed = entra_tokens.jwk(endorsements=["msteams"])
    bot.teams.keys[:] = [
        endorsed,
        entra_tokens.jwk(entra_tokens.foreign_key().public_key(), "directline", endorsements=["directline"]),
    ]
    name = bot.ask("ops")
    before = bot.case(name)
    for what, reply in spoiled(bot):
        assert (what, 401, b"") == (what, reply.status, reply.body)
    assert before == bot.case(name)


def test_without_a_bot_nothing_is_genuine(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    with road.made(tmp_path, httpx_mock) as made:
        channel = made.world.channels["teams"]
        press = Delivery("teams", {"authorization": f"Bearer {teams_activities.token()}"}, b"{}", time.time())
        assert Reply(401, {"Relay-Outcome": "not-genuine"}, b"") == made.presses().answer(channel, press)


UNLISTED: list[tuple[str, dict[str, object]]] = [
    ("takes no decisions from your organization", {"channelData": {"tenant": {"id": entra_tokens.OTHER_TENANT}}}),
    ("names no work account for you", {"from": {"id": "29:ada", "name": "Ada"}}),
    ("names no work account for you", {"from": {"aadObjectId": "ada@contoso.example"}}),
]


@pytest.mark.parametrize(("words", "spoiled"), UNLISTED)
def test_a_person_without_a_work_account_or_of_an_unlisted_tenant_gets_a_sentence(
    bot: Bot, words: str, spoiled: dict[str, object]
) -> None:
    name = bot.ask("ops")
    before = bot.case(name)
    reply = bot.send({**bot.by("ada", teams_activities.pressed("approve", ticket=bot.ticket())), **spoiled})
    assert (200, "not-genuine") == (reply.status, reply.headers["Relay-Outcome"])
    told = json.loads(reply.body)
    assert (200, "application/vnd.microsoft.activity.message") == (told["statusCode"], told["type"])
    assert words in told["value"]
    executed = bot.send({**bot.by("ada", teams_activities.executed("{}")), **spoiled})
    assert (200, b"") == (executed.status, executed.body)
    message = bot.send({**bot.by("ada", teams_activities.executed("{}")), **UNLISTED[0][1], "type": "message"})
    assert (401, b"") == (message.status, message.body)
    assert before == bot.case(name)
