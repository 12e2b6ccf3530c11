import pytest

from relay.chats.teams.clouds import cloud_of, same_service
from tests.support import teams_activities

GOV = "https://login.botframework.azure.us/v1/.well-known/openidconfiguration"
CHINA = "https://login.botframework.azure.cn/v1/.well-known/openidconfiguration"
HERE = "http://127.0.0.1:7071/v1/.well-known/openidconfiguration"


@pytest.mark.parametrize(
    ("openid_url", "issuer", "scope", "tenant", "service"),
    [
        (
            teams_activities.OPENID,
            "https://api.botframework.com",
            "https://api.botframework.com/.default",
            "botframework.com",
            "https://smba.trafficmanager.net/teams",
        ),
        (
            GOV,
            "https://api.botframework.us",
            "https://api.botframework.us/.default",
            "MicrosoftServices.onmicrosoft.us",
            "https://smba.infra.gov.teams.microsoft.us/teams",
        ),
        (
            CHINA,
            "https://api.botframework.azure.cn",
            "https://api.botframework.azure.cn/.default",
            "microsoftservices.partner.onmschina.cn",
            "",
        ),
        (
            HERE,
            "https://api.botframework.com",
            "https://api.botframework.com/.default",
            "botframework.com",
            "",
        ),
    ],
)
def test_a_cloud_goes_by_its_metadata(openid_url: str, issuer: str, scope: str, tenant: str, service: str) -> None:
    cloud = cloud_of(openid_url)
    assert (issuer, scope, tenant, service) == (cloud.issuer, cloud.scope, cloud.tenant, cloud.service)
    assert not service or cloud.is_service(service)


@pytest.mark.parametrize(
    "url",
    [
        "https://smba.trafficmanager.net/teams/",
        "https://smba.trafficmanager.net/amer/7d1e9b0a-3c55-4f6e-9a51-0f2b6c8d4e10/",
        "https://smba.trafficmanager.net:443/kr",
        "https://SMBA.trafficmanager.net/in",
        "https://smba.infra.gcc.teams.microsoft.com/gcc/",
    ],
)
def test_the_hosts_of_teams_are_known(url: str) -> None:
    assert cloud_of(teams_activities.OPENID).is_service(url)
    assert not cloud_of(GOV).is_service(url)


@pytest.mark.parametrize(
    "url",
    [
        None,
        5,
        "",
        "smba.trafficmanager.net",
        "http://smba.trafficmanager.net/teams",
        "http://127.0.0.1:7071/teams",
        "https://smba.trafficmanager.net.evil.example/teams",
        "https://evil.example/smba.trafficmanager.net",
        "https://smba.trafficmanager.net@evil.example/",
        "https://smba.trafficmanager.net:8443/teams",
        "https://smba.trafficmanager.net/teams?to=evil",
        "https://evil.trafficmanager.net/teams",
        "https://directline.botframework.com/",
        "https://smba.infra.gov.teams.microsoft.us/teams",
        "https://[::1",
    ],
)
def test_any_other_address_is_none_of_teams(url: object) -> None:
    assert not cloud_of(teams_activities.OPENID).is_service(url)


def test_in_development_and_only_there_the_service_is_this_machine() -> None:
    assert cloud_of(HERE).is_service("http://127.0.0.1:7071/simulator/teams/")
    assert not cloud_of(HERE).is_service("https://smba.trafficmanager.net/teams")
    assert cloud_of(GOV).is_service("https://smba.infra.dod.teams.microsoft.us/teams")
    assert cloud_of(CHINA).is_service("https://msteams.botframework.azure.cn/teams")


def test_a_last_slash_makes_no_other_service() -> None:
    assert same_service("https://a.example/x/", "https://a.example/x")
    for one, other in (("https://a.example/x", "https://a.example/y"), (None, None), ("", None), (5, 5)):
        assert not same_service(one, other)
