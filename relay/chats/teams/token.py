"""The bot's own credential: a token by client credentials, kept until shortly before it ends.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication#bot-to-connector
https://learn.microsoft.com/entra/identity-platform/reference-error-codes
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Final
from urllib.parse import urlencode

from relay.chats.contract.chat import Setup
from relay.chats.teams.clouds import cloud_of
from relay.errors import Outage
from relay.net import client as http_client
from relay.net.call import CallError, HttpResponse
from relay.net.retry_after import retry_after
from relay.signed import canonical_json

RENEW_BEFORE: Final = 300  # seconds before the end of a token
LONGEST: Final = 86_400  # seconds; a token is asked for once a day at least
OK: Final = 200
TOO_MANY: Final = 429
_CODE: Final = re.compile(r"AADSTS[0-9]{4,8}")
_TOKEN: Final = re.compile(r"[!-~]+")
_RENEW: Final = (
    "make a new client secret for the app in Entra (Certificates & secrets), and put its value, not its id, into "
    "RELAY_TEAMS_APP_PASSWORD"
)
_APP: Final = (
    "check RELAY_TEAMS_APP_ID, and that RELAY_TEAMS_TENANT_ID is the tenant of a single-tenant bot; only a "
    "multi-tenant bot does without"
)
_CURES: Final = {
    "AADSTS7000215": _RENEW,  # the secret is wrong
    "AADSTS7000222": _RENEW,  # it has ended
    "AADSTS700016": _APP,  # there is no such app in the tenant
    "AADSTS90002": _APP,  # there is no such tenant
}


_NO_CREDENTIAL: Final = "the bot has no credential"
_FOR_GOOD: Final = frozenset({"invalid_client", "unauthorized_client"})


class NoToken(Outage):
    """No credential. `what` is for the person, `cure` for the operator if it will not pass by itself.

    `seconds` is the wait that Entra asked for, 0 if it did not.
    """

    def __init__(self, what: str, *, cure: str = "", seconds: float = 0) -> None:
        super().__init__(what, permanent=bool(cure))
        self.cure = cure
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class _Kept:
    token: str
    made_at: float
    ends_at: float


class BotToken:
    """The token of one bot: `url` is Entra's token endpoint, `scope` the purpose; `clock` returns Unix seconds.

    Fifty cards ask for one token.
    """

    def __init__(
        self,
        client: Callable[[], http_client.Client],
        clock: Callable[[], float],
        *,
        url: str,
        app_id: str,
        password: str,
        scope: str,
    ) -> None:
        self._client = client
        self._clock = clock
        self._url = url
        form = {"grant_type": "client_credentials", "client_id": app_id, "client_secret": password, "scope": scope}
        self._form = urlencode(form).encode()
        self._lock = Lock()
        self._kept: _Kept | None = None

    def token(self, deadline: float) -> str:
        """Return a token by `deadline` (Unix seconds). Raises NoToken."""
        kept = self._valid()
        if kept:
            return kept.token
        if not self._lock.acquire(timeout=max(0.0, deadline - self._clock())):
            raise NoToken("Microsoft Entra did not give the relay a token in time")
        try:
            kept = self._valid() or self._ask(deadline)
            self._kept = kept
            return kept.token
        finally:
            self._lock.release()

    def outdated(self, token: str, since: float) -> bool:
        """Forget a token that Teams refused. Return whether a new one may help: this one was made before `since`."""
        kept = self._kept
        if kept is None or kept.token != token:
            return True
        self._kept = None
        return kept.made_at < since

    def _valid(self) -> _Kept | None:
        kept = self._kept
        return kept if kept and self._clock() < kept.ends_at - RENEW_BEFORE else None

    def _ask(self, deadline: float) -> _Kept:
        now = self._clock()
        try:
            answer = http_client.ask(
                self._client(),
                "POST",
                self._url,
                headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
                content=self._form,
                deadline=deadline,
                clock=self._clock,
            )
        except CallError:
            raise NoToken("Microsoft Entra does not answer") from None
        if answer.status == TOO_MANY or answer.status >= 500:  # noqa: PLR2004 - 5xx
            raise NoToken(f"Microsoft Entra answers {answer.status}", seconds=retry_after(answer.headers, now))
        return _read(answer, now)


def _read(answer: HttpResponse, now: float) -> _Kept:
    members = canonical_json.members(answer.body)
    token, lasts = members.get("access_token"), members.get("expires_in")
    if answer.status != OK:
        found = _CODE.search(json.dumps(members.get("error_description")))
        code = found[0] if found else ""
        why = f"Microsoft Entra says {code}" if code else f"Microsoft Entra answers {answer.status}"
        if code not in _CURES and str(members.get("error")) not in _FOR_GOOD:
            raise NoToken(f"{_NO_CREDENTIAL}: {why}")
        raise NoToken(_NO_CREDENTIAL, cure=f"{_CURES.get(code, f'{_APP}; or {_RENEW}')} ({why})")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token) or type(lasts) is not int:
        cure = "check RELAY_ENTRA_AUTHORITY: what answers there is not Microsoft Entra"
        raise NoToken(_NO_CREDENTIAL, cure=cure)
    return _Kept(token, now, now + min(max(lasts, 0), LONGEST))


def bot_token(setup: Setup) -> BotToken:
    """Return the token of the bot that is configured, in its tenant and its cloud."""
    bot = setup.own
    cloud = cloud_of(bot.openid_url)
    return BotToken(
        setup.client,
        setup.clock,
        url=f"{setup.entra.authority}/{bot.tenant_id or cloud.tenant}/oauth2/v2.0/token",
        app_id=bot.app_id,
        password=bot.app_password,
        scope=cloud.scope,
    )
