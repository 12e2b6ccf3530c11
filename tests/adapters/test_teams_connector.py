import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from relay.adapters import teams_connector, teams_roster, teams_token
from relay.adapters.http_client import Client, make_client
from relay.adapters.teams_connector import TeamsConnector
from relay.adapters.teams_token import BotToken
from relay.core.bot_clouds import Cloud, cloud_of
from relay.core.model import Delivered, Outcome, Place, Refused, RetryAfter
from tests import bots, genuine
from tests.adapters.loopback import Loopback, stalls
from tests.bot_framework import SECRET, BotFramework, Said

START = 1_790_000_000.0
TEXT = {"type": "message", "text": "hello"}
ROOM = bots.CHANNEL


@dataclass
class Clock:
    now: float = START

    def __call__(self) -> float:
        return self.now


@dataclass
class Known:
    """The places that were made known."""

    places: dict[str, Place] = field(default_factory=dict)

    def place(self, kind: str, id: str) -> Place | None:  # noqa: A002 - the field's name
        assert "teams" == kind
        return self.places.get(id)


@dataclass
class Here:
    """A connector, what it talks to, and the time of both."""

    teams: BotFramework
    client: Client
    clock: Clock = field(default_factory=Clock)
    known: Known = field(default_factory=Known)
    password: str = SECRET
    cloud: Cloud | None = None

    def __post_init__(self) -> None:
        self.known.places[ROOM] = Place("teams", ROOM, self.teams.service, genuine.TENANT, "Operations")
        self.connector = self.connect()

    def connect(self, token_url: str = "") -> TeamsConnector:
        cloud = self.cloud or cloud_of(self.teams.openid)
        token = BotToken(
            lambda: self.client,
            self.clock,
            url=token_url or self.teams.token_url,
            app_id=bots.APP,
            password=self.password,
            scope=cloud.scope,
        )
        return TeamsConnector(lambda: self.client, self.clock, cloud=cloud, token=token, places=self.known)

    def post(self, message: dict[str, Any] | None = None, room: str = ROOM, within: float = 5.0) -> tuple[str, Outcome]:
        return self.connector.post(room, message or TEXT, deadline=self.clock() + within)

    def update(self, name: str, message: dict[str, Any] | None = None, within: float = 5.0) -> Outcome:
        return self.connector.update(ROOM, name, message or TEXT, deadline=self.clock() + within)


@pytest.fixture
def here() -> Iterator[Here]:
    with BotFramework() as teams, make_client() as client:
        yield Here(teams, client)


def card(*users: str) -> dict[str, Any]:
    refresh = {"action": {"type": "Action.Execute", "verb": "refresh"}, "userIds": list(users)}
    content = {"type": "AdaptiveCard", "version": "1.4", "body": [], "refresh": refresh}
    return {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": content}],
    }


# Posting and changing


def test_a_message_is_posted_and_can_be_changed(here: Here) -> None:
    name, outcome = here.post({"type": "message", "text": "안녕 \ud800"})
    assert Delivered() == outcome
    assert "안녕 ?" == here.teams.messages[ROOM, name]["text"]
    assert Delivered() == here.update(name, {"type": "message", "text": "later"})
    assert {(ROOM, name): {"type": "message", "text": "later"}} == here.teams.messages


def test_ids_are_escaped_in_the_address(here: Here) -> None:
    here.teams.rooms["19:a/../b"] = {}
    here.known.places["19:a/../b"] = here.known.places[ROOM]
    name, outcome = here.post(room="19:a/../b")
    assert Delivered() == outcome
    assert "/teams/v3/conversations/19%3Aa%2F..%2Fb/activities" == here.teams.calls[-1].path
    here.teams.messages[ROOM, "a/b"] = {}
    assert Delivered() == here.update("a/b")
    assert here.teams.calls[-1].path.endswith("/activities/a%2Fb")
    assert name


def test_a_thread_belongs_to_the_place_of_its_channel(here: Here) -> None:
    thread = f"{ROOM};messageid=1700000000000"
    assert Delivered() == here.post(room=thread)[1]
    assert [(thread, next(iter(here.teams.messages))[1])] == list(here.teams.messages)


def test_a_place_that_was_never_heard_from_is_sought_at_the_clouds_own_service(here: Here) -> None:
    here.known.places.clear()
    assert ("", Refused("the bot was never heard from there", "write to the bot in that conversation, and replay")) == (
        here.post()
    )
    assert isinstance(here.update("1"), Refused)
    here.cloud = Cloud("i", "https://api.botframework.com/.default", "t", frozenset(), here.teams.service, local=True)
    here.connector = here.connect()
    assert Delivered() == here.post()[1]


def test_a_service_that_is_no_longer_one_of_teams_gets_no_token(here: Here) -> None:
    here.known.places[ROOM] = Place("teams", ROOM, "https://evil.example/", genuine.TENANT, "")
    assert "the bot was never heard from there" == refused(here.post()[1]).phrase
    assert [] == here.teams.calls


