"""Sign-in at Entra: the page where a person chooses who to be, codes, and ID tokens, by the real protocol.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
"""

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from threading import Lock
from typing import Final
from urllib.parse import parse_qsl, urlencode

from relay.dev.simulator.answers import SECURITY, Answer, NotTaken, json_answer
from relay.dev.simulator.entra import LIFETIME, Entra
from relay.dev.simulator.incoming import Call
from relay.dev.simulator.people import Person
from relay.signed.canonical_json import base64url

OUTSIDER: Final = Person(
    key="outsider",
    name="An outsider",
    part="of another tenant",
    tenant="c0c0c0c0-0d0d-4e0e-8f0f-0a0a0b0b0c0c",
    object_id="d1d1d1d1-0d0d-4e0e-8f0f-0a0a0b0b0c0c",
)
CODE_LIFETIME: Final = 600  # seconds
_PATH: Final = re.compile(r".*/([^/]+)/oauth2/v2\.0/authorize")
_MAX_BODY: Final = 8_192  # bytes
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_ASKED: Final = ("client_id", "redirect_uri", "state", "nonce", "code_challenge")
_PERSON: Final = (
    '<li><button type="submit" name="person" value="{key}"><strong>{name}</strong> <span>{part}</span></button></li>'
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
<p class="note">Entra asks this. Here you are the person that you choose, while <code>relay dev</code> runs.</p>
<form method="post" action="{path}">
{asked}
<ul>
{people}
<li><button type="submit" name="person" value="">Cancel <span>denies the sign-in</span></button></li>
</ul>
</form>
</main>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Client:
    """The app registration that signs people in."""

    client_id: str
    secret: str = field(repr=False)
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class _Code:
    person: Person
    asked: Mapping[str, str]
    until: float


class SignIn:
    """Signs people in for one client. A code is good for one use within ten minutes."""

    def __init__(self, people: Sequence[Person], entra: Entra, client: Client) -> None:
        self._people = {person.key: person for person in (*people, OUTSIDER)}
        self._entra = entra
        self._client = client
        self._codes: dict[str, _Code] = {}
        self._lock = Lock()

    def page(self, call: Call) -> Answer | None:
        """Answer a call to the sign-in page. Return None if the address is another one."""
        if not _PATH.fullmatch(call.path):
            return None
        match call.method:
            case "GET" | "HEAD":
                return self._choose(call.path, self._checked(call.query))
            case "POST":
                form = dict(parse_qsl(call.body(_MAX_BODY).decode("utf-8", "replace"), keep_blank_values=True))
                return self._chosen(form, self._checked(form))
            case _:
                raise NotTaken(404, "There is nothing at this address.")

    def redeem(self, form: Mapping[str, str]) -> Answer:
        """Exchange a code for an ID token, as the token endpoint does."""
        if form.get("client_id", "").lower() != self._client.client_id:
            return _refused(400, "unauthorized_client", 700016, "The app is not in the directory.")
        if not hmac.compare_digest(form.get("client_secret", "").encode(), self._client.secret.encode()):
            return _refused(401, "invalid_client", 7000215, "Invalid client secret provided.")
        with self._lock:
            code = self._codes.pop(form.get("code", ""), None)
        if code is None or code.until < time.time():
            return _refused(400, "invalid_grant", 54005, "The code was already redeemed, or is too old.")
        challenge = base64url(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if challenge != code.asked["code_challenge"] or form.get("redirect_uri") != code.asked["redirect_uri"]:
            return _refused(400, "invalid_grant", 501481, "The code_verifier does not match the code_challenge.")
        token = self._entra.id_token(code.person, self._client.client_id, code.asked["nonce"])
        return json_answer(200, {"token_type": "Bearer", "expires_in": LIFETIME, "scope": "openid", "id_token": token})

    def _checked(self, query: Mapping[str, str]) -> dict[str, str]:
        """Return the parameters of an authorization request. Raises NotTaken, as Entra shows a page of its own."""
        asked = {name: query.get(name, "") for name in _ASKED}
        if asked["client_id"].lower() != self._client.client_id:
            raise NotTaken(400, "AADSTS700016: there is no such app registration", "client_id")
        if asked["redirect_uri"] != self._client.redirect_uri:
            raise NotTaken(400, "AADSTS50011: the redirect URI is not that of the app registration", "redirect_uri")
        if not _CHALLENGE.fullmatch(asked["code_challenge"]) or not asked["state"] or not asked["nonce"]:
            raise NotTaken(400, "the request needs state, nonce and a code_challenge by S256")
        return asked

    def _choose(self, path: str, asked: Mapping[str, str]) -> Answer:
        people = "\n".join(
            _PERSON.format(key=escape(each.key), name=escape(each.name), part=escape(each.part))
            for each in self._people.values()
        )
        hidden = "\n".join(
            f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in asked.items()
        )
        origin = "/".join(self._client.redirect_uri.split("/")[:3])
        policy = SECURITY["Content-Security-Policy"].replace("form-action 'none'", f"form-action 'self' {origin}")
        headers = {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": policy,
            "Referrer-Policy": "same-origin",  # without any, the form would be sent with an Origin of null
        }
        return Answer(200, headers, _PAGE.format(path=escape(path), asked=hidden, people=people).encode())

    def _chosen(self, form: Mapping[str, str], asked: Mapping[str, str]) -> Answer:
        if not form.get("person"):
            back = {"error": "access_denied", "error_subcode": "cancel", "state": asked["state"]}
            return _redirect(asked["redirect_uri"], back)
        person = self._people.get(form["person"])
        if person is None:
            raise NotTaken(400, "no such person", "person")
        code = secrets.token_urlsafe(48)
        with self._lock:
            self._codes[code] = _Code(person, asked, time.time() + CODE_LIFETIME)
        return _redirect(asked["redirect_uri"], {"code": code, "state": asked["state"]})


def _redirect(back: str, query: Mapping[str, str]) -> Answer:
    return Answer(303, {"Location": f"{back}?{urlencode(query)}"})


def _refused(status: int, error: str, number: int, text: str) -> Answer:
    body = {"error": error, "error_description": f"AADSTS{number}: {text}", "error_codes": [number]}
    return json_answer(status, body)
