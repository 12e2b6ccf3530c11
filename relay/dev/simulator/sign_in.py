"""Sign-in at Entra: the page where a person chooses who to be, codes, and ID tokens, by the real protocol.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
"""

import hmac
import re
from collections.abc import Mapping, Sequence
from typing import Final

from relay.dev.simulator.answers import Answer, NotTaken, json_answer
from relay.dev.simulator.choosing import Client, Codes, challenge_of, choose, chosen, person_of, redirect
from relay.dev.simulator.entra import LIFETIME, Entra
from relay.dev.simulator.incoming import Call
from relay.dev.simulator.people import Person

OUTSIDER: Final = Person(
    key="outsider",
    name="An outsider",
    part="of another tenant",
    tenant="c0c0c0c0-0d0d-4e0e-8f0f-0a0a0b0b0c0c",
    object_id="d1d1d1d1-0d0d-4e0e-8f0f-0a0a0b0b0c0c",
)
_PATH: Final = re.compile(r".*/([^/]+)/oauth2/v2\.0/authorize")
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_ASKED: Final = ("client_id", "redirect_uri", "state", "nonce", "code_challenge")


class SignIn:
    """Signs people in for one client."""

    def __init__(self, people: Sequence[Person], entra: Entra, client: Client) -> None:
        self._people = {person.key: person for person in (*people, OUTSIDER)}
        self._entra = entra
        self._client = client
        self._codes = Codes()

    def page(self, call: Call) -> Answer | None:
        """Answer a call to the sign-in page. Return None if the address is another one."""
        if not _PATH.fullmatch(call.path):
            return None
        match call.method:
            case "GET" | "HEAD":
                asked = self._checked(call.query)
                return choose("Entra", call.path, asked, self._people.values(), self._client.redirect_uri)
            case "POST":
                form = chosen(call)
                return self._chosen(form, self._checked(form))
            case _:
                raise NotTaken(404, "There is nothing at this address.")

    def redeem(self, form: Mapping[str, str]) -> Answer:
        """Exchange a code for an ID token, as the token endpoint does."""
        if form.get("client_id", "").lower() != self._client.client_id:
            return _refused(400, "unauthorized_client", 700016, "The app is not in the directory.")
        if not hmac.compare_digest(form.get("client_secret", "").encode(), self._client.secret.encode()):
            return _refused(401, "invalid_client", 7000215, "Invalid client secret provided.")
        found = self._codes.take(form.get("code", ""))
        if found is None:
            return _refused(400, "invalid_grant", 54005, "The code was already redeemed, or is too old.")
        person, asked = found
        fits = challenge_of(form.get("code_verifier", "")) == asked["code_challenge"]
        if not fits or form.get("redirect_uri") != asked["redirect_uri"]:
            return _refused(400, "invalid_grant", 501481, "The code_verifier does not match the code_challenge.")
        token = self._entra.id_token(person, self._client.client_id, asked["nonce"])
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

    def _chosen(self, form: Mapping[str, str], asked: Mapping[str, str]) -> Answer:
        if not form.get("person"):
            back = {"error": "access_denied", "error_subcode": "cancel", "state": asked["state"]}
            return redirect(asked["redirect_uri"], back)
        code = self._codes.give(person_of(self._people, form["person"]), asked)
        return redirect(asked["redirect_uri"], {"code": code, "state": asked["state"]})


def _refused(status: int, error: str, number: int, text: str) -> Answer:
    body = {"error": error, "error_description": f"AADSTS{number}: {text}", "error_codes": [number]}
    return json_answer(status, body)
