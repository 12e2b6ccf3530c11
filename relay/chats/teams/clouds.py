"""The clouds of the Bot Framework: the issuers that sign for Teams there, and the hosts of Teams.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages
https://learn.microsoft.com/azure/bot-service/how-to-deploy-gov-cloud-high
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from relay.net.addresses import check_url, is_loopback

ENDORSEMENT: Final = "msteams"  # what a key must carry to sign for Teams, and the channelId of its activities


@dataclass(frozen=True, slots=True)
class Cloud:
    """One cloud: issuer of the tokens that come, scope and home tenant of those that the relay asks for.

    Only the `hosts` may call themselves Teams. The relay posts to `service` before it has heard from any of them; it is
    empty where Microsoft names none.
    """

    issuer: str
    scope: str
    tenant: str
    hosts: frozenset[str]
    service: str
    local: bool = False

    def is_service(self, url: object) -> bool:
        """Tell whether an address is one of Teams in this cloud; in development, one of this machine."""
        if not isinstance(url, str):
            return False
        try:
            parts = urlsplit(check_url(url))
        except ValueError:
            return False
        host = parts.hostname or ""
        if self.local:
            return is_loopback(host)
        return host in self.hosts and parts.scheme == "https" and parts.port in {None, 443}


_PUBLIC: Final = Cloud(
    issuer="https://api.botframework.com",
    scope="https://api.botframework.com/.default",
    tenant="botframework.com",
    hosts=frozenset({"smba.trafficmanager.net", "smba.infra.gcc.teams.microsoft.com"}),
    service="https://smba.trafficmanager.net/teams",
)
_LOCAL: Final = Cloud(_PUBLIC.issuer, _PUBLIC.scope, _PUBLIC.tenant, frozenset(), "", local=True)
_BY_HOST: Final = {
    "login.botframework.azure.us": Cloud(
        issuer="https://api.botframework.us",
        scope="https://api.botframework.us/.default",
        tenant="MicrosoftServices.onmicrosoft.us",
        hosts=frozenset({"smba.infra.gov.teams.microsoft.us", "smba.infra.dod.teams.microsoft.us"}),
        service="https://smba.infra.gov.teams.microsoft.us/teams",
    ),
    "login.botframework.azure.cn": Cloud(
        issuer="https://api.botframework.azure.cn",
        scope="https://api.botframework.azure.cn/.default",
        tenant="microsoftservices.partner.onmschina.cn",
        hosts=frozenset({"msteams.botframework.azure.cn"}),
        service="",
    ),
}


def cloud_of(openid_url: str) -> Cloud:
    """Return the cloud of the OpenID metadata at `openid_url`. A loopback address replaces that of the public cloud."""
    host = urlsplit(openid_url).hostname or ""
    return _LOCAL if is_loopback(host) else _BY_HOST.get(host, _PUBLIC)


def same_service(one: object, other: object) -> bool:
    """Tell whether two addresses of a service are the same but for a last slash."""
    return isinstance(one, str) and isinstance(other, str) and one.rstrip("/") == other.rstrip("/")
