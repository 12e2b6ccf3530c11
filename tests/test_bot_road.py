"""The bot's whole road: the real parts, GitHub by pytest-httpx, and a Bot Framework of ours on loopback."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from relay.core.model import Case, Delivery, Reply
from relay.core.tickets import TicketKey
from tests import approvers, bots, genuine, road
from tests.bot_framework import SECRET, BotFramework

OLD = "19:old@thread.tacv2"
FORM = {"repository": "octo/api", "event_type": "deploy-api", "environment": "production", "title": "Deploy api"}
MEMBERS = {oid: f"29:{name}" for name, oid in approvers.PEOPLE.items()}
ONLY_GITHUB = pytest.mark.httpx_mock(should_mock=lambda request: request.url.host != "127.0.0.1")
pytestmark = ONLY_GITHUB


@dataclass
class Bot:
    """A relay with a bot in two channels, and what people do there."""

    road: road.Road
    teams: BotFramework

    def send(self, made: object, **claims: Any) -> Reply:
        """Deliver an activity with a token that is genuine but for `claims`."""
        bearer = bots.token(int(time.time()), serviceurl=self.teams.service, **claims)
        return self.deliver(made, bearer)

    def deliver(self, made: object, bearer: str) -> Reply:
        channel = self.road.world.channels["teams"]
        return self.road.pipeline().click(channel, bots.delivery(made, bearer, now=time.time()))

    def by(self, person: str, made: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """Return an activity as a person causes it here."""
        who = {"id": f"29:{person}", "name": approvers.NAMES.get(person), "aadObjectId": approvers.PEOPLE.get(person)}
        return {**made, "serviceUrl": self.teams.service, "from": who, **changes}

    def press(self, person: str, verb: str, ticket: str, trigger: str = "manual", **data: Any) -> Reply:
        return self.send(self.by(person, bots.pressed(verb, trigger, ticket=ticket, **data)))

    def ask(self, *channels: str, **fields: Any) -> str:
        """Ask for an approval in channels, and return its id."""
        reply = self.road.ask({**FORM, "channels": list(channels), **fields})
        assert 201 == reply.status, reply.body
        self.road.round()
        return str(road.said(reply)["id"])

    def ticket(self, room: str = bots.CHANNEL) -> str:
        """Return the ticket that the card of a conversation carries."""
        card = self.teams.shown(room)
        if card.get("@type") == "MessageCard":
            body = card["potentialAction"][0]["actions"][0]["body"]
            return str(json.loads(body)["ticket"])
        return str(card["refresh"]["action"]["data"]["ticket"])

    def case(self, name: str) -> Case:
        return self.road.case(name)


@pytest.fixture
def bot(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[Bot]:
    with BotFramework(rooms={bots.CHANNEL: MEMBERS, OLD: MEMBERS}) as teams:
        settings = {
            "RELAY_TEAMS_APP_ID": bots.APP.upper(),
            "RELAY_TEAMS_APP_PASSWORD": SECRET,
            "RELAY_TEAMS_TENANT_ID": genuine.TENANT,
            "RELAY_TEAMS_OPENID_URL": teams.openid,
            "RELAY_ENTRA_AUTHORITY": teams.url,
        }
        with road.made(tmp_path, httpx_mock, **settings) as made:
            bot = Bot(made, teams)
            for room in (bots.CHANNEL, OLD):
                installed = bots.activity("conversationUpdate", conversation={"id": room, "tenantId": genuine.TENANT})
                assert Reply(200, {}, b"") == bot.send(bot.by("ada", installed))
            yield bot
            made.world.client().close()


def github(httpx_mock: HTTPXMock, status: int = 204) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, status_code=status, is_reusable=True)


def card(reply: Reply) -> dict[str, Any]:
    """Return the card of an answer to a press."""
    said = json.loads(reply.body)
    assert (200, 200, "application/vnd.microsoft.card.adaptive") == (reply.status, said["statusCode"], said["type"])
    value: dict[str, Any] = said["value"]
    return value


def text(made: dict[str, Any]) -> str:
    return json.dumps(made, ensure_ascii=False)


def test_a_card_is_posted_pressed_and_changed_for_everyone(bot: Bot, httpx_mock: HTTPXMock) -> None:
    github(httpx_mock)
    name = bot.ask("ops")
    shown = bot.teams.shown()
    assert ["29:ada", "29:grace", "29:haneul", "29:octocat"] == sorted(shown["refresh"]["userIds"])
    reply = bot.press("ada", "approve", bot.ticket(), comment="좋아요")
    assert "released" == reply.headers["Relay-Outcome"]
    for made in (card(reply), bot.teams.shown()):
        assert "좋아요" in text(made)
        assert "Action.Execute" not in text(made)
        assert "refresh" not in made
    assert ("approved", [f"entra:{genuine.TENANT}/{approvers.PEOPLE['ada']}"]) == (
        bot.case(name).status,
        [review.by.id for review in bot.case(name).reviews],
    )
    assert 1 == len(road.dispatched(httpx_mock))
    assert 1 == len(bot.teams.messages)
    assert 1 == len(bot.teams.tokens)


def test_a_decided_click_that_is_replayed_counts_once(bot: Bot, httpx_mock: HTTPXMock) -> None:
    github(httpx_mock)
    name = bot.ask("ops")
    press = bot.by("ada", bots.pressed("approve", ticket=bot.ticket()))
    bearer = bots.token(int(time.time()), serviceurl=bot.teams.service)
    outcomes = [bot.deliver(press, bearer).headers["Relay-Outcome"] for _ in range(3)]
    assert ["released", "already-approved", "already-approved"] == outcomes
    assert (1, 1) == (len(bot.case(name).reviews), len(road.dispatched(httpx_mock)))


def test_two_stages_are_passed_on_one_card(bot: Bot, httpx_mock: HTTPXMock) -> None:
    github(httpx_mock)
    name = bot.ask("ops", environment="staged")
    assert "counted" == bot.press("lin", "approve", bot.ticket()).headers["Relay-Outcome"]
    assert ["29:ada", "29:grace", "29:haneul", "29:octocat"] == sorted(bot.teams.shown()["refresh"]["userIds"])
    counted = bot.press("ada", "approve", bot.ticket())
    assert "1 more approval" in text(card(counted))
    assert ["29:ada"] == card(counted)["refresh"]["userIds"]
    assert "already-counted" == bot.press("ada", "approve", bot.ticket()).headers["Relay-Outcome"]
    assert "released" == bot.press("grace", "approve", bot.ticket()).headers["Relay-Outcome"]
    assert "approved" == bot.case(name).status


@pytest.mark.parametrize("verb", ["approve", "reject", "refresh"])
def test_an_automatic_refresh_shows_the_card_and_decides_nothing(bot: Bot, verb: str) -> None:
    name = bot.ask("ops")
    before = bot.case(name)
    for person in ("ada", "lin", "nobody-of-the-policy"):
        looked = bot.send(
            bot.by(person, bots.pressed(verb, "automatic", ticket=bot.ticket()))
            | {"from": {"id": f"29:{person}", "aadObjectId": approvers.PEOPLE.get(person, genuine.OBJECT)}}
        )
        assert "pending" == looked.headers["Relay-Outcome"]
        assert "Action.Execute" in text(card(looked))
    assert before == bot.case(name)


@pytest.mark.parametrize(
    ("person", "fields", "data", "code"),
    [
        ("lin", {}, {}, "not-allowed"),
        ("octocat", {"requested_by": "octocat"}, {}, "own-request"),
        ("ada", {"require_comment": True}, {}, "comment-required"),
    ],
)
def test_whose_word_does_not_count_is_told_so(
    bot: Bot, person: str, fields: dict[str, Any], data: dict[str, Any], code: str
) -> None:
    name = bot.ask("ops", **fields)
    reply = bot.press(person, "approve", bot.ticket(), **data)
    said = json.loads(reply.body)
    assert (200, code) == (reply.status, reply.headers["Relay-Outcome"])
    assert "application/vnd.microsoft.activity.message" == said["type"]
    assert () == bot.case(name).reviews


def test_a_message_card_of_the_bot_is_pressed_and_changed(bot: Bot) -> None:
    name = bot.ask("old")
    body = bot.teams.shown(OLD)["potentialAction"][1]["actions"][0]["body"]
    press = bot.by("grace", bots.executed(body.replace("{{comment.value}}", 'no "way"\n')))
    reply = bot.send(press)
    assert (200, "rejected", b"") == (reply.status, reply.headers["Relay-Outcome"], reply.body)
    assert ("rejected", 'no "way"\n') == (bot.case(name).status, bot.case(name).reviews[0].comment)
    assert "HttpPOST" not in text(bot.teams.shown(OLD))
    assert "Rejected" in text(bot.teams.shown(OLD))


def test_no_button_of_a_request_decides_on_another(bot: Bot) -> None:
    victim = road.said(bot.road.ask(FORM))
    body = json.dumps({"ticket": victim["ticket"], "verdict": "approve", "comment": ""})
    trojan = {"@type": "HttpPOST", "name": "View the logs", "target": "https://ci.example/logs", "body": body}
    bot.ask("old", environment="staged", actions=[trojan], sections=[{"title": "More", "potentialAction": [trojan]}])
    assert victim["ticket"] not in text(bot.teams.shown(OLD))
    assert 2 == text(bot.teams.shown(OLD)).count("HttpPOST")


def test_whose_card_was_deleted_is_heard_and_nothing_is_owed(bot: Bot, httpx_mock: HTTPXMock) -> None:
    github(httpx_mock)
    name = bot.ask("ops")
    ticket = bot.ticket()
    bot.teams.messages.clear()
    assert "released" == bot.press("ada", "approve", ticket).headers["Relay-Outcome"]
    bot.road.round()
    assert {"delivered"} == {debt.status for debt in bot.case(name).debts}
    assert 0 == sum(row.parked for row in bot.road.world.store.rows())


@pytest.mark.parametrize(("card", "verb"), [("adaptive", "approve"), ("adaptive", "refresh"), ("messagecard", "")])
def test_who_is_proven_and_has_a_ticket_of_another_relay_is_told_so(bot: Bot, card: str, verb: str) -> None:
    other = road.ticket(road.offline(), key=TicketKey("k9", b"x" * 32))
    body = json.dumps({"ticket": other, "verdict": "approve", "comment": ""})
    made = bots.executed(body) if card == "messagecard" else bots.pressed(verb, ticket=other)
    reply = bot.send(bot.by("ada", made))
    assert (200, "not-genuine") == (reply.status, reply.headers["Relay-Outcome"])
    assert ("the card is not of this relay" in reply.body.decode()) == (card == "adaptive")


def test_a_messagecards_press_that_is_refused_is_answered_by_nothing(bot: Bot) -> None:
    bot.ask("old")
    body = bot.teams.shown(OLD)["potentialAction"][0]["actions"][0]["body"]
    for person, pressed in (("lin", body), ("ada", "x")):
        reply = bot.send(bot.by(person, bots.executed(pressed)))
        assert (200, b"") == (reply.status, reply.body)


def test_one_request_in_two_channels_is_one_case(bot: Bot, httpx_mock: HTTPXMock) -> None:
    github(httpx_mock)
    name = bot.ask("ops", "old")
    assert "released" == bot.press("ada", "approve", bot.ticket()).headers["Relay-Outcome"]
    bot.road.round()
    for room in (bots.CHANNEL, OLD):
        assert "Approved" in text(bot.teams.shown(room))
    assert 1 == len(bot.case(name).reviews)


def test_while_teams_is_away_the_press_counts_and_the_card_follows(bot: Bot, httpx_mock: HTTPXMock) -> None:
    github(httpx_mock)
    name = bot.ask("ops")
    bot.teams.next_answers = [(503, {}, b"")]
    assert "released" == bot.press("ada", "approve", bot.ticket()).headers["Relay-Outcome"]
    assert "Action.Execute" in text(bot.teams.shown())
    bot.road.ahead = 600
    bot.road.round()
    assert "Action.Execute" not in text(bot.teams.shown())
    assert "approved" == bot.case(name).status


def spoiled(bot: Bot) -> list[tuple[str, Reply]]:
    """Return the answers to a genuine press that was spoiled in one thing each."""
    ticket, now = bot.ticket(), int(time.time())
    press = bot.by("ada", bots.pressed("approve", ticket=ticket))
    foreign = "https://evil.example/teams/"
    other = genuine.sign(genuine.header(), bots.claims(now, serviceurl=bot.teams.service), genuine.foreign_key())
    unendorsed = genuine.sign(
        genuine.header(kid="directline"), bots.claims(now, serviceurl=bot.teams.service), genuine.foreign_key()
    )
    direct_line = {**press, "channelId": "directline"}
    return [
        ("issuer", bot.send(press, iss="https://api.botframework.us")),
        ("issuer of a person's token", bot.deliver(press, genuine.token(road.claims("ada")))),
        ("audience", bot.send(press, aud=genuine.CALLER)),
        ("ended", bot.send(press, exp=now - 301)),
        ("not begun", bot.send(press, nbf=now + 302)),
        ("signature", bot.deliver(press, other)),
        ("key of Direct Line", bot.deliver(press, unendorsed)),
        ("no service", bot.send({**press, "serviceUrl": None})),
        ("another service", bot.send({**press, "serviceUrl": foreign})),
        ("a foreign service", bot.deliver({**press, "serviceUrl": foreign}, bots.token(now, serviceurl=foreign))),
        ("Direct Line in Teams' clothes", bot.send(direct_line)),
        ("another tenant", bot.send({**press, "channelData": {"tenant": {"id": genuine.OTHER_TENANT}}})),
        ("nobody", bot.send({**press, "from": {"id": "29:ada", "name": "Ada"}})),
        ("a mail address", bot.send({**press, "from": {"aadObjectId": "ada@contoso.example"}})),
    ]


def test_a_press_that_is_not_genuine_is_told_nothing_and_records_nothing(bot: Bot) -> None:
    endorsed = genuine.jwk(endorsements=["msteams"])
    bot.teams.keys[:] = [
        endorsed,
        genuine.jwk(genuine.foreign_key().public_key(), "directline", endorsements=["directline"]),
    ]
    name = bot.ask("ops")
    before = bot.case(name)
    for what, reply in spoiled(bot):
        assert (what, 401, b"") == (what, reply.status, reply.body)
    assert before == bot.case(name)


def test_whoever_writes_to_the_bot_is_answered_and_the_place_is_known(bot: Bot) -> None:
    asked = bots.activity("message", text="help")
    assert Reply(200, {}, b"") == bot.send(bot.by("ada", asked))
    ((thread, _), said), *others = bot.teams.messages.items()
    assert (asked["conversation"]["id"], []) == (thread, others)
    assert f'place = "{bots.CHANNEL}"' in said["text"]


@pytest.mark.parametrize("status", [403, 503])
def test_a_help_that_cannot_be_posted_is_logged_and_not_owed(
    bot: Bot, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    bot.teams.next_answers = [(status, {}, {"error": {"code": "x", "message": "secret"}})]
    assert Reply(200, {}, b"") == bot.send(bot.by("ada", bots.activity("message", text="help")))
    assert ("an answer in teams was not posted", {}) == (caplog.messages[-1].partition(":")[0], bot.teams.messages)
    assert "secret" not in caplog.text
    assert 0 == bot.road.recorded()["due"]


def test_without_a_bot_nothing_is_genuine(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    with road.made(tmp_path, httpx_mock) as made:
        channel = made.world.channels["teams"]
        press = Delivery("teams", {"authorization": f"Bearer {bots.token()}"}, b"{}", time.time())
        assert Reply(401, {"Relay-Outcome": "not-genuine"}, b"") == made.pipeline().click(channel, press)


def test_a_cold_click_on_another_chat_does_not_import_the_bot() -> None:
    code = (
        "import sys, relay.triggers, relay.channels as channels\n"
        "channels.CHANNELS['messagecard'].refuse('busy')\n"
        "found = {'relay.channels.teams.clicks', 'relay.channels.teams.card', 'relay.adapters.teams_connector'}\n"
        "sys.exit(bool(found & set(sys.modules)))\n"
    )
    assert 0 == subprocess.run([sys.executable, "-c", code], cwd=road.ROOT, check=False, timeout=60).returncode
