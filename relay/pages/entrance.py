"""The one way into every page: the signed-in person of a call, and the addresses for signing in and out."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from relay.approval.policy import Policy
from relay.errors import Refusal
from relay.identity.app_service import read_principal
from relay.model.people import Actor
from relay.pages.addresses import APP_SERVICE_LOGIN, APP_SERVICE_LOGOUT, SIGN_IN, SIGN_OUT
from relay.pages.sign_in.sessions import Sessions

_APP_SERVICE: Final = "app-service"
_PROVIDERS: Final = {"entra:": "entra", "github:": "github"}
# One of our own pages: no second slash, backslash or dot segment, which browsers resolve to somewhere else.
_OWN: Final = re.compile(r"/api/(?!sign-(?:in|out)(?:[/?]|$))[a-z0-9_-]+(?:/[A-Za-z0-9_-]+)*(?:\?[A-Za-z0-9_.~=&%-]*)?")
_MAX_PATH: Final = 500


@dataclass(frozen=True, slots=True)
class Entrance:
    """The ways in that RELAY_SIGN_IN lists. Without any, no proof of identity reaches the relay."""

    ways: Collection[str]
    tenants: Collection[str]
    policy: Policy
    sessions: Sessions
    clock: Callable[[], float]

    @property
    def is_open(self) -> bool:
        """Tell whether anybody can sign in."""
        return bool(self.ways)

    def person(self, headers: Mapping[str, str]) -> Actor | None:
        """Return the signed-in person, or None if not signed in. Header names are in lower case.

        Raises Refusal for a person who may not, or may no longer, see any page.
        """
        if _APP_SERVICE in self.ways:
            person = read_principal(headers, self.tenants)
            if person is not None:
                return person
        person = self.sessions.person(headers, self.clock())
        if person is not None:
            self._check_listed(person)
        return person

    def sign_in(self, to: str, *, choose: bool = False) -> str:
        """Return the address where a person signs in and then comes back to the path `to`, if that is one of ours."""
        to = own_path(to)
        if set(self.ways) == {_APP_SERVICE}:
            return self.app_service(to)
        return f"{SIGN_IN}?{urlencode({'to': to} | ({'choose': '1'} if choose else {}))}"

    def app_service(self, to: str) -> str:
        """Return the address where App Service signs a person in, or an empty text if that is no way in here."""
        # an & of the path would begin a field of the login's own
        return APP_SERVICE_LOGIN + quote(to) if _APP_SERVICE in self.ways else ""

    def sign_out(self, headers: Mapping[str, str], to: str) -> str:
        """Return the address where the person of a call signs out: a link of App Service, or our own form's."""
        own = self.sessions.person(headers, self.clock()) is not None
        return SIGN_OUT if own or _APP_SERVICE not in self.ways else APP_SERVICE_LOGOUT + quote(to)

    def _check_listed(self, person: Actor) -> None:
        """Raise Refusal not-allowed for a session whose person or provider was removed since."""
        # A session says who it is and nothing else: whether that still counts is asked at each call.
        provider = next((name for prefix, name in _PROVIDERS.items() if person.id.startswith(prefix)), "")
        if provider not in self.ways:
            raise Refusal("not-allowed", "session: its way to sign in was removed from RELAY_SIGN_IN")
        if provider == "github" and self.policy.person(person) is None:
            raise Refusal("not-allowed", "session: the policy has this github_id no longer")
        if provider == "entra" and person.id.removeprefix("entra:").partition("/")[0] not in self.tenants:
            raise Refusal("not-allowed", "session: of a tenant that is not in RELAY_ENTRA_TENANTS")


def own_path(to: str) -> str:
    """Return the path of one of our own pages, or an empty text for any other address."""
    return to if len(to) <= _MAX_PATH and _OWN.fullmatch(to) else ""
