"""The Bot Framework that is played: who gets a token, what the connector takes, and the keys that the relay fetches."""

import json
from collections.abc import Mapping
from typing import Any

import httpx
import jwt
import pytest

from relay.app import relay as running_relay
from relay.dev.simulator.connector import MAX_MESSAGE
from relay.settings import Settings
from tests.dev.simulator.here import Here, ask_in, state

SCOPE = "https://api.botframework.com/.default"
CARD: dict[str, Any] = {"type": "AdaptiveCard", "version": "1.4", "body": [{"type": "TextBlock", "text": "Hello"}]}
ADAPTIVE = "application/vnd.microsoft.card.adaptive"
CLASSIC = "application/vnd.microsoft.teams.card.o365connector"


@pytest.fixture
def settings(page: httpx.Client) -> Settings:
    state(page)
    return running_relay().settings


def credentials(settings: Settings, **changes: str) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_id": settings.chats["teams"].app_id,
        "client_secret": settings.chats["teams"].app_password,
        "scope": SCOPE,
        **changes,
    }


def token_url(settings: Settings, tenant: str = "") -> str:
    return f"{settings.entra_authority}/{tenant or settings.chats['teams'].tenant_id}/oauth2/v2.0/token"


def token(settings: Settings) -> str:
    answer = httpx.post(token_url(settings), data=credentials(settings), trust_env=False)
    assert 200 == answer.status_code, answer.text
    return str(answer.json()["access_token"])


def message(content: object = CARD, kind: str = ADAPTIVE, **changes: object) -> dict[str, object]:
    return {"type": "message", "attachments": [{"contentType": kind, "content": content}], **changes}


def conversation(simulator: Here, place: str = "") -> str:
    place = place or running_relay().policy.channels["releases"].place
    return f"{simulator.origin}/simulator/teams/v3/conversations/{place}"


def sent(simulator: Here, settings: Settings, method: str, rest: str, body: object = None, place: str = "") -> Any:
    return httpx.request(
        method,
        conversation(simulator, place) + rest,
        headers={"Authorization": f"Bearer {token(settings)}"},
        content=body if isinstance(body, bytes) else json.dumps(body),
        trust_env=False,
    )


def test_the_grant_is_a_token_for_the_bot_framework_alone(settings: Settings) -> None:
    answer = httpx.post(token_url(settings), data=credentials(settings), trust_env=False).json()
    assert ("Bearer", 3600) == (answer["token_type"], answer["expires_in"])
    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert ("https://api.botframework.com", settings.chats["teams"].app_id) == (claims["aud"], claims["appid"])


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"client_id": "00000000-0000-4000-8000-000000000000"}, 400, "unauthorized_client"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"scope": "https://graph.microsoft.com/.default"}, 400, "invalid_scope"),
    ],
)
def test_who_has_not_all_of_the_credentials_gets_no_token(
    settings: Settings, changes: Mapping[str, str], status: int, error: str
) -> None:
    answer = httpx.post(token_url(settings), data=credentials(settings, **changes), trust_env=False)
    assert (status, error) == (answer.status_code, answer.json()["error"])
    assert settings.chats["teams"].app_password not in answer.text


def test_another_tenant_or_form_or_address_gives_none(settings: Settings) -> None:
    other = httpx.post(token_url(settings, "botframework.com"), data=credentials(settings), trust_env=False)
    assert (400, "unauthorized_client") == (other.status_code, other.json()["error"])
    as_json = httpx.post(token_url(settings), json=credentials(settings), trust_env=False)
    assert (400, "invalid_request") == (as_json.status_code, as_json.json()["error"])
    assert 404 == httpx.get(token_url(settings), trust_env=False).status_code


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer x", "Basic x", "Bearer a.b.c"])
def test_without_such_a_token_nothing_is_posted(simulator: Here, page: httpx.Client, authorization: str) -> None:
    before = state(page)["cards"]
    headers = {"Authorization": authorization}
    answer = httpx.post(conversation(simulator) + "/activities", json=message(), headers=headers, trust_env=False)
    assert 401 == answer.status_code
    assert before == state(page)["cards"]


def test_a_persons_token_does_not_post(simulator: Here, settings: Settings) -> None:
    person = simulator.simulator._chats._entra.token(simulator.simulator._people[0])
    headers = {"Authorization": f"Bearer {person}"}
    answer = httpx.post(conversation(simulator) + "/activities", json=message(), headers=headers, trust_env=False)
    assert 401 == answer.status_code