# The token


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
    assert "Teams does not take the bot's token" == refused(here.post(card(genuine.OBJECT))[1]).phrase


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
            while not slow.requests:
                slow.over.wait(0.01)
            assert "in time" in expect_no_token(token, START)
            assert "does not answer" in first.result()


def expect_no_token(token: BotToken, deadline: float) -> str:
    with pytest.raises(teams_token.NoToken) as raised:
        token.token(deadline)
    return raised.value.what


# What Teams answers


@pytest.mark.parametrize(
    ("answer", "phrase", "cure"),
    [
        ((400, {}, {"error": {"code": "BadSyntax"}}), "Teams finds the card invalid", "(Teams says BadSyntax)"),
        ((403, {}, {"error": {"code": "BotDisabledByAdmin"}}), "the bot may not post there", "BotDisabledByAdmin"),
        ((403, {}, {"error": {"code": "<b>"}}), "the bot may not post there", "add the relay's app"),
        ((403, {}, {"error": "no"}), "the bot may not post there", "add the relay's app"),
        ((403, {}, b"<html>"), "the bot may not post there", "add the relay's app"),
        ((413, {}, b""), "the card is too large for Teams", "shorten"),
        ((418, {}, b""), "what answered is not Teams", "between"),
        ((301, {"Location": "https://evil.example/"}, b""), "what answered is not Teams", "between"),
    ],
)
def test_what_will_not_pass_is_refused_with_its_cure(here: Here, answer: Said, phrase: str, cure: str) -> None:
    attempts: list[Callable[[], Outcome]] = [lambda: here.post()[1], lambda: here.update("1")]
    for attempt in attempts:
        here.teams.next_answers = [answer]
        outcome = refused(attempt())
        assert phrase == outcome.phrase
        assert cure in outcome.cure
        assert "<b>" not in outcome.cure


@pytest.mark.parametrize(
    ("answer", "seconds"), [((429, {"Retry-After": "12"}, b""), 12.0), ((429, {}, b""), 0.0), ((412, {}, b""), 0.0)]
)
def test_where_teams_asks_to_wait_the_card_waits(here: Here, answer: Said, seconds: float) -> None:
    attempts: list[Callable[[], Outcome]] = [lambda: here.post()[1], lambda: here.update("1")]
    for attempt in attempts:
        here.teams.next_answers = [answer]
        assert RetryAfter("Teams asks the relay to wait", seconds) == attempt()


def test_an_error_of_teams_may_have_posted_and_does_no_harm_to_a_change(here: Here) -> None:
    here.teams.next_answers = [(502, {"Retry-After": "3"}, b""), (502, {}, b"")]
    assert ("", RetryAfter("Teams answers with error 502", 3, ambiguous=True)) == here.post()
    assert RetryAfter("Teams answers with error 502") == here.update("1")


@pytest.mark.parametrize("said", [{"error": {"code": "ActivityNotFoundInConversation"}}, [], b"<html>"])
def test_a_card_that_somebody_deleted_needs_no_change_and_a_place_that_is_not_is_refused(
    here: Here, said: object
) -> None:
    here.teams.next_answers = [(404, {}, said), (404, {}, said)]
    assert Delivered(note="somebody deleted the card") == here.update("1")
    name, outcome = here.post()
    assert ("", "there is no such conversation") == (name, refused(outcome).phrase)
    assert "correct the channel's place in the policy" in refused(outcome).cure


def test_a_message_without_a_name_was_taken_by_somebody_else(here: Here) -> None:
    unnamed: list[object] = [b"", {}, {"id": 5}, {"id": "a b"}, []]
    for said in unnamed:
        here.teams.next_answers = [(200, {}, said)]
        name, outcome = here.post()
        assert ("", "what answered is not Teams") == (name, refused(outcome).phrase)
    here.teams.next_answers = [(200, {}, b"")]
    assert Delivered() == here.update("1")


def test_silence_may_have_posted_and_does_no_harm_to_a_change(here: Here) -> None:
    with Loopback(stalls(), stalls()) as slow:
        here.post()
        here.known.places[ROOM] = Place("teams", ROOM, slow.url, genuine.TENANT, "")
        assert ("", RetryAfter("Teams did not answer in time", ambiguous=True)) == here.post(within=0.3)
    with Loopback(stalls()) as slow:
        here.known.places[ROOM] = Place("teams", ROOM, slow.url, genuine.TENANT, "")
        assert RetryAfter("Teams did not answer in time") == here.update("1", within=0.3)


def test_what_never_left_was_not_posted(here: Here) -> None:
    here.post()
    here.known.places[ROOM] = Place("teams", ROOM, "http://127.0.0.1:9", genuine.TENANT, "")
    assert ("", RetryAfter("Teams cannot be reached")) == here.post()


def test_without_time_nothing_is_begun(here: Here) -> None:
    here.post()
    before = len(here.teams.calls)
    assert ("", RetryAfter("no time was left to ask it", tried=False)) == here.post(within=0.1)
    assert before == len(here.teams.calls)
    assert 0.1 < teams_connector.LEAST_TIME


# For whom a card refreshes by itself


def users(here: Here) -> list[str] | None:
    found: list[str] | None = here.teams.shown()["refresh"].get("userIds")
    return found


