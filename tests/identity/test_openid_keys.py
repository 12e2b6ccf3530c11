"""Keys by OpenID metadata, of which only those count that carry an endorsement."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from relay.errors import Outage
from relay.identity.key_sets import KeySets
from relay.net.client import make_client
from tests.support import teams_activities
from tests.support.bot_framework import BotFramework
from tests.support.entra_tokens import KID, PUBLIC, foreign_key, jwk

KEYS_URL = "https://login.botframework.com/v1/.well-known/keys"
NOW = 1_000.0


@pytest.fixture
def sets() -> Iterator[KeySets]:
    with make_client() as client:
        yield KeySets(lambda: client, lambda: NOW)


def metadata(httpx_mock: HTTPXMock, said: object) -> None:
    httpx_mock.add_response(
        url=teams_activities.OPENID, content=said if isinstance(said, bytes) else json.dumps(said).encode()
    )


def keys(httpx_mock: HTTPXMock, *entries: object) -> None:
    metadata(httpx_mock, {"issuer": teams_activities.ISSUER, "jwks_uri": KEYS_URL})
    httpx_mock.add_response(url=KEYS_URL, json={"keys": entries})


def test_a_key_with_the_endorsement_is_found(sets: KeySets, httpx_mock: HTTPXMock) -> None:
    keys(httpx_mock, jwk(endorsements=["webchat", "msteams"]))
    assert {KID: PUBLIC} == sets.keys(teams_activities.KEYS_URL, KID)
    assert {KID: PUBLIC} == sets.keys(teams_activities.KEYS_URL, KID)
    assert 2 == len(httpx_mock.get_requests())


@pytest.mark.parametrize(
    "endorsements", [None, [], ["webchat", "directline"], ["MSTEAMS"], "msteams", {"msteams": 1}, 5, [["msteams"]]]
)
def test_a_key_without_the_endorsement_is_no_key(sets: KeySets, httpx_mock: HTTPXMock, endorsements: Any) -> None:
    other = jwk(foreign_key().public_key(), "other", endorsements=["msteams"])
    keys(httpx_mock, jwk(endorsements=endorsements), other)
    assert {"other"} == set(sets.keys(teams_activities.KEYS_URL, KID))


@pytest.mark.parametrize(
    "said",
    [
        [],
        {},
        {"jwks_uri": 5},
        {"jwks_uri": "https://evil.example/keys"},
        {"jwks_uri": "http://login.botframework.com/keys"},
        {"jwks_uri": "https://login.botframework.com:8443/keys"},
        {"jwks_uri": "nowhere"},
    ],
)
def test_metadata_leads_nowhere_else(sets: KeySets, httpx_mock: HTTPXMock, said: object) -> None:
    metadata(httpx_mock, said)
    with pytest.raises(Outage, match="the key server's metadata names no keys on the same host"):
        sets.keys(teams_activities.KEYS_URL, KID)


def test_metadata_is_json(sets: KeySets, httpx_mock: HTTPXMock) -> None:
    metadata(httpx_mock, b"{")
    with pytest.raises(Outage, match="not JSON"):
        sets.keys(teams_activities.KEYS_URL, KID)


def test_metadata_that_cannot_be_had_is_an_outage(sets: KeySets, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=teams_activities.OPENID, status_code=503)
    with pytest.raises(Outage, match="answered 503"):
        sets.keys(teams_activities.KEYS_URL, KID)


def test_an_address_that_is_not_to_be_called_is_a_permanent_outage(sets: KeySets) -> None:
    with pytest.raises(Outage, match="RELAY_TEAMS_OPENID_URL") as raised:
        sets.keys("http://evil.example/openid#msteams", KID)
    assert raised.value.permanent


def test_the_fake_of_the_tests_answers_as_the_bot_framework_does(sets: KeySets) -> None:
    with BotFramework() as fake:
        assert {KID: PUBLIC} == sets.keys(f"{fake.openid}#msteams", KID)
        assert ["/v1/.well-known/openidconfiguration", "/v1/.well-known/keys"] == [call.path for call in fake.calls]
