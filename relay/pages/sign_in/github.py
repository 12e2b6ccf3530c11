"""Sign-in at GitHub, by a GitHub App or an OAuth app.

https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from relay.approval.policy import Policy
from relay.identity.directory import printable_name
from relay.model.people import Actor
from relay.net import client as http_client
from relay.pages.addresses import CALLBACK
from relay.pages.sign_in.attempts import Attempt
from relay.pages.sign_in.provider import OK, Fault
from relay.pages.sign_in.token_call import ask_json
from relay.signed.canonical_json import MAX_INTEGER

_SETUP: Final = ("incorrect_client_credentials", "redirect_uri_mismatch", "application_suspended")
_SERVER_ERROR: Final = 500


@dataclass(frozen=True, slots=True)
class GitHubSignIn:
    """An app of GitHub at `web_url`. A person is their numeric id, and must be in the policy."""

    web_url: str
    api_url: str
    api_version: str
    client_id: str
    secret: str = field(repr=False)
    policy: Policy
    public_url: str
    client: Callable[[], http_client.Client]
    clock: Callable[[], float]
    label: str = "GitHub"

    def authorize_url(self, attempt: Attempt, *, choose: bool) -> str:
        """Return the address where a person signs in. No scope is asked for: the relay only learns who it is."""
        query = {
            "client_id": self.client_id,
            "redirect_uri": self.public_url + CALLBACK,
            "state": attempt.state,
            "allow_signup": "false",
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        choice = {"prompt": "select_account"} if choose else {}
        return f"{self.web_url}/login/oauth/authorize?{urlencode(query | choice)}"

    def person(self, attempt: Attempt, code: str, deadline: float) -> Actor:
        """Exchange a code for the proven person. Raises Fault. The token is used once and forgotten."""
        form = {
            "client_id": self.client_id,
            "client_secret": self.secret,
            "code": code,
            "redirect_uri": self.public_url + CALLBACK,
            "code_verifier": attempt.verifier,
        }
        status, answer = ask_json(
            self.client(),
            f"{self.web_url}/login/oauth/access_token",
            form=form,
            deadline=deadline,
            clock=self.clock,
        )
        token = answer.get("access_token")
        if status != OK or not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise _refused(status, answer)
        return self._proven(token, deadline)

    def _proven(self, token: str, deadline: float) -> Actor:
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token}",
            "X-GitHub-Api-Version": self.api_version,
        }
        status, user = ask_json(
            self.client(), f"{self.api_url}/user", headers=headers, deadline=deadline, clock=self.clock
        )
        number, login, name = user.get("id"), user.get("login"), user.get("name")
        if status != OK or type(number) is not int or not 0 < number <= MAX_INTEGER:
            raise Fault("sign-in-away", f"GitHub answered {status} to the question for the person")
        shown = (printable_name(text) for text in (name, login) if isinstance(text, str))
        person = Actor(f"github:{number}", next(filter(None, shown), "somebody"))
        if self.policy.person(person) is None:
            raise Fault("foreign", "the policy has no person with this github_id")
        return person


def _refused(status: int, answer: Mapping[str, object]) -> Fault:
    error = answer.get("error")  # GitHub answers 200 to a refused code too
    if status >= _SERVER_ERROR:
        return Fault("sign-in-away", f"GitHub answered {status}")
    if error in _SETUP:
        return Fault("sign-in-setup", f"GitHub refused the app: {error}")
    return Fault("sign-in-refused", f"GitHub refused the code ({status})")