def test_an_activity_is_posted_and_changed(simulator: Here, settings: Settings, page: httpx.Client) -> None:
    made = sent(simulator, settings, "POST", "/activities", message())
    assert 201 == made.status_code
    name = made.json()["id"]
    card = state(page)["cards"][0]
    assert ("Hello", 0) == (card["title"], card["edition"])
    other = {**CARD, "body": [{"type": "TextBlock", "text": "Changed"}]}
    assert 200 == sent(simulator, settings, "PUT", f"/activities/{name}", message(other)).status_code
    card = state(page)["cards"][0]
    assert (other, 1) == (card["card"], card["edition"])


def test_a_text_is_a_message_and_a_message_card_too(simulator: Here, settings: Settings, page: httpx.Client) -> None:
    assert 201 == sent(simulator, settings, "POST", "/activities", {"type": "message", "text": "Hi"}).status_code
    assert "Hi" == state(page)["cards"][0]["title"]
    card = {"@type": "MessageCard", "summary": "Old"}
    assert 201 == sent(simulator, settings, "POST", "/activities", message(card, CLASSIC)).status_code
    assert "Old" == state(page)["cards"][0]["title"]


def test_a_message_of_an_earlier_run_can_be_changed_and_one_to_come_not(simulator: Here, settings: Settings) -> None:
    assert 200 == sent(simulator, settings, "PUT", "/activities/1700000000000", message()).status_code
    for name in ("9999999999999999", "x"):
        answer = sent(simulator, settings, "PUT", f"/activities/{name}", message())
        assert (404, "ActivityNotFoundInConversation") == (answer.status_code, answer.json()["error"]["code"])


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"no json", 400, "BadSyntax"),
        (b"[]", 400, "BadSyntax"),
        (message(type="typing"), 400, "BadSyntax"),
        ({"type": "message"}, 400, "BadSyntax"),
        (message(attachments="x"), 400, "BadSyntax"),
        (message("x"), 400, "BadSyntax"),
        (message(kind="text/html"), 400, "BadSyntax"),
        (message({"type": "AdaptiveCard"}), 400, "BadSyntax"),
        (message({"@type": "MessageCard"}, CLASSIC), 400, "BadSyntax"),
        (message({**CARD, "refresh": {"userIds": ["29:x"] * 61}}), 400, "BadSyntax"),
        (message({**CARD, "speak": "x" * MAX_MESSAGE}), 413, "MessageSizeTooBig"),
    ],
)
def test_what_teams_does_not_take_is_refused_as_teams_does(
    simulator: Here, settings: Settings, page: httpx.Client, body: object, status: int, code: str
) -> None:
    before = state(page)["cards"]
    answer = sent(simulator, settings, "POST", "/activities", body)
    assert (status, code) == (answer.status_code, answer.json()["error"]["code"])
    assert before == state(page)["cards"]


def test_a_conversation_without_the_bot_takes_nothing(simulator: Here, settings: Settings) -> None:
    answer = sent(simulator, settings, "POST", "/activities", message(), "19:other@thread.tacv2")
    assert (403, "BotNotInConversationRoster") == (answer.status_code, answer.json()["error"]["code"])
    for method, rest in (("DELETE", "/activities/1"), ("POST", "/activities/1"), ("PUT", "/activities")):
        assert 404 == sent(simulator, settings, method, rest, message()).status_code


def test_the_roster_names_everybody_of_the_chat_with_the_id_that_the_bot_knows(
    simulator: Here, settings: Settings
) -> None:
    members = sent(simulator, settings, "GET", "/pagedmembers").json()["members"]
    assert ["Ada Lovelace", "Grace Hopper", "Alan Turing", "A stranger"] == [each["name"] for each in members]
    ada = members[0]
    for name in (ada["id"], ada["objectId"]):
        assert ada == sent(simulator, settings, "GET", f"/members/{name}").json()
    assert 404 == sent(simulator, settings, "GET", "/members/29:nobody").status_code


def test_the_keys_are_endorsed_for_teams(simulator: Here, settings: Settings) -> None:
    metadata = httpx.get(settings.chats["teams"].openid_url, trust_env=False).json()
    assert "https://api.botframework.com" == metadata["issuer"]
    (key,) = httpx.get(metadata["jwks_uri"], trust_env=False).json()["keys"]
    assert (["msteams"], "RSA") == (key["endorsements"], key["kty"])
    assert "d" not in key
    assert 404 == httpx.get(f"{simulator.origin}/simulator/bot-framework/v1/x", trust_env=False).status_code


def test_the_bot_is_installed_once(simulator: Here, page: httpx.Client) -> None:
    ask_in(page, "production", "outlook")
    assert simulator.simulator._chats._teams._installed
