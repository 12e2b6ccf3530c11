"""A browser that signs in: its cookies with their paths, its clock, and a provider that answers by pytest-httpx."""

from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import parse_qs, parse_qsl, urlsplit

from pytest_httpx import HTTPXMock

from relay.model.delivery import Delivery, Reply
from relay.pages.sign_in.road import SignIn
from tests.support import entra_tokens
from tests.support.clicks import claims
from tests.support.road import ORIGIN, Road

CLIENT: Final = "0d6c1f3e-2222-4333-8444-555566667777"
SECRET: Final = "s3cret-of-the-registration"
ENTRA: Final = {
    "RELAY_SIGN_IN": "entra",
    "RELAY_ENTRA_SIGN_IN_CLIENT_ID": CLIENT,
    "RELAY_ENTRA_SIGN_IN_CLIENT_SECRET": SECRET,
}
GITHUB: Final = {
    "RELAY_SIGN_IN": "github",
    "RELAY_GITHUB_SIGN_IN_CLIENT_ID": "Iv1.made-up",
    "RELAY_GITHUB_SIGN_IN_CLIENT_SECRET": SECRET,
}
BOTH: Final = ENTRA | GITHUB | {"RELAY_SIGN_IN": "entra,github"}
TOKEN_URL: Final = f"{entra_tokens.AUTHORITY}/{entra_tokens.TENANT}/oauth2/v2.0/token"
REVIEW: Final = "/api/review/" + "a" * 32
EXPIRED = (400, "This sign-in is over")
REFUSED = (400, "The sign-in did not work")


@dataclass
class Visitor:
    """Somebody's browser at the relay."""

    road: Road
    language: str = "en"
    jar: dict[str, tuple[str, str]] = field(default_factory=dict)  # name: value and path

    @property
    def sign_in(self) -> SignIn:
        made = self.road.world.pages().sign_in()
        configured: dict[str, Any] = dict(made.providers)  # dataclasses, which their protocol does not say
        providers = {name: replace(each, clock=self.road.now) for name, each in configured.items()}
        entrance = replace(made.entrance, clock=self.road.now)
        return replace(made, clock=self.road.now, entrance=entrance, providers=providers)

    def start(self, **query: str) -> Reply:
        return self._kept(self.sign_in.start(self._call("/api/sign-in"), query))

    def back(self, **query: str) -> Reply:
        return self._kept(self.sign_in.finish(self._call("/api/sign-in/callback"), query))

    def whoami(self) -> Reply:
        return self._kept(self.sign_in.show(self._call("/api/sign-out")))

    def leave(self, **headers: str) -> Reply:
        given = headers or {"origin": ORIGIN, "sec-fetch-site": "same-origin"}
        return self._kept(self.sign_in.leave(self._call("/api/sign-out", **given)))

    def cookies(self, path: str = "/api/sign-in") -> list[str]:
        return [name for name, (_, where) in self.jar.items() if path.startswith(where)]

    def headers(self, path: str) -> dict[str, str]:
        sent = "; ".join(f"{name}={value}" for name, (value, where) in self.jar.items() if path.startswith(where))
        return {"accept-language": self.language} | ({"cookie": sent} if sent else {})

    def _call(self, path: str, **headers: str) -> Delivery:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return Delivery("", self.headers(path) | given, b"", self.road.now())

    def _kept(self, reply: Reply) -> Reply:
        for cookie in reply.cookies:
            name, _, rest = cookie.partition("=")
            value, *attributes = rest.split("; ")
            assert {"HttpOnly", "SameSite=Lax"} <= set(attributes)
            assert ("Secure" in attributes) == name.startswith("__")
            path = next(each.removeprefix("Path=") for each in attributes if each.startswith("Path="))
            if "Max-Age=0" in attributes:
                self.jar.pop(name, None)
            else:
                self.jar.pop(name, None)
                self.jar[name] = (value, path)
        return reply


def asked(reply: Reply) -> dict[str, str]:
    """Return the parameters that a browser brings to the provider."""
    assert 302 == reply.status, reply.body
    return dict(parse_qsl(urlsplit(reply.headers["Location"]).query))


def id_token(asked: dict[str, str], person: str = "ada", **changes: Any) -> str:
    """Return the ID token of a person for what a browser brought."""
    fresh = {"aud": CLIENT, "nonce": asked["nonce"], "azp": None, "azpacr": None, "scp": None}
    return entra_tokens.token(claims(person, **(fresh | changes)))


def entra_answers(mock: HTTPXMock, token: str) -> None:
    mock.add_response(url=TOKEN_URL, method="POST", json={"token_type": "Bearer", "id_token": token})


def sent(mock: HTTPXMock, url: str) -> list[dict[str, str]]:
    """Return the forms that a token endpoint was sent."""
    return [
        {name: values[0] for name, values in parse_qs(each.content.decode()).items()}
        for each in mock.get_requests(url=url)
    ]


def signed_in(visitor: Visitor, mock: HTTPXMock, person: str = "ada", to: str = REVIEW, **changes: Any) -> Reply:
    """Sign in at Entra from start to end."""
    brought = asked(visitor.start(to=to))
    entra_answers(mock, id_token(brought, person, **changes))
    return visitor.back(code="the-code", state=brought["state"])


def told(reply: Reply) -> tuple[int, str]:
    """Return the status and the heading of a page, and check that it is no step of a loop."""
    assert "Location" not in reply.headers
    assert "Refresh" not in reply.headers
    assert "text/html; charset=utf-8" == reply.headers["Content-Type"]
    return reply.status, reply.body.decode().partition("<h1>")[2].partition("</h1>")[0]
