"""Sign-in at GitHub: the page where a person chooses who to be, codes, tokens and the person of a token.

https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
https://docs.github.com/rest/users/users#get-the-authenticated-user
"""

import hmac
import secrets
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Final

from relay.dev.simulator.answers import Answer, NotTaken, json_answer
from relay.dev.simulator.choosing import Client, Codes, challenge_of, choose, chosen, person_of, redirect
from relay.dev.simulator.github_modes import github_error
from relay.dev.simulator.incoming import Call
from relay.dev.simulator.people import Person

PATH: Final = "/simulator/github.com/"  # where RELAY_GITHUB_URL leads
_AUTHORIZE: Final = f"{PATH}login/oauth/authorize"
_TOKEN: Final = f"{PATH}login/oauth/access_token"
_ASKED: Final = ("client_id", "redirect_uri", "state", "code_challenge")
_STRANGER: Final = Person("stranger", "A stranger", "not in the policy", "", "", "octo-stranger", 4_711)


class GitHubSignIn:
    """Signs in the people of the policy that have an account at GitHub, for one client."""

    def __init__(self, people: Sequence[Person], client: Client) -> None:
        self._people = {each.key: each for each in (*people, _STRANGER)}
        self._client = client
        self._codes = Codes()
        self._tokens: dict[str, Person] = {}
        self._lock = Lock()

    def take(self, call: Call) -> Answer:
        """Answer a call below PATH. Raises NotTaken."""
        if call.path == _AUTHORIZE and call.method in {"GET", "HEAD"}:
            asked = self._checked(call.query)
            return choose("GitHub", call.path, asked, self._people.values(), self._client.redirect_uri)
        if call.path == _AUTHORIZE and call.method == "POST":
            form = chosen(call)
            return self._chosen(form, self._checked(form))
        if call.path == _TOKEN and call.method == "POST":
            return self._redeem(chosen(call))
        raise NotTaken(404, "There is nothing at this address: a simulated run has no page.")

    def user(self, call: Call) -> Answer:
        """Answer GET /user of the REST API."""
        scheme, _, given = call.headers.get("authorization", "").partition(" ")
        with self._lock:
            person = self._tokens.get(given) if scheme.lower() == "bearer" else None
        if person is None:
            return github_error(401, "Bad credentials")
        return json_answer(200, {"id": person.github_id, "login": person.github, "name": person.name, "type": "User"})

    def _checked(self, query: Mapping[str, str]) -> dict[str, str]:
        """Return the parameters of an authorization request. Raises NotTaken, as GitHub shows a page of its own."""
        asked = {name: query.get(name, "") for name in _ASKED}
        if asked["client_id"] != self._client.client_id:
            raise NotTaken(404, "there is no such app", "client_id")
        if asked["redirect_uri"] != self._client.redirect_uri:
            raise NotTaken(400, "the redirect_uri is not associated with this application", "redirect_uri")
        if not asked["state"] or not asked["code_challenge"]:
            raise NotTaken(400, "the request needs state and a code_challenge by S256")
        return asked

    def _chosen(self, form: Mapping[str, str], asked: Mapping[str, str]) -> Answer:
        if not form.get("person"):
            return redirect(asked["redirect_uri"], {"error": "access_denied", "state": asked["state"]})
        code = self._codes.give(person_of(self._people, form["person"]), asked)
        return redirect(asked["redirect_uri"], {"code": code, "state": asked["state"]})

    def _redeem(self, form: Mapping[str, str]) -> Answer:
        """Exchange a code for a token. GitHub answers 200 to a refused one too."""
        known = form.get("client_id") == self._client.client_id
        if not known or not hmac.compare_digest(form.get("client_secret", "").encode(), self._client.secret.encode()):
            return json_answer(200, {"error": "incorrect_client_credentials"})
        found = self._codes.take(form.get("code", ""))
        if found is None or challenge_of(form.get("code_verifier", "")) != found[1]["code_challenge"]:
            return json_answer(200, {"error": "bad_verification_code"})
        token = f"ghu_{secrets.token_urlsafe(24)}"
        with self._lock:
            self._tokens[token] = found[0]
        return json_answer(200, {"access_token": token, "token_type": "bearer", "scope": ""})
