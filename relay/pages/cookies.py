"""Cookies of the pages: the sign-in, a ticket that is kept during it, and the outcome of a press.

Their prefix binds them to this host. A browser takes them over https, and on this machine over http too.
https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

OUTCOME: Final = "__Host-relay-told"
TICKET: Final = "__Host-relay-ticket-"  # and the id of its request: a person may open several at once
TICKET_LIFETIME: Final = 1_800  # seconds since the page was last looked at
MAX_TICKETS: Final = 6  # of 2,000 characters each; a server takes some 16 KiB in all headers, and sessions are long too
_TICKETS: Final = re.compile(f"{TICKET}[a-z2-7]{{32}}")


@dataclass(frozen=True, slots=True)
class Scope:
    """The cookies of one address and path. Over https their prefix binds them to this host."""

    prefix: str
    attributes: str

    @classmethod
    def of(cls, public_url: str, path: str = "/") -> "Scope":
        """Return the scope of a public address. On loopback http, browsers differ about prefix and Secure."""
        if not public_url.startswith("https:"):
            return cls("", f"Path={path}; HttpOnly; SameSite=Lax")
        # __Host- is only for the path /: https://www.rfc-editor.org/rfc/rfc6265#section-4.1.2
        prefix = "__Host-" if path == "/" else "__Secure-"
        return cls(prefix, f"Path={path}; Secure; HttpOnly; SameSite=Lax")

    def name(self, name: str) -> str:
        """Return the whole name of a cookie."""
        return self.prefix + name

    def cookie(self, name: str, value: str, seconds: int) -> str:
        """Return the Set-Cookie value; 0 seconds delete the cookie. The value must need no quotes."""
        return f"{self.name(name)}={value}; Max-Age={seconds}; {self.attributes}"


def read(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the cookies of a request, the first of each name. Header names are in lower case."""
    found: dict[str, str] = {}
    for each in headers.get("cookie", "").split(";"):
        name, _, value = each.strip().partition("=")
        found.setdefault(name, value)
    return found


def oldest_over_limit(held: Mapping[str, str], kept: str) -> str:
    """Return the name of the oldest ticket beside `kept` if there are too many, or an empty text."""
    # a browser sends the oldest first: https://www.rfc-editor.org/rfc/rfc6265#section-5.4
    tickets = [name for name in held if _TICKETS.fullmatch(name)]
    return next(name for name in tickets if name != kept) if len(tickets) > MAX_TICKETS else ""


def set_cookie(name: str, value: str, seconds: int) -> dict[str, str]:
    """Return the header that sets a cookie; 0 seconds delete it, with its value. The value must need no quotes."""
    value = value if seconds else ""  # what a browser sent, unread, may be no text of a header
    return {"Set-Cookie": f"{name}={value}; Max-Age={seconds}; Path=/; Secure; HttpOnly; SameSite=Lax"}