def test_a_card_refreshes_for_the_conversations_own_ids(here: Here) -> None:
    name, outcome = here.post(card(genuine.OBJECT.upper(), "aaaaaaaa-0000-4000-8000-000000000009"))
    assert Delivered() == outcome
    assert [bots.PERSON] == users(here)
    here.update(name, card(genuine.OBJECT))
    assert 1 == len(here.teams.called("GET", "pagedmembers"))
    here.clock.now += teams_roster.KEPT_FOR
    here.update(name, card(genuine.OBJECT))
    assert 2 == len(here.teams.called("GET", "pagedmembers"))


def test_where_no_approver_is_a_member_it_refreshes_as_teams_sees_fit(here: Here) -> None:
    here.post(card("aaaaaaaa-0000-4000-8000-000000000009"))
    assert users(here) is None


def asked(here: Here) -> int:
    """Return how often the members were asked for."""
    return len(here.teams.called("GET", "pagedmembers"))


def test_a_large_conversation_is_read_until_the_approvers_are_found(here: Here) -> None:
    here.teams.page_size = 2
    here.teams.rooms[ROOM] = {f"aaaaaaaa-0000-4000-8000-00000000000{n}": f"29:{n}" for n in range(9)}
    people = [*here.teams.rooms[ROOM]]
    name, _ = here.post(card(people[5], people[0]))
    assert (["29:5", "29:0"], 3) == (users(here), asked(here))
    here.update(name, card(people[4]))
    assert (["29:4"], 3) == (users(here), asked(here))
    here.update(name, card(people[8]))
    assert (["29:8"], 8) == (users(here), asked(here))


def test_no_conversation_is_read_for_ever(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    endless: Said = (200, {}, {"members": [], "continuationToken": "again"})
    monkeypatch.setattr(here.teams, "_members", lambda *_arguments: endless)
    assert Delivered() == here.post(card(genuine.OBJECT))[1]
    assert teams_roster.PAGES == asked(here)


def test_who_is_no_member_is_sought_again_after_some_minutes(here: Here) -> None:
    person = "aaaaaaaa-0000-4000-8000-000000000009"
    name, _ = here.post(card(person, genuine.OBJECT))
    here.teams.rooms[ROOM][person] = "29:new"
    here.clock.now += teams_roster.ABSENT_FOR - 1
    here.update(name, card(person, genuine.OBJECT))
    assert ([bots.PERSON], 1) == (users(here), asked(here))
    here.clock.now += 1
    here.update(name, card(person, genuine.OBJECT))
    assert (["29:new", bots.PERSON], 2) == (users(here), asked(here))


@pytest.mark.parametrize(
    "answer",
    [
        (503, {}, b""),
        (200, {}, b"<html>"),
        (200, {}, []),
        (200, {}, {"members": ["x", {"objectId": 5}]}),
    ],
)
def test_where_the_members_cannot_be_had_the_card_goes_without(
    here: Here, monkeypatch: pytest.MonkeyPatch, answer: Said
) -> None:
    monkeypatch.setattr(here.teams, "_members", lambda *_arguments: answer)
    assert Delivered() == here.post(card(genuine.OBJECT))[1]
    assert users(here) is None
    monkeypatch.undo()
    here.post(card(genuine.OBJECT))
    assert 1 == asked(here)
    here.clock.now += teams_roster.ABSENT_FOR
    here.teams.messages.clear()
    here.post(card(genuine.OBJECT))
    assert ([bots.PERSON], 2) == (users(here), asked(here))


def test_without_a_token_nobody_is_asked_who_is_there(here: Here) -> None:
    here.teams.next_tokens = [(503, {}, b""), (503, {}, b"")]
    assert ("", RetryAfter("Microsoft Entra answers 503")) == here.post(card(genuine.OBJECT))
    assert Delivered() == here.post(card(genuine.OBJECT))[1]
    assert [bots.PERSON] == users(here)


@pytest.mark.parametrize(
    "attachments", [None, "x", [{"content": "x"}], [{"content": {"refresh": 5}}], [{"content": {}}]]
)
def test_a_message_without_such_a_card_goes_as_it_is(attachments: object) -> None:
    message = {"type": "message", "attachments": attachments}
    assert message == teams_roster.with_own_ids(message, never)


def never(_people: object) -> dict[str, str]:
    raise AssertionError("nobody needs the members")


def refused(outcome: Outcome) -> Refused:
    assert isinstance(outcome, Refused)
    return outcome


def test_what_is_sent_is_json_with_the_token_and_nothing_else(here: Here) -> None:
    here.post()
    (call,) = here.teams.called("POST", "/activities")
    assert "Bearer token-0" == call.headers["authorization"]
    assert "application/json; charset=utf-8" == call.headers["content-type"]
    assert TEXT == json.loads(call.body)


def test_a_redirect_is_not_followed_and_the_token_stays(here: Here) -> None:
    here.teams.next_answers = [(307, {"Location": "https://evil.example/"}, b"")]
    assert isinstance(here.post()[1], Refused)
    assert 1 == len(here.teams.called("POST", "/activities"))
