"""The page on which a person of the simulator chooses who to be, and the codes that it gives."""

import hashlib
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from threading import Lock
from typing import Final
from urllib.parse import parse_qsl, urlencode

from relay.dev.simulator.answers import SECURITY, Answer, NotTaken
from relay.dev.simulator.incoming import Call
from relay.dev.simulator.people import Person
from relay.signed.canonical_json import base64url

CODE_LIFETIME: Final = 600  # seconds
_MAX_BODY: Final = 8_192  # bytes
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
<p class="note">{provider} asks this. Here you are the person that you choose, while <code>relay dev</code> runs.</p>
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
    """The registration of the relay at a provider of identities."""

    client_id: str
    secret: str = field(repr=False)
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class _Code:
    person: Person
    asked: Mapping[str, str]
    until: float


class Codes:
    """The codes of one provider. Each is good for one use within ten minutes."""

    def __init__(self) -> None:
        self._codes: dict[str, _Code] = {}
        self._lock = Lock()

    def give(self, person: Person, asked: Mapping[str, str]) -> str:
        """Return a new code for a person, as the answer to a request."""
        code = secrets.token_urlsafe(48)
        with self._lock:
            self._codes[code] = _Code(person, asked, time.time() + CODE_LIFETIME)
        return code

    def take(self, code: str) -> tuple[Person, Mapping[str, str]] | None:
        """Return the person and the request of a code, or None if it was used already or is too old."""
        with self._lock:
            found = self._codes.pop(code, None)
        return None if found is None or found.until < time.time() else (found.person, found.asked)


def chosen(call: Call) -> dict[str, str]:
    """Return the fields of a form."""
    return dict(parse_qsl(call.body(_MAX_BODY).decode("utf-8", "replace"), keep_blank_values=True))


def person_of(people: Mapping[str, Person], key: str) -> Person:
    """Return the chosen person. Raises NotTaken if there is none."""
    person = people.get(key)
    if person is None:
        raise NotTaken(400, "no such person", "person")
    return person


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier: https://www.rfc-editor.org/rfc/rfc7636#section-4.2."""
    return base64url(hashlib.sha256(verifier.encode()).digest())


def choose(provider: str, path: str, asked: Mapping[str, str], people: Iterable[Person], redirect_uri: str) -> Answer:
    """Return the page, which posts its form to `path` and then leads to `redirect_uri`."""
    shown = "\n".join(
        _PERSON.format(key=escape(each.key), name=escape(each.name), part=escape(each.part)) for each in people
    )
    hidden = "\n".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in asked.items())
    origin = "/".join(redirect_uri.split("/")[:3])
    policy = SECURITY["Content-Security-Policy"].replace("form-action 'none'", f"form-action 'self' {origin}")
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": policy,
        "Referrer-Policy": "same-origin",  # without any, the form would be sent with an Origin of null
    }
    body = _PAGE.format(provider=provider, path=escape(path), asked=hidden, people=shown)
    return Answer(200, headers, body.encode())


def redirect(back: str, query: Mapping[str, str]) -> Answer:
    """Send the browser back to the relay."""
    return Answer(303, {"Location": f"{back}?{urlencode(query)}"})
