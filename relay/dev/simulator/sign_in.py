"""App Service authentication before an app: a sign-in page, a session, and headers with the identity.

https://learn.microsoft.com/azure/app-service/configure-authentication-customize-sign-in-out
https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities
"""

import json
import re
import secrets
from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from threading import Lock
from types import MappingProxyType
from typing import Final
from urllib.parse import parse_qsl

from relay.dev.simulator.answers import SECURITY, Answer, NotTaken
from relay.dev.simulator.incoming import Call
from relay.dev.simulator.people import Person
from relay.identity.app_service import IDENTIFIER, OBJECT_ID, PRINCIPAL, PROVIDER, TENANT_ID

AUTH: Final = "/.auth/"
COOKIE: Final = "AppServiceAuthSession"
OUTSIDER: Final = Person(
    key="outsider",
    name="An outsider",
    part="of another tenant",
    tenant="c0c0c0c0-0d0d-4e0e-8f0f-0a0a0b0b0c0c",
    object_id="d1d1d1d1-0d0d-4e0e-8f0f-0a0a0b0b0c0c",
)
_MAX_BODY: Final = 4_096  # bytes
_AFTER_LOGIN: Final = "post_login_redirect_uri"
_OWN_PATH: Final = re.compile(r"/(?![/\\])[!-\[\]-~]*")  # a path of our own, in visible ASCII
_NAME: Final = f"{PRINCIPAL}-name"
_FROM_OUTSIDE: Final = re.compile(rf"{PRINCIPAL}(?:-.*)?|x-ms-token-.*")
_POLICY: Final = SECURITY["Content-Security-Policy"].replace("form-action 'none'", "form-action 'self'")
_HEADERS: Final = MappingProxyType(
    {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": _POLICY,
        "Referrer-Policy": "same-origin",  # without any, the form would be sent with an Origin of null
    }
)
_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sign in (simulated)</title>
<link rel="icon" href="/simulator/page/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/simulator/page/page.css">
<link rel="stylesheet" href="/simulator/page/controls.css">
<link rel="stylesheet" href="/simulator/page/sign_in.css">
</head>
<body>
<main class="sign-in">
<h1><img src="/simulator/page/icon.svg" alt="" width="26" height="26"> Who are you?</h1>
<p class="note">On Azure, Entra asks this. Here you are whom you choose, while <code>relay dev</code> runs.</p>
<form method="post" action="/.auth/login/aad">
<input type="hidden" name="post_login_redirect_uri" value="{back}">
<ul>
{people}
</ul>
</form>
</main>
</body>
</html>
"""
_PERSON: Final = (
    '<li><button type="submit" name="person" value="{key}"><strong>{name}</strong> <span>{part}</span></button></li>'
)


class SignIn:
    """Signs in the people of a policy and an outsider. Sessions end with the run.

    With `lets_through` the headers of a caller without a session are not changed: a test may write its own.
    """

    def __init__(self, people: Sequence[Person], *, lets_through: bool) -> None:
        self._people = {person.key: person for person in (*people, OUTSIDER)}
        self._lets_through = lets_through
        self._sessions: dict[str, Person] = {}
        self._lock = Lock()

    def hand_on(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return the headers of a request as the app gets them. Names are in lower case."""
        person = self._signed_in(headers)
        if person is None and self._lets_through:
            return dict(headers)
        ours = {name: value for name, value in headers.items() if not _FROM_OUTSIDE.fullmatch(name)}
        return ours | principal(person) if person else ours

    def take(self, call: Call) -> Answer:
        """Answer a call under /.auth/. Raises NotTaken for any other."""
        match call.method, call.path.removeprefix(AUTH):
            case (("GET" | "HEAD"), "login/aad"):
                return self._choose(_return_path(call.query.get(_AFTER_LOGIN, "")))
            case "POST", "login/aad":
                return self._sign_in(dict(parse_qsl(call.body(_MAX_BODY).decode("utf-8", "replace"))))
            case (("GET" | "HEAD"), "logout"):
                return self._sign_out(call.headers, _return_path(call.query.get("post_logout_redirect_uri", "")))
            case _:
                raise NotTaken(404, "There is nothing at this address.")

    def _choose(self, back: str) -> Answer:
        people = "\n".join(
            _PERSON.format(key=escape(each.key), name=escape(each.name), part=escape(each.part))
            for each in self._people.values()
        )
        page = _PAGE.format(back=escape(back), people=people)
        return Answer(200, _HEADERS, page.encode())

    def _sign_in(self, form: Mapping[str, str]) -> Answer:
        person = self._people.get(form.get("person", ""))
        if person is None:
            raise NotTaken(400, "no such person", "person")
        session = secrets.token_urlsafe(24)
        with self._lock:
            self._sessions[session] = person
        return _redirect(_return_path(form.get(_AFTER_LOGIN, "")), f"{session}; Path=/; HttpOnly; SameSite=Lax")

    def _sign_out(self, headers: Mapping[str, str], back: str) -> Answer:
        with self._lock:
            self._sessions.pop(_session(headers), None)
        return _redirect(back, "; Max-Age=0; Path=/; HttpOnly; SameSite=Lax")

    def _signed_in(self, headers: Mapping[str, str]) -> Person | None:
        with self._lock:
            return self._sessions.get(_session(headers))


def principal(person: Person) -> dict[str, str]:
    """Return the headers that name the signed-in person."""
    claims = {OBJECT_ID[-1]: person.object_id, TENANT_ID[-1]: person.tenant, "name": person.name}
    fields = {
        "auth_typ": "aad",
        "name_typ": "name",
        "role_typ": "roles",
        "claims": [{"typ": name, "val": value} for name, value in claims.items()],
    }
    return {
        PRINCIPAL: b64encode(json.dumps(fields).encode()).decode(),
        IDENTIFIER: person.object_id,
        _NAME: person.name,
        PROVIDER: "aad",
    }


def _session(headers: Mapping[str, str]) -> str:
    named = (each.strip().partition("=") for each in headers.get("cookie", "").split(";"))
    return next((value for name, _, value in named if name == COOKIE), "")


def _return_path(back: str) -> str:
    """Return the path to go back to: one of our own, or the simulator's page."""
    return back if _OWN_PATH.fullmatch(back) else "/"


def _redirect(back: str, session: str) -> Answer:
    return Answer(303, {"Location": back, "Set-Cookie": f"{COOKIE}={session}"})
