"""Which activities of Teams are genuine, and which contradict their token, their tenant or their service."""

from typing import Any

import pytest

from relay.chats.teams.clicks import TeamsClicks
from relay.errors import Refusal
from relay.model.delivery import Delivery, Verified
from relay.model.people import Actor
from tests.chats.teams.clicking import ADA, CARDS, CHANNEL, KEYS, changed, proven, why, without
from tests.support import entra_tokens, teams_activities
from tests.support.entra_tokens import KID, NOW, OBJECT, OTHER_TENANT, TENANT
from tests.support.teams_activities import SERVICE, delivery, executed, pressed

# What is genuine


def test_the_keys_are_those_that_may_sign_for_teams() -> None:
    assert (teams_activities.KEYS_URL, KID) == CHANNEL.keys_needed(delivery(pressed()))


def test_a_press_proves_who_pressed() -> None:
    assert Verified(delivery(pressed()), ADA) == proven(pressed())


def test_ids_in_upper_case_come_out_in_lower_case() -> None:
    shouted = pressed() | {"from": {"id": teams_activities.PERSON, "aadObjectId": OBJECT.upper()}}
    assert Actor(ADA.id, "somebody") == proven(changed(shouted, TENANT.upper(), "conversation", "tenantId")).actor


@pytest.mark.parametrize("path", [("conversation", "tenantId"), ("channelData", "tenant", "id")])
def test_one_name_of_the_tenant_is_enough(path: tuple[str, ...]) -> None:
    assert ADA == proven(without(pressed(), *path)).actor


def test_a_last_slash_of_the_service_address_counts_for_nothing() -> None:
    assert ADA == proven(changed(pressed(), SERVICE.rstrip("/"), "serviceUrl")).actor
    assert ADA == proven(pressed(), teams_activities.token(serviceurl=SERVICE.rstrip("/"))).actor


# Spoiled one thing at a time


BODIES: list[tuple[dict[str, Any], str]] = [
    *[
        (spoiled, "serviceUrl is not the one of the token")
        for spoiled in (
            changed(pressed(), "https://smba.trafficmanager.net/amer/", "serviceUrl"),
            changed(pressed(), "https://evil.example/", "serviceUrl"),
            changed(pressed(), 5, "serviceUrl"),
            without(pressed(), "serviceUrl"),
        )
    ],
    (changed(pressed(), "directline", "channelId"), "channelId is not msteams"),
    (changed(pressed(), "MSTeams", "channelId"), "channelId is not msteams"),
    (changed(pressed(), ["msteams"], "channelId"), "channelId is not msteams"),
    (without(pressed(), "channelId"), "channelId is not msteams"),
    *[
        (spoiled, "the tenant is not of RELAY_ENTRA_TENANTS, or two are named")
        for spoiled in (
            changed(pressed(), OTHER_TENANT, "conversation", "tenantId"),
            changed(pressed(), OTHER_TENANT, "channelData", "tenant", "id"),
            changed(pressed(), OTHER_TENANT, "from", "tenantId"),
            changed(pressed(), "", "conversation", "tenantId"),
            changed(pressed(), [TENANT], "conversation", "tenantId"),
            changed(pressed(), f" {TENANT}", "channelData", "tenant", "id"),
            changed(changed(pressed(), OTHER_TENANT, "conversation", "tenantId"), {}, "channelData"),
            changed(without(pressed(), "conversation", "tenantId"), {}, "channelData"),
            changed(changed(pressed(), "team", "conversation"), "team", "channelData"),
        )
    ],
    *[
        (spoiled, "from.aadObjectId is not a GUID")
        for spoiled in (
            without(pressed(), "from"),
            without(pressed(), "from", "aadObjectId"),
            changed(pressed(), "ada@contoso.example", "from", "aadObjectId"),
            changed(pressed(), f"{OBJECT}\n", "from", "aadObjectId"),
            changed(pressed(), "", "from", "aadObjectId"),
            changed(pressed(), [OBJECT], "from", "aadObjectId"),
            without(executed("{}"), "from", "aadObjectId"),
        )
    ],
]


@pytest.mark.parametrize(("spoiled", "check"), BODIES, ids=range(len(BODIES)))
def test_an_activity_that_contradicts_its_proof_is_not_genuine(spoiled: dict[str, Any], check: str) -> None:
    assert f"not-genuine: activity: {check}" == why(spoiled)


@pytest.mark.parametrize(
    "service",
    ["https://evil.example/", "http://127.0.0.1:7071/", "https://directline.botframework.com/", "nowhere", ""],
)
def test_a_service_that_is_none_of_teams_is_refused_though_its_token_says_so(service: str) -> None:
    spoiled = changed(pressed(), service, "serviceUrl")
    assert "not-genuine: activity: serviceUrl is none of Teams" == why(
        spoiled, teams_activities.token(serviceurl=service)
    )


def test_nothing_of_the_body_is_read_before_the_token() -> None:
    forged = entra_tokens.sign(entra_tokens.header(), teams_activities.claims(), entra_tokens.foreign_key())
    for body in (b"\xff", b"{", b"[]", pressed()):
        assert "not-genuine: token: signature" == why(body, forged)


@pytest.mark.parametrize("body", [b"", b"\xff", b"{", b"[]", b"5", b'{"a":1,"a":1}', b"[" * 100_000])
def test_a_proven_body_that_is_no_object_is_malformed(body: bytes) -> None:
    assert "malformed: the body is not" in why(body)


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer"}, {"authorization": "Basic YTpi"}])
def test_without_a_token_nothing_is_genuine(headers: dict[str, str]) -> None:
    bare = Delivery("teams", headers, delivery(pressed()).body, NOW)
    for attempt in (lambda: CHANNEL.keys_needed(bare), lambda: CHANNEL.verify(bare, KEYS, NOW)):
        with pytest.raises(Refusal, match="not-genuine"):
            attempt()


def test_without_a_bot_nothing_is_genuine() -> None:
    nobody = TeamsClicks("", teams_activities.OPENID, frozenset({TENANT}), CARDS)
    for bearer in (teams_activities.token(), teams_activities.token(aud="")):
        assert "not-genuine: no bot is configured (RELAY_TEAMS_APP_ID)" == why(pressed(), bearer, nobody)
        with pytest.raises(Refusal, match="no bot"):
            nobody.keys_needed(delivery(pressed(), bearer))


def test_without_tenants_nobody_may_act() -> None:
    closed = TeamsClicks(teams_activities.APP, teams_activities.OPENID, frozenset(), CARDS)
    assert "RELAY_ENTRA_TENANTS" in why(pressed(), channel=closed)
    assert "RELAY_ENTRA_TENANTS" in why(changed(without(pressed(), "conversation"), {}, "channelData"), channel=closed)
